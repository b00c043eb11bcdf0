"""Moves: what the customer does with a turn, seen from where the conversation stands."""

from __future__ import annotations

from collections.abc import Mapping

from dialogue import cues, outcries
from dialogue.dates import day_meant
from dialogue.domain import Domain, Flow
from dialogue.evidence import (
    WISH,
    elsewhere,
    foreign,
    is_aside,
    missing,
    plainly,
    same_request,
    says_again,
    short,
    slot_meant,
    slot_named,
    taken_for,
    turns_away,
)
from dialogue.followups import says, worded
from dialogue.kinds import Move, MoveKind
from dialogue.stages import stage_meant
from dialogue.state import OTHER, changes, heard_slots
from dialogue.types import State, Understanding
from dialogue.unprompted import unprompted

PIECE = "digits"
"""Slot of the digits of a number that is not complete, as the NLU reads it."""
SWORN = 0.9
"""Confidence from which words that are no known yes let something irreversible happen."""
YES_NO = ("confirm", "human_agent", "continue", "read_back")
"""What `State.expects` holds after a question that wants yes or no."""


def read_move(domain: Domain, state: State, meaning: Understanding) -> Move:
    """The move `meaning` makes; what was asked last weighs more than the intent posterior."""
    heard = heard_slots(domain, state, meaning)
    flow = domain.flows.get(state.flow or "")
    if not meaning.text.strip():
        return _wordless(state, meaning, flow, heard)
    wanted = cues.wants_language(meaning.text)
    if wanted in domain.languages and "tell.language" in domain.wording:
        return Move(MoveKind.LANGUAGE, wanted, "another language was asked for")
    if taken_for(meaning, "human_agent") and _wants_person(domain, state, meaning):
        return Move(MoveKind.HUMAN, reason="a person was asked for")
    if OTHER in heard:
        first = domain.flows[domain.comparison.flow].intents[0]
        own = meaning.intent in domain.comparison.intents and meaning.intent != "out_of_scope"
        return Move(MoveKind.REQUEST, meaning.intent if own else first, "products are compared")
    flow_asked = worded(domain, meaning.text)
    if flow_asked and "order_id" not in heard and (state.customer or not flow):
        return Move(MoveKind.REQUEST, flow_asked.intents[0], f"asked for {flow_asked.name}")
    move = None
    if state.expects in YES_NO:
        move = _yes_or_no(domain, state, meaning, flow, heard)
    if move is None and flow:
        move = _within(domain, state, meaning, flow, heard)
    move = move or unprompted(domain, state, meaning, heard, flow)
    if move.kind is MoveKind.UNCLEAR and meaning.sightings and flow is None:
        return Move(MoveKind.PICTURE, reason="a picture that says more than the words")
    return move


def _wants_person(domain: Domain, state: State, meaning: Understanding) -> bool:
    """A name or an address that was asked for only sounds like asking for a person: 个人 张三."""
    text, slot = meaning.text, domain.slots.get(state.expects or "")
    values = [s.text for s in meaning.slots if s.name == state.expects and s.text]
    rest = text.replace(values[0], " ") if values else text
    free = slot is not None and (slot.type == "text" or bool(values))
    given = free and (not cues.names_person(rest) or cues.names_firm(text))
    general = says(text, domain.intents["human_agent"].general)
    refused = cues.says_no(text) and (not cues.names_person(text) or cues.says_back(text))
    return not given and not general and not refused


def _wordless(
    state: State, meaning: Understanding, flow: Flow | None, heard: Mapping[str, str]
) -> Move:
    asked = state.expects in heard or state.expects in YES_NO
    if flow and changes(state, flow, heard) and (asked or not meaning.sightings):
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
        if not elsewhere(domain, meaning, flow):
            return Move(MoveKind.INFORM, reason="a value was corrected")
        return None
    if flow and turns_away(domain, meaning, flow):
        return None
    if flow and flow.offer and cues.says_without(text):
        return Move(MoveKind.INFORM, reason="about the offer, which is settled")
    least = SWORN if state.expects == "confirm" else 0.0
    meant = (
        short(meaning, "affirm") and meaning.confidence >= least and not outcries.cries_out(text)
    )
    if cues.says_yes(text) or cues.opens_with_yes(text) or meant:
        return Move(MoveKind.AFFIRM, reason="yes")
    if flow and state.expects == "confirm" and says_again(domain, meaning, flow):
        return Move(MoveKind.AFFIRM, reason="asked whether to do it, they say do it")
    if cues.says_stop(text, domain.drops):
        return Move(MoveKind.DENY, reason="it was dropped")
    wrong = slot_meant(domain, flow, text) if flow else ""
    amends = wrong or not (flow and elsewhere(domain, meaning, flow))
    if flow and amends and cues.says_wrong(text) and state.expects != "read_back":
        return Move(MoveKind.CORRECT, wrong, "something is wrong")
    no = cues.says_no(text) or (short(meaning, "deny") and not cues.is_question(text))
    if no or (state.expects == "read_back" and cues.says_wrong(text)):
        return Move(MoveKind.DENY, reason="no")
    return None


def _within(
    domain: Domain, state: State, meaning: Understanding, flow: Flow, heard: Mapping[str, str]
) -> Move | None:
    text, expects = meaning.text, state.expects or ""
    if cues.says_stop(text, domain.drops) and not turns_away(domain, meaning, flow):
        return Move(MoveKind.CANCEL, reason="the flow was dropped")
    if expects == "reason" and outcries.swears(text) and cues.units(text) < WISH:
        return Move(MoveKind.UNCLEAR, reason="abuse tells no reason")
    if move := _answered(domain, state, meaning, flow, heard):
        return move
    if expects in flow.offer and cues.says_wait(text) and not changes(state, flow, heard):
        return Move(MoveKind.AFFIRM, reason="the offer is taken, in a moment")
    declined = cues.says_no(text) or cues.says_without(text) or short(meaning, "deny")
    if expects in flow.offer and declined and not changes(state, flow, heard):
        return Move(MoveKind.DENY, reason="the offer was declined")
    if cues.says_wrong(text) and (move := _correction(domain, state, meaning, flow, heard)):
        return move
    taken = [n for n in heard if n in flow.takes and plainly(domain, meaning, n)]
    if any(n != expects or not is_aside(domain, meaning, flow, n) for n in taken):
        return Move(MoveKind.INFORM, reason="little but a value of the flow was said")
    if changes(state, flow, heard) and not elsewhere(domain, meaning, flow):
        return Move(MoveKind.INFORM, reason="a value of the flow was given")
    if not meaning.abstained and same_request(domain, meaning.intent, flow):
        return _same(meaning, flow, heard, expects)
    return None


def _same(meaning: Understanding, flow: Flow, heard: Mapping[str, str], expects: str) -> Move:
    """The request once more, or a question about it: 税号要不要 when the email is asked for."""
    asked = expects in flow.slots and expects not in ("order_id", "phone_tail")
    further = asked or expects == "confirm"
    if further and not heard and cues.is_question(meaning.text):
        return Move(MoveKind.QUESTION, meaning.intent, "a question about the request itself")
    return Move(MoveKind.UNCLEAR if expects else MoveKind.INFORM, reason="the same request")


def _answered(
    domain: Domain, state: State, meaning: Understanding, flow: Flow, heard: Mapping[str, str]
) -> Move | None:
    """A plain answer to what was asked, or a number that belongs elsewhere."""
    expects = state.expects or ""
    marked = day_meant(domain, state, meaning.text) or stage_meant(domain, state, meaning.text)
    if expects == "order_id" and state.listed and marked:
        return Move(MoveKind.INFORM, reason="which of their orders, by its day or its state")
    given = expects in heard or (expects == "name" and cues.names_kind(meaning.text))
    if given and not is_aside(domain, meaning, flow, expects):
        return Move(MoveKind.INFORM, reason=f"{expects} was asked for and given")
    if not heard and _lacks(domain, state, meaning.text):
        return Move(MoveKind.LACKS, expects, f"{expects} is not at hand")
    if not heard and expects not in flow.offer and missing(domain, flow, meaning.text) == expects:
        return Move(MoveKind.UNCLEAR, reason=f"{expects} is not at hand")
    if any(slot.name == PIECE for slot in meaning.slots):
        return Move(MoveKind.INFORM, reason=f"a part of {expects}")
    if foreign(domain, meaning, flow, heard):
        return Move(MoveKind.INFORM, reason="an order number that the flow does not take")
    return None


def _lacks(domain: Domain, state: State, text: str) -> bool:
    """Whether what was asked for is said not to be at hand, and where it is was not told yet."""
    spec, key = domain.slots.get(state.expects or ""), f"lacks.{state.expects}"
    told = key in dict(state.asked) or f"tell.{key}" not in domain.wording
    return spec is not None and not told and says(text, spec.lacking)


def _correction(
    domain: Domain, state: State, meaning: Understanding, flow: Flow, heard: Mapping[str, str]
) -> Move | None:
    if changes(state, flow, heard):
        return Move(MoveKind.INFORM, reason="a value was corrected")
    slot = slot_named(domain, flow, meaning.text)
    if slot and not turns_away(domain, meaning, flow):
        return Move(MoveKind.CORRECT, slot, f"{slot} is wrong")
    return None
