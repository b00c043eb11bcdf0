"""Rest: what a conversation has left behind when its customer comes back after a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from dialogue.domain import Domain
from dialogue.policy import tell
from dialogue.state import RESTS, drop, fact, forget, note
from dialogue.types import Act, Decision, State

RESTED = "rested"
"""Fact of a flow that was left under way for longer than a talk lasts."""


def present(domain: Domain, state: State, now: datetime) -> State:
    """`state` as it holds at `now`, which also knows what day that is."""
    today = now.astimezone(domain.people.zone).date().isoformat()
    return replace(woken(domain, state, now), today=today)


def woken(domain: Domain, state: State, now: datetime) -> State:
    """`state` as it holds at `now`: a question that is too old is asked again, a proof given anew.

    What the shop said then may not be so any more, and who answers "yes" after days answers
    something else. A conversation that a person owns is left alone.
    """
    if not state.at or state.owner != "bot":
        return state
    away, rest = now - datetime.fromisoformat(state.at), domain.rest
    if away >= timedelta(minutes=rest.confirm_minutes) and state.flow:
        state = forget(state, *RESTS)
        # A no still is one; a yes only goes on to ask again.
        state = replace(state, expects="continue") if state.expects == "confirm" else state
    if away >= timedelta(hours=rest.verified_hours) and not state.customer:
        state = replace(drop(state, "phone_tail"), verified=())
    if away >= timedelta(hours=rest.talk_hours):
        state = replace(
            state,
            anger=0,
            failures=0,
            asked=(),
            waiting=(),
            said=(),
            told="",
            times=0,
            last="",
            topic="",
            ended="",
            story="",
            listed=(),
        )
        state = note(state, RESTED, now.isoformat()) if state.flow else state
    return state


def resumed(before: State, after: State, decision: Decision) -> State:
    """`after`, which names the request that goes on where it was left for long `before`."""
    on_with_it = decision.act in (Act.ASK, Act.CONFIRM, Act.CHECK, Act.CALL)
    if not fact(before, RESTED) or after.flow != before.flow or not on_with_it:
        return after
    named = tell("resumed", "the customer came back to it")
    return replace(forget(after, RESTED), held=(named, *after.held))
