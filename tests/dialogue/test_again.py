"""What was told twice in a row is not told a third time: an honest word and a person instead."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.again import TIMES, told
from dialogue.domain import Domain
from dialogue.manager import step
from dialogue.pack import load_domain
from dialogue.policy import tell
from dialogue.response.keys import keys_for
from dialogue.types import Act, Decision, Language, State, Understanding

from .conftest import FRESH, Customer, FakeShop

ANSWER = Decision(Act.ANSWER, "freshness_storage", query="how")
OTHER = Decision(Act.ANSWER, "membership_points", query="points")
WORDS = {ANSWER: ("In the fridge.",), OTHER: ("A point for each yuan.",)}


@cache
def _fresh() -> Domain:
    return load_domain(FRESH)


def over(domain: Domain, *decisions: Decision) -> tuple[State, list[Decision]]:
    state, done = State(language="en"), []
    for decision in decisions:
        state, said = told(domain, state, decision, WORDS.get(decision, ("Well.",)))
        done.append(said)
    return state, done


def test_the_third_time_a_person_is_offered_in_other_words(fresh: Domain) -> None:
    state, done = over(fresh, ANSWER, ANSWER, ANSWER)
    assert done[:TIMES] == [ANSWER, ANSWER]
    assert (done[-1].act, done[-1].topic) == (Act.CONFIRM, "human_agent")
    assert keys_for(done[-1], state)[0] == "confirm.human_agent.same"
    assert state.expects == "human_agent"


def test_something_else_in_between_begins_anew(fresh: Domain) -> None:
    _, done = over(fresh, ANSWER, ANSWER, OTHER, ANSWER, ANSWER)
    assert done == [ANSWER, ANSWER, OTHER, ANSWER, ANSWER]


def test_the_same_outcome_in_other_words_is_the_same(fresh: Domain) -> None:
    late = tell("track_order.done", "", order_id="FD2024059", place="6 km away")
    near = tell("track_order.done", "", order_id="FD2024059", place="1 km away")
    assert over(fresh, late, late, late)[1][-1].topic == "human_agent"
    assert over(fresh, late, late, near)[1][-1] is near


def test_small_talk_may_be_said_as_often_as_it_is_asked_for(fresh: Domain) -> None:
    thanks = tell("thanks", "")
    assert over(fresh, *[thanks] * 5)[1] == [thanks] * 5


def test_a_yes_then_gets_a_person_and_a_no_leaves_everything(
    fresh: Domain, language: Language
) -> None:
    state, _ = over(fresh, ANSWER, ANSWER, ANSWER)
    state = replace(state, language=language)
    yes = Understanding("好的" if language == "zh" else "yes please", language, (("affirm", 0.9),))
    assert step(fresh, state, yes)[1].act is Act.HANDOFF
    no = Understanding("不用" if language == "zh" else "no", language, (("deny", 0.9),))
    after, decision = step(fresh, state, no)
    assert (decision.act, decision.topic, after.owner) == (Act.TELL, "deny", "bot")


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([ANSWER, OTHER, tell("stock_check.done.in_stock", "")]), max_size=30)
)
def test_no_answer_is_ever_told_three_times_in_a_row(decisions: list[Decision]) -> None:
    _, done = over(_fresh(), *decisions)
    assert not any(a == b == c for a, b, c in zip(done, done[1:], done[2:], strict=False))


def test_a_refusal_told_again_asks_whether_another_order_is_meant(
    customer: Customer, shop: FakeShop
) -> None:
    shop.refusals["cancel_order"] = ("already_delivered", {"order_id": "FD2024053"})
    customer.knows(order_id="FD2024053")
    customer.state = replace(customer.state, verified=("FD2024053",))
    refused = customer.says("cancel it", "cancel_order")
    customer.state, first = told(customer.domain, customer.state, refused, ("No.",))
    assert first is refused
    refused = customer.says("please cancel it", "cancel_order")
    customer.state, second = told(customer.domain, customer.state, refused, ("No.",))
    assert (second.act, second.topic, customer.state.flow) == (Act.ASK, "order_id", "cancel_order")
    assert customer.state.expects == "order_id"
    why = customer.says("why not")
    assert "why.cancel_order.refused.already_delivered" in [d.topic for d in why.before]
    assert why.topic == "order_id"
    del shop.refusals["cancel_order"]
    customer.state = replace(customer.state, verified=("FD2024053", "FD2024052"))
    assert customer.says("sorry, FD2024052").topic == "cancel_order"


def test_giving_in_before_the_packs_own_yes_is_a_yes(customer: Customer, shop: FakeShop) -> None:
    customer.knows(order_id="FD2024051")
    customer.state = replace(customer.state, verified=("FD2024051",))
    customer.says("我要退款 / refund", "refund_request")
    assert customer.says("没照片 / no photo", "deny").act is Act.CONFIRM
    customer.says("那算了 都退吧", "deny", 0.6)
    assert [action for action, _ in shop.ran] == ["request_refund"]
