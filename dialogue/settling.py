"""Settling: what is finally done in a turn, and what the conversation then waits for."""

from __future__ import annotations

from dataclasses import replace

from dialogue.domain import Domain
from dialogue.policy import Turned, serve, tell
from dialogue.state import QUESTIONS
from dialogue.types import Act, Decision, State

CALLS = 3
"""So often the shop is asked in one turn."""


def settle(domain: Domain, state: State, decision: Decision) -> Turned:
    """What is finally done this turn: waiting requests served, expectation and counters set."""
    held = state.held
    while decision.act in (Act.TELL, Act.ANSWER) and state.flow is None and state.waiting:
        held = (*held, decision)
        (intent, query, said), rest = state.waiting[0], state.waiting[1:]
        before, state = state.topic, replace(state, waiting=rest)
        state, decision = serve(domain, state, intent, query, dict(said))
        state = replace(state, earlier=before)
        turning = _turning_to(query)
        if decision.act in (Act.ASK, Act.CONFIRM) and f"tell.{turning.topic}" in domain.wording:
            held = (*held, turning)
    if decision.act in (Act.CALL, Act.CHECK):
        if state.calls < CALLS:
            return replace(state, calls=state.calls + 1, held=held, expects=None), decision
        decision = Decision(Act.CONFIRM, "continue", flow=state.flow, reason="enough for one turn")
    state = replace(_expecting(state, decision), held=())
    twice = ".refused" in decision.topic
    held = tuple(h for h in held if not (twice and h.topic == decision.topic))
    return state, replace(decision, before=(*held, *decision.before))


def _turning_to(query: str) -> Decision:
    if query:
        return tell("next", "the second thing that was asked for", words=query)
    return tell("resume", "back to the flow that was interrupted")


def _expecting(state: State, decision: Decision) -> State:
    match decision.act:
        case Act.ASK:
            again = 0 if decision.before else 1
            return replace(_counted(state, again, decision.topic), expects=decision.topic)
        case Act.CONFIRM:
            topic = decision.topic.partition(".")[0]
            special = topic in ("human_agent", "continue", "read_back")
            return replace(_counted(state, 1), expects=topic if special else "confirm")
        case Act.REPEAT | Act.SILENT | Act.CHECK | Act.CALL:
            return state
        case Act.TELL | Act.ANSWER | Act.HANDOFF:
            return replace(state, expects=None)


def _counted(state: State, again: int, *topics: str) -> State:
    counts = dict(state.asked)
    for topic in (*topics, QUESTIONS):
        counts[topic] = counts.get(topic, 0) + again
    return replace(state, asked=tuple(counts.items()))
