"""What is asked about, not for; values that belong elsewhere; offers taken later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogue import cues
from dialogue.types import Act, Language, Request, Sighting

from .conftest import Customer

ALONE = {"zh": "FD2024051", "en": "my order is FD2024051"}
CHOOSING = {"zh": "苹果有货吗", "en": "do you have apples"}
HOURS = {"zh": "人工客服几点上班", "en": "what hours are your agents there"}
USUAL = {"zh": "退款一般多久到账", "en": "how long does a refund usually take"}
LATER = {"zh": "好 稍等", "en": "sure, give me a sec"}


def test_an_order_number_given_while_a_product_is_chosen_is_taken(
    customer: Customer, language: Language
) -> None:
    assert customer.says(CHOOSING[language], "stock_check").topic == "product"
    noted = customer.says(ALONE[language])
    assert (noted.act, noted.topic) == (Act.TELL, "what_about")
    assert customer.state.slot("order_id") == "FD2024051"
    assert customer.state.flow is None


def test_asking_when_people_are_there_calls_nobody(customer: Customer, language: Language) -> None:
    decision = customer.says(HOURS[language], "human_agent")
    assert (decision.act, decision.topic) == (Act.ANSWER, "human_agent")
    assert customer.state.owner == "bot"


def test_how_long_refunds_take_is_answered_while_no_order_is_known(
    customer: Customer, language: Language
) -> None:
    decision = customer.says(USUAL[language], "refund_status")
    assert (decision.act, decision.topic) == (Act.ANSWER, "refund_status")


def test_with_an_order_at_hand_it_is_about_that_order(
    customer: Customer, language: Language
) -> None:
    customer.knows(order_id="FD2024051")
    assert customer.says(USUAL[language], "refund_status").topic == "phone_tail"


def test_an_order_number_after_a_question_about_delivery_goes_on_to_that_order(
    customer: Customer, language: Language
) -> None:
    customer.says("多久能送到" if language == "zh" else "when will it come", "delivery_time")
    asked = customer.says(ALONE[language])
    assert (asked.act, asked.topic, customer.state.flow) == (Act.ASK, "phone_tail", "track_order")


def test_how_much_longer_with_an_order_at_hand_asks_whose_it_is(
    customer: Customer, language: Language
) -> None:
    customer.says(ALONE[language])
    later = "还要多久" if language == "zh" else "how long will it take"
    assert customer.says(later, "delivery_time", 0.9).topic == "phone_tail"


def test_thanks_or_goodbye_end_a_search_that_nobody_goes_on_with(
    customer: Customer, language: Language
) -> None:
    for intent in ("thanks", "goodbye"):
        assert customer.says(CHOOSING[language], "stock_check").topic == "product"
        parted = customer.says("谢谢" if language == "zh" else "ok thanks", intent)
        assert (parted.act, parted.topic) == (Act.TELL, intent)
        assert customer.state.flow is None


def test_a_photo_promised_is_waited_for_once(customer: Customer, language: Language) -> None:
    customer.knows(order_id="FD2024051", phone_tail="5678")
    assert customer.says("refund", "refund_request").topic == "photo"
    assert customer.says(LATER[language]).topic == "photo"
    assert customer.says(LATER[language]).topic == "request_refund"


@pytest.mark.parametrize("text", ["订单号是FD2024051", "my order number is FD2024051"])
def test_a_plain_number_is_no_new_request_however_sure_its_intent(
    customer: Customer, text: str
) -> None:
    assert customer.says("发票", "invoice_request").topic == "order_id"
    customer.says(text, "order_status", 0.95)
    assert customer.state.flow == "invoice_request"


def test_a_no_before_a_wish_is_no_plain_no(customer: Customer, language: Language) -> None:
    asked = {"zh": "不是，我想问问香蕉多少钱一斤", "en": "no, the price for bananas please"}
    decision = customer.says(asked[language], "price_promo")
    assert (decision.act, decision.topic) != (Act.TELL, "deny")


def test_praise_that_may_be_scorn_is_not_thanked_for(customer: Customer) -> None:
    assert customer.says("太离谱了吧你们", "praise", 0.66).topic != "praise"
    assert customer.says("你们真好", "praise", 0.95).topic == "praise"


def test_a_bare_number_asks_the_same_of_another_order(
    customer: Customer, language: Language
) -> None:
    customer.knows(order_id="FD2024051", phone_tail="5678")
    customer.says("track", "track_order")
    again = {"zh": "那FD2024052呢", "en": "and FD2024052"}
    decision = customer.says(again[language], "order_status", 0.5)
    assert customer.state.topic == "track_order", decision.topic


@pytest.mark.parametrize(
    ("text", "said"),
    [("Tom Okafor please", "Tom Okafor"), ("李雪吧", "李雪"), ("please", "please")],
)
def test_courtesy_is_no_part_of_a_name(text: str, said: str) -> None:
    assert cues.without_courtesy(text) == said


@pytest.mark.parametrize(
    ("text", "intent"),
    [("我没有订单号啊", "cancel_order"), ("i don't have the order number", "cancel_order")],
)
def test_not_having_the_number_is_no_other_request(
    customer: Customer, text: str, intent: str
) -> None:
    customer.says("track", "track_order")
    told = customer.says(text, intent, 0.9)
    assert (told.topic, told.before[0].topic) == ("order_id", "lacks.order_id")
    again = customer.says(text, intent, 0.9)
    assert (again.topic, again.before) == ("order_id", ())
    assert customer.state.flow == "track_order"
    assert dict(customer.state.asked)["order_id"] == 2


def test_an_order_number_with_a_product_of_several_kinds_is_about_the_order(
    customer: Customer, language: Language
) -> None:
    said = {"zh": "FD2024053 牛奶", "en": "FD2024053 milk"}
    assert customer.says(said[language], "out_of_scope", 0.3).topic == "what_about"


def test_what_if_not_is_about_what_was_spoken_of(customer: Customer, language: Language) -> None:
    customer.says(USUAL[language], "refund_status")
    asked = {"zh": "那要是不到呢", "en": "and if not?"}
    decision = customer.says(asked[language], "deny", 0.91)
    assert decision.act is Act.ANSWER
    assert dict(decision.arguments)["within"] == "refund_status"


@pytest.mark.parametrize(
    ("text", "called"),
    [("no more bots, human please", True), ("no, I don't need a person", False)],
)
def test_a_no_to_the_bot_is_no_no_to_a_person(customer: Customer, text: str, called: bool) -> None:
    decision = customer.says(text, "human_agent", 0.99)
    assert (decision.act is Act.HANDOFF) is called


def test_a_flow_is_not_left_for_what_is_hardly_meant(
    customer: Customer, language: Language
) -> None:
    customer.says("invoice", "invoice_request")
    customer.says({"zh": "这没用", "en": "this isn't helping"}[language], "wrong_item", 0.63)
    assert customer.state.flow == "invoice_request"


def test_a_recording_without_words_is_said_to_be_unheard_and_the_question_stays(
    customer: Customer, language: Language
) -> None:
    assert dict(customer.says("").arguments)["because"] == "unheard"
    customer.says(ALONE[language])
    customer.says("到哪了" if language == "zh" else "where is it", "track_order")
    asked = customer.says("")
    assert (asked.act, asked.topic) == (Act.ASK, "phone_tail")
    assert [dict(said.arguments)["because"] for said in asked.before] == ["unheard"]


def test_a_photo_in_which_nothing_can_be_seen_is_no_evidence(
    customer: Customer, language: Language
) -> None:
    dark = (Sighting(0, fault="dark"),)
    customer.knows(order_id="FD2024051", phone_tail="1234")
    assert dict(customer.says("", sightings=dark).arguments)["because"] == "dark"
    customer.says("牛奶漏了" if language == "zh" else "the milk leaks", "damaged_item")
    assert customer.state.expects == "photo"
    asked = customer.says("", sightings=dark)
    assert (asked.act, asked.topic) == (Act.ASK, "photo")
    assert not customer.state.slot("photo")
    words = "拍不到" if language == "zh" else "I can't take another one"
    declined = customer.says(words, "exchange_item")
    assert declined.act is Act.CONFIRM


def test_a_question_where_a_name_was_asked_for_is_no_name(
    customer: Customer, language: Language
) -> None:
    customer.says("发票", "invoice_request")
    customer.knows(order_id="FD2024051", phone_tail="1234")
    customer.says("FD2024051")
    asked = "几天内能退货？" if language == "zh" else "how many days do i have to return things"
    again = customer.says(asked, "return_policy")
    assert (again.act, again.topic) == (Act.ASK, "name")
    assert [said.topic for said in again.before] == ["return_policy"]
    assert not customer.state.slot("name")


def test_a_name_said_to_be_wrong_is_asked_for_again(customer: Customer, language: Language) -> None:
    customer.knows(order_id="FD2024051", phone_tail="1234")
    customer.says("发票", "invoice_request")
    customer.says("李雪" if language == "zh" else "Li Xue")
    assert customer.says("a@b.cn").act is Act.CONFIRM
    words = {
        "zh": "名字写错了，应该是枫叶工作室",
        "en": "the name is wrong, it should be Maple Studio",
    }
    asked = customer.says(words[language], "change_address", 0.99)
    assert (asked.act, asked.topic) == (Act.ASK, "name")


def test_no_before_a_question_is_no_plain_no(customer: Customer, language: Language) -> None:
    words = "不是，吃坏肚子了怎么办" if language == "zh" else "no, what if it made me ill?"
    assert customer.says(words, "complaint", 0.58).topic != "deny"


def test_a_second_request_tells_itself_what_happened(
    customer: Customer, language: Language
) -> None:
    words = "早就该到了" if language == "zh" else "he was supposed to be here ages ago"
    customer.knows(order_id="FD2024051")
    customer.state = replace(customer.state, verified=("FD2024051",))
    told = customer.says(words, "track_order", also=(Request("delivery_problem", words),))
    assert [d.topic for d in (*told.before, told)][-1].startswith("report_delivery_problem")


@pytest.mark.parametrize("text", ["what do you sell", "你们店里都卖些什么"])
def test_what_there_is_at_all_is_a_question_for_the_articles(customer: Customer, text: str) -> None:
    assert customer.says(text, "product_info").act is Act.ANSWER


@pytest.mark.parametrize("text", ["how do coupons work", "does it stack with FRUIT5", "能叠加用吗"])
def test_how_coupons_work_needs_no_code(customer: Customer, text: str) -> None:
    assert customer.says(text, "coupon_problem").act is Act.ANSWER
