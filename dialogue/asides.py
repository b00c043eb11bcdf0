"""Asides: what is said beside a flow, and to words whose intent is not sure."""

from __future__ import annotations

from dataclasses import replace

from dialogue import cues
from dialogue.domain import Domain
from dialogue.followups import gone_on, guesses, leant_on, may_be_known
from dialogue.kinds import Move, MoveKind
from dialogue.moves import YES_NO
from dialogue.policy import BRIEF, Turned, decide, hand_off, not_sold, offer_person, tell
from dialogue.state import fill, heard_slots, leave
from dialogue.types import Act, Decision, State, Understanding

FAILURES = 3
"""Turns in a row not understood before a person is offered."""
ASIDES = 2
"""Other questions in a row after which a flow's own question is not put again."""


def with_flow(domain: Domain, state: State, first: Decision) -> Turned:
    """`first`, then back to the question of the flow, if one is under way and still wanted."""
    if state.flow is None:
        return replace(state, expects=None), first
    asides = dict(state.asked).get("aside", 0) + 1
    if asides > ASIDES and state.expects not in YES_NO:
        return leave(domain, state), first
    state = replace(state, asked=tuple({**dict(state.asked), "aside": asides}.items()))
    following = decide(domain, state)
    if following.act in (Act.CALL, Act.CHECK):
        return replace(state, held=(*state.held, first)), following
    return state, replace(following, before=(first,))


def skip_offer(domain: Domain, state: State) -> State:
    """`state` with what was offered taken as declined when the turn did not bring it."""
    flow = domain.flows[state.flow or ""]
    if state.expects in flow.offer and not state.slot(state.expects or ""):
        return state.with_slot(state.expects or "", "declined")
    return state


def missed(domain: Domain, state: State, move: Move, meaning: Understanding) -> Turned:
    """Words that were not understood: asked again in a flow, else searched for or guessed at."""
    if state.flow is None:
        heard = heard_slots(domain, state, meaning)
        state = fill(state, None, domain, heard)
        if heard.get("product") in domain.unsold and cues.units(meaning.text) <= BRIEF + 1:
            return not_sold(state, heard["product"])
    flow = domain.flows.get(state.flow or "")
    if state.failures >= FAILURES and state.expects != "human_agent":
        return replace(state, failures=0), offer_person(state, "three turns were not understood")
    if not meaning.text.strip():
        return with_flow(domain, state, tell("unclear", move.reason, because="unheard"))
    if state.expects == "human_agent":
        return hand_off(domain, state, "failure")
    if flow and move.kind is MoveKind.UNCLEAR and state.expects:
        state = skip_offer(domain, state)
        return state, decide(domain, state)
    said = _unsure(domain, state, move, meaning)
    if said.act is Act.ANSWER:
        # What may have been answered is no failure yet.
        state = replace(state, failures=state.failures - 1)
    return with_flow(domain, state, said)


def _unsure(domain: Domain, state: State, move: Move, meaning: Understanding) -> Decision:
    """What is said to words without a sure intent: an article they may mean, guesses, or sorry."""
    topic = "out_of_scope" if move.kind is MoveKind.OUTSIDE else "unclear"
    values = {"guesses": guesses(domain, meaning)} if topic == "unclear" else {}
    about = leant_on(domain, state, meaning)
    naming = gone_on(domain, state, meaning)
    if state.flow or not (about or naming or may_be_known(meaning)):
        return tell(topic, move.reason, **values)
    found = tuple(
        {
            **values,
            "within": state.topic if naming else about,
            "naming": naming,
            "unsure": True,
        }.items()
    )
    return Decision(Act.ANSWER, topic, found, reason=move.reason, query=meaning.text)
