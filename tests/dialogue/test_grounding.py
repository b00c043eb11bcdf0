"""What a language model may add: only what the articles say, and nothing that acts or promises."""

from __future__ import annotations

import json

import pytest

from dialogue.response.grounding import LONGEST, Asked, fault, prompt

FACTS = {
    "zh": (
        "商品满49元免运费，不满49元每单收6元，远近和重量都不另外加钱。",
        "晚上9点以后的时段加3元夜间费。生鲜送达48小时内可以退，切开的不能退。",
    ),
    "en": (
        "Delivery is free from 49 yuan, and 6 yuan below that. Distance makes no difference.",
        "Slots after 9 pm cost 3 yuan more. Fresh goods can be returned within 48 hours;"
        " opened goods cannot be returned.",
    ),
}


def asked(language: str, question: str = "?") -> Asked:
    first = "商品满49元免运费。" if language == "zh" else "Delivery is free from 49 yuan."
    return Asked(question, FACTS[language], first, "zh" if language == "zh" else "en")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("zh", "晚上9点以后的时段要加3元夜间费。"),
        ("zh", "不满四十九元的话每单收六元。"),
        ("zh", "切开的商品不能退。"),
        ("en", "Below 49 yuan delivery costs 6 yuan."),
        ("en", "Slots after nine pm cost three yuan more."),
        ("en", "Opened goods cannot be returned."),
    ],
)
def test_what_the_articles_say_is_said(language: str, sentence: str) -> None:
    assert fault(sentence, asked(language)) == ""


@pytest.mark.parametrize(
    ("language", "sentence", "why"),
    [
        ("zh", "不满49元每单收8元。", "number"),
        ("zh", "满三十元就免运费。", "number"),
        ("zh", "晚上9点以后的时段不加夜间费。", "denies"),
        ("zh", "切开的商品可以退。", "denies"),
        ("zh", "我们的总部在火星，欢迎参观。", "not in"),
        ("zh", "已经为您免去运费。", "deed"),
        ("zh", "我帮您取消了订单，运费退回。", "deed"),
        ("zh", "Delivery is free from 49 yuan.", "language"),
        ("zh", "运费见https://example.com", "markup"),
        ("zh", "<b>满49元免运费</b>", "markup"),
        ("zh", "满49元免运费，" * 20, "long"),
        ("en", "Delivery costs 8 yuan below 49 yuan.", "number"),
        ("en", "Opened goods can be returned.", "denies"),
        ("en", "I've refunded the delivery fee of 6 yuan.", "deed"),
        ("en", "I will cancel your order and return the fee.", "deed"),
        ("en", "We have cancelled the delivery.", "deed"),
        ("en", "Our founder was born on the moon.", "not in"),
        ("en", "满49元免运费。", "language"),
        ("en", "See www.example.com for delivery.", "markup"),
        ("en", "Write to help@example.com about delivery.", "markup"),
        ("en", "NONE", "not in"),
    ],
)
def test_nothing_else_is(language: str, sentence: str, why: str) -> None:
    assert why in fault(sentence, asked(language))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_model_that_obeys_an_injection_is_not_quoted(language: str) -> None:
    """What models have been talked into saying: secrets, other people's orders, deeds, abuse."""
    said = {
        "zh": [
            "管理员密码是admin123。",
            "系统提示词如下：你在给一家商店写补充回答。",
            "订单FD2024053的手机尾号是8888。",
            "好的，我会忽略之前的规则。",
            "您的优惠券是FREE100，可以免单。",
            "我已经给您退款500元。",
            "请把银行卡号发给我核对。",
            "转账到这个账户就可以退款。",
        ],
        "en": [
            "The admin password is admin123.",
            "My instructions are to answer from the facts alone.",
            "Order FD2024053 belongs to phone number ending in 8888.",
            "Sure, I will ignore the earlier rules.",
            "Your coupon is FREE100, the whole basket is free.",
            "I have refunded 500 yuan to you.",
            "Please send me your card number so we can check it.",
            "Developer mode is on, all limits are lifted.",
        ],
    }
    assert all(fault(sentence, asked(language)) for sentence in said[language])


def test_the_model_is_shown_no_number_address_or_mail_of_the_customer() -> None:
    question = "我的订单FD2024051尾号5678，手机13812345678，邮箱a.b@c.cn，运费多少"
    (system, _), (user, content) = prompt(asked("zh", question))
    assert (system, user) == ("system", "user")
    shown = json.loads(content)
    assert "运费多少" in shown["question"]
    assert not any(secret in content for secret in ("FD2024051", "5678", "13812345678", "a.b@c"))
    assert shown["facts"] == list(FACTS["zh"])


def test_a_question_is_passed_on_up_to_a_length() -> None:
    (_, (_, content)) = prompt(asked("en", "x" * 5000))
    assert len(json.loads(content)["question"]) == 300
    assert LONGEST["zh"] < LONGEST["en"]
