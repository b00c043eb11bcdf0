"""What holds no longer when a customer comes back after minutes, hours or days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dialogue.domain import Domain, Rest
from dialogue.rest import woken
from dialogue.types import State

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
CANCELLING = State(
    at=NOON.isoformat(),
    flow="cancel_order",
    expects="confirm",
    slots=(("order_id", "FD2024052"), ("phone_tail", "1234")),
    verified=("FD2024052",),
    facts=(("checked", {"ok": True}), ("tries_left", 3)),
    asked=(("phone_tail", 1),),
    anger=2,
    listed=("FD2024052",),
    said=("Shall I?",),
    topic="cancel_order",
)


def after(domain: Domain, state: State = CANCELLING, **gone: float) -> State:
    return woken(domain, state, NOON + timedelta(**gone))


def test_within_half_an_hour_nothing_changes(fresh: Domain) -> None:
    assert after(fresh, minutes=29) == CANCELLING


def test_then_a_yes_is_asked_for_again_and_the_shop_too(fresh: Domain) -> None:
    state = after(fresh, minutes=30)
    assert state.expects == "continue"
    assert dict(state.facts) == {"tries_left": 3}
    assert replace(state, expects="confirm", facts=CANCELLING.facts) == CANCELLING
    address = replace(CANCELLING, expects="address")
    assert after(fresh, address, minutes=30).expects == "address"


def test_after_hours_mood_and_talk_are_forgotten_and_the_request_is_not(fresh: Domain) -> None:
    state = after(fresh, hours=8)
    assert (state.anger, state.said, state.topic, state.listed, state.asked) == (0, (), "", (), ())
    assert (state.flow, state.slot("order_id")) == ("cancel_order", "FD2024052")
    assert state.verified == ("FD2024052",)


def test_after_a_day_an_order_is_proved_anew_unless_the_host_vouches(fresh: Domain) -> None:
    state = after(fresh, hours=24)
    assert state.verified == ()
    assert state.slot("phone_tail") is None
    vouched = replace(CANCELLING, customer="C002")
    assert after(fresh, vouched, hours=24).verified == ("FD2024052",)


def test_what_a_person_owns_or_nobody_has_answered_yet_is_left_alone(fresh: Domain) -> None:
    theirs = replace(CANCELLING, owner="operator")
    assert after(fresh, theirs, days=9) == theirs
    new = State(flow="cancel_order", expects="confirm")
    assert after(fresh, new, days=9) == new


def test_a_pack_says_how_long(fresh: Domain) -> None:
    patient = replace(fresh, rest=Rest(confirm_minutes=60))
    assert after(patient, minutes=59) == CANCELLING
