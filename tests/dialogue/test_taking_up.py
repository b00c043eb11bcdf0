"""Who is told how something works may have it done in a word."""

from __future__ import annotations

import pytest

from dialogue.reasons import has_done
from dialogue.types import Act
from tests.dialogue.conftest import Customer


@pytest.mark.parametrize(
    "text",
    [
        "帮我开",
        "好的，帮我改一下",
        "那办吧",
        "go ahead",
        "ok please do that",
        "can you do it for me?",
    ],
)
def test_words_that_have_it_done(text: str) -> None:
    assert has_done(text)


@pytest.mark.parametrize(
    "text",
    [
        *("好的", "谢谢", "怎么帮我改", "不用帮我办", "ok", "how do i do that"),
        *("don't do that", "what if i change it", "i won't go ahead"),
        "i would like you to go ahead and tell me first of all what it is that i pay for this",
    ],
)
def test_words_that_have_nothing_done(text: str) -> None:
    assert not has_done(text)


@pytest.mark.parametrize("language", ["zh"], indirect=True)
def test_an_order_number_after_the_rule_begins_what_the_rule_was_about(customer: Customer) -> None:
    told = customer.says("付款后还能取消吗", "cancel_order")
    assert told.act is Act.ANSWER
    asked = customer.says("FD2024056", "order_status", 0.74)
    assert (asked.act, customer.state.flow) == (Act.ASK, "cancel_order")


@pytest.mark.parametrize("language", ["zh"], indirect=True)
def test_another_sure_request_is_not_what_was_told_of(customer: Customer) -> None:
    customer.says("付款后还能取消吗", "cancel_order")
    customer.says("帮我开发票", "invoice_request", 0.97)
    assert customer.state.flow == "invoice_request"
