"""Moves: what the customer does with a turn, seen from where the conversation stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dialogue import cues
from dialogue.domain import Domain, Flow
from dialogue.state import changes, heard_slots
from dialogue.types import State, Understanding

SURE = 0.8
"""Confidence at which another request wins over the slot that was asked for."""
YES_NO = ("confirm", "human_agent", "continue")
"""What `State.expects` holds after a question that wants yes or no."""


class MoveKind(StrEnum):
    """What a turn does to the conversation."""

    INFORM = "inform"
    AFFIRM = "affirm"
    DENY = "deny"
    CANCEL = "cancel"
    CORRECT = "correct"
    REQUEST = "request"
    HUMAN = "human"
    REPEAT = "repeat"
    PICTURE = "picture"
    OUTSIDE = "outside"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Move:
    """One turn as an act."""

    kind: MoveKind
    topic: str = ""
    """The intent asked for (REQUEST) or the slot that was wrong (CORRECT)."""
    reason: str = ""


def read_move(domain: Domain, state: State, meaning: Understanding) -> Move:
    """The move `meaning` makes; what was asked last weighs more than the intent posterior."""
    heard = heard_slots(domain, meaning)
    flow = domain.flows.get(state.flow or "")
    if not meaning.text.strip():
        return _wordless(state, meaning, flow, heard)
    if _sure(meaning, "human_agent") and not cues.says_no(meaning.text):
        return Move(MoveKind.HUMAN, reason="a person was asked for")
    move = None
    if state.expects in YES_NO:
        move = _yes_or_no(domain, state, meaning, flow, heard)
    if move is None and flow:
        move = _within(domain, state, meaning, flow, heard)
    return move or _by_intent(meaning, heard, flow)


def _wordless(
    state: State, meaning: Understanding, flow: Flow | None, heard: Mapping[str, str]
) -> Move:
    if flow and changes(state, flow, heard):
        return Move(MoveKind.INFORM, reason="a picture filled a slot")
    if meaning.sightings:
        return Move(MoveKind.PICTURE, reason="a picture without words")
    return Move(MoveKind.UNCLEAR, reason="nothing was said")


def _yes_or_no(
    domain: Domain,
    state: State,
    meaning: Understanding,
    flow: Flow | None,
    heard: Mapping[str, str],
) -> Move | None:
    text = meaning.text
    if flow and changes(state, flow, heard):
        if not _elsewhere(domain, meaning, flow):
            return Move(MoveKind.INFORM, reason="a value was corrected")
        return None
    if cues.says_yes(text) or cues.opens_with_yes(text) or _short(meaning, "affirm"):
        return Move(MoveKind.AFFIRM, reason="yes")
    if flow and cues.says_wrong(text):
        return Move(MoveKind.CORRECT, _named(domain, flow, text), "something is wrong")
    if cues.says_no(text) or cues.says_stop(text) or _short(meaning, "deny"):
        return Move(MoveKind.DENY, reason="no")
    return None


def _within(
    domain: Domain, state: State, meaning: Understanding, flow: Flow, heard: Mapping[str, str]
) -> Move | None:
    text, expects = meaning.text, state.expects or ""
    if cues.says_stop(text):
        return Move(MoveKind.CANCEL, reason="the flow was dropped")
    if expects in heard and not _aside(domain, meaning, flow, expects):
        return Move(MoveKind.INFORM, reason=f"{expects} was asked for and given")
    if expects in flow.offer and (cues.says_no(text) or _short(meaning, "deny")):
        return Move(MoveKind.DENY, reason="the offer was declined")
    if cues.says_wrong(text):
        if changes(state, flow, heard):
            return Move(MoveKind.INFORM, reason="a value was corrected")
        if slot := _named(domain, flow, text):
            return Move(MoveKind.CORRECT, slot, f"{slot} is wrong")
    if changes(state, flow, heard) and not _elsewhere(domain, meaning, flow):
        return Move(MoveKind.INFORM, reason="a value of the flow was given")
    if not meaning.abstained and meaning.intent in flow.intents:
        return Move(MoveKind.UNCLEAR if expects else MoveKind.INFORM, reason="the same request")
    return None


def _by_intent(meaning: Understanding, heard: Mapping[str, str], flow: Flow | None) -> Move:
    outside = meaning.abstained or meaning.intent == "out_of_scope"
    if flow is None and outside and any(_covers(meaning, name) for name in heard):
        return Move(MoveKind.INFORM, reason="a value without a request")
    if meaning.abstained:
        return Move(MoveKind.UNCLEAR, reason=f"unsure ({meaning.confidence:.2f})")
    match meaning.intent:
        case "repeat":
            return Move(MoveKind.REPEAT, reason="asked to repeat")
        case "out_of_scope":
            return Move(MoveKind.OUTSIDE, reason="outside what is done here")
        case "affirm" | "deny" if flow is not None:
            return Move(MoveKind.UNCLEAR, reason="yes or no was not the question")
        case intent:
            return Move(MoveKind.REQUEST, intent, f"intent {intent}")


def _aside(domain: Domain, meaning: Understanding, flow: Flow, expects: str) -> bool:
    """Whether the turn asks for something else although the expected slot can be read in it."""
    if meaning.intent in flow.intents or meaning.abstained:
        return False
    if domain.slots[expects].type == "text":
        return meaning.intent != "out_of_scope" and cues.is_question(meaning.text)
    return _elsewhere(domain, meaning, flow) and not _covers(meaning, expects)


def _elsewhere(domain: Domain, meaning: Understanding, flow: Flow) -> bool:
    """Whether the turn surely asks for something that is not this flow."""
    if meaning.abstained or meaning.confidence < SURE or meaning.intent in flow.intents:
        return False
    if meaning.intent in ("affirm", "deny", "out_of_scope", "greet", "thanks"):
        return False
    other = domain.flow_of(meaning.intent)
    return other is None or other.action != flow.action


def _covers(meaning: Understanding, name: str) -> bool:
    said = sum(cues.units(slot.text) for slot in meaning.slots if slot.name == name)
    return said * 2 >= cues.units(meaning.text)


def _named(domain: Domain, flow: Flow, text: str) -> str:
    lower = text.lower()
    for name in flow.takes:
        if any(noun in lower for noun in domain.slots[name].nouns):
            return name
    return ""


def _sure(meaning: Understanding, intent: str) -> bool:
    return not meaning.abstained and meaning.intent == intent


def _short(meaning: Understanding, intent: str) -> bool:
    return _sure(meaning, intent) and cues.units(meaning.text) <= 6
