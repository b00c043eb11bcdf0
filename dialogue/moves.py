"""Moves: what the customer does with a turn, seen from where the conversation stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dialogue import cues
from dialogue.domain import Domain, Flow
from dialogue.evidence import (
    WISH,
    asked,
    elsewhere,
    foreign,
    is_aside,
    missing,
    plainly,
    requests,
    short,
    slot_named,
    taken_for,
    torn,
    turns_away,
    wishes,
)
from dialogue.followups import SURE, continued, says
from dialogue.state import OTHER, changes, heard_slots, upset
from dialogue.types import State, Understanding

PIECE = "digits"
"""Slot of the digits of a number that is not complete, as the NLU reads it."""
SMALL_TALK = 0.6
"""Confidence below which nobody is said goodbye or you're welcome to."""
SWORN = 0.9
"""Confidence from which words that are no known yes let something irreversible happen."""
CERTAIN = 0.8
"""Confidence from which a request in place of a yes is one."""
SWITCH = 0.7
"""Confidence below which the flow under way is not left for another one."""
YES_NO = ("confirm", "human_agent", "continue", "read_back")
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
    LANGUAGE = "language"
    OUTSIDE = "outside"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Move:
    """One turn as an act."""

    kind: MoveKind
    topic: str = ""
    """The intent (REQUEST), the slot that was wrong (CORRECT), the language (LANGUAGE)."""
    reason: str = ""


def read_move(domain: Domain, state: State, meaning: Understanding) -> Move:
    """The move `meaning` makes; what was asked last weighs more than the intent posterior."""
    heard = heard_slots(domain, state, meaning)
    flow = domain.flows.get(state.flow or "")
    if not meaning.text.strip():
        return _wordless(state, meaning, flow, heard)
    wanted = cues.wants_language(meaning.text)
    if wanted in domain.languages and "tell.language" in domain.wording:
        return Move(MoveKind.LANGUAGE, wanted, "another language was asked for")
    if taken_for(meaning, "human_agent") and _wants_person(domain, state, meaning.text):
        return Move(MoveKind.HUMAN, reason="a person was asked for")
    if OTHER in heard:
        intent = domain.flows[domain.comparison.flow].intents[0]
        return Move(MoveKind.REQUEST, intent, "two products are compared")
    move = None
    if state.expects in YES_NO:
        move = _yes_or_no(domain, state, meaning, flow, heard)
    if move is None and flow:
        move = _within(domain, state, meaning, flow, heard)
    move = move or _by_intent(domain, state, meaning, heard, flow)
    if move.kind is MoveKind.UNCLEAR and meaning.sightings and flow is None:
        return Move(MoveKind.PICTURE, reason="a picture that says more than the words")
    return move


def _wants_person(domain: Domain, state: State, text: str) -> bool:
    """A name or an address that was asked for only sounds like asking for a person: 个人 张三."""
    slot = domain.slots.get(state.expects or "")
    given = slot is not None and slot.type == "text" and not cues.names_person(text)
    general = says(text, domain.intents["human_agent"].general)
    refused = cues.says_no(text) and (not cues.names_person(text) or cues.says_back(text))
    return not given and not general and not refused


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
        if not elsewhere(domain, meaning, flow):
            return Move(MoveKind.INFORM, reason="a value was corrected")
        return None
    if flow and turns_away(domain, meaning, flow):
        return None
    if flow and flow.offer and cues.says_without(text):
        return Move(MoveKind.INFORM, reason="about the offer, which is settled")
    least = SWORN if state.expects == "confirm" else 0.0
    meant = short(meaning, "affirm") and meaning.confidence >= least and not cues.cries_out(text)
    if cues.says_yes(text) or cues.opens_with_yes(text) or meant:
        return Move(MoveKind.AFFIRM, reason="yes")
    if flow and state.expects == "confirm" and _says_again(meaning, flow):
        return Move(MoveKind.AFFIRM, reason="asked whether to do it, they say do it")
    if cues.says_stop(text):
        return Move(MoveKind.DENY, reason="it was dropped")
    if flow and cues.says_wrong(text) and state.expects != "read_back":
        return Move(MoveKind.CORRECT, slot_named(domain, flow, text), "something is wrong")
    no = cues.says_no(text) or short(meaning, "deny")
    if no or (state.expects == "read_back" and cues.says_wrong(text)):
        return Move(MoveKind.DENY, reason="no")
    return None


def _within(
    domain: Domain, state: State, meaning: Understanding, flow: Flow, heard: Mapping[str, str]
) -> Move | None:
    text, expects = meaning.text, state.expects or ""
    if cues.says_stop(text) and not turns_away(domain, meaning, flow):
        return Move(MoveKind.CANCEL, reason="the flow was dropped")
    if expects == "reason" and cues.swears(text) and cues.units(text) < WISH:
        return Move(MoveKind.UNCLEAR, reason="abuse tells no reason")
    if move := _answered(domain, meaning, flow, heard, expects):
        return move
    if expects in flow.offer and cues.says_wait(text) and not changes(state, flow, heard):
        return Move(MoveKind.AFFIRM, reason="the offer is taken, in a moment")
    declined = cues.says_no(text) or cues.says_without(text) or short(meaning, "deny")
    if expects in flow.offer and declined and not changes(state, flow, heard):
        return Move(MoveKind.DENY, reason="the offer was declined")
    if cues.says_wrong(text) and (move := _correction(domain, state, meaning, flow, heard)):
        return move
    if any(name in flow.takes and plainly(domain, meaning, name) for name in heard):
        return Move(MoveKind.INFORM, reason="little but a value of the flow was said")
    if changes(state, flow, heard) and not elsewhere(domain, meaning, flow):
        return Move(MoveKind.INFORM, reason="a value of the flow was given")
    if not meaning.abstained and _same_request(domain, meaning.intent, flow):
        return Move(MoveKind.UNCLEAR if expects else MoveKind.INFORM, reason="the same request")
    return None


def _same_request(domain: Domain, intent: str, flow: Flow) -> bool:
    """Whether `intent` is this flow's, or wants the same with less: 要退款 of what is damaged."""
    other = domain.flow_of(intent)
    general = (
        other is not None and other.action == flow.action and set(other.slots) < set(flow.slots)
    )
    return intent in flow.intents or general


def _answered(
    domain: Domain, meaning: Understanding, flow: Flow, heard: Mapping[str, str], expects: str
) -> Move | None:
    """A plain answer to what was asked, or a number that belongs elsewhere."""
    given = expects in heard or (expects == "name" and cues.names_kind(meaning.text))
    if given and not is_aside(domain, meaning, flow, expects):
        return Move(MoveKind.INFORM, reason=f"{expects} was asked for and given")
    if not heard and expects not in flow.offer and missing(domain, flow, meaning.text) == expects:
        return Move(MoveKind.UNCLEAR, reason=f"{expects} is not at hand")
    if any(slot.name == PIECE for slot in meaning.slots):
        return Move(MoveKind.INFORM, reason=f"a part of {expects}")
    if foreign(domain, meaning, flow, heard):
        return Move(MoveKind.INFORM, reason="an order number that the flow does not take")
    return None


def _correction(
    domain: Domain, state: State, meaning: Understanding, flow: Flow, heard: Mapping[str, str]
) -> Move | None:
    if changes(state, flow, heard):
        return Move(MoveKind.INFORM, reason="a value was corrected")
    slot = slot_named(domain, flow, meaning.text)
    if slot and not turns_away(domain, meaning, flow):
        return Move(MoveKind.CORRECT, slot, f"{slot} is wrong")
    return None


def _by_intent(
    domain: Domain,
    state: State,
    meaning: Understanding,
    heard: Mapping[str, str],
    flow: Flow | None,
) -> Move:
    if flow is None and (move := _bare_value(domain, state, meaning, heard)):
        return move
    if flow is None and (topic := continued(domain, state, meaning)):
        return Move(MoveKind.REQUEST, topic, f"{topic} follows on {state.topic or 'the order'}")
    amends = flow is None and state.topic and not heard and not requests(domain, meaning)
    if amends and cues.says_false(meaning.text):
        return Move(MoveKind.CORRECT, reason="the last answer is said to be wrong")
    if flow is None and cues.says_no(meaning.text) and not wishes(domain, meaning):
        return Move(MoveKind.REQUEST, "deny", "a plain no")
    # With an order at hand, either of two likely requests is better begun than asked about.
    lost = meaning.abstained and asked(domain, meaning) < SURE
    if lost or (not heard and (meaning.abstained or torn(domain, meaning))):
        return Move(MoveKind.UNCLEAR, reason=f"unsure ({meaning.confidence:.2f})")
    if flow and not heard and meaning.confidence < SWITCH and domain.flow_of(meaning.intent):
        return Move(MoveKind.UNCLEAR, reason=f"hardly {meaning.intent} in the middle of a flow")
    return _by_name(domain, meaning, flow)


def _by_name(domain: Domain, meaning: Understanding, flow: Flow | None) -> Move:
    match meaning.intent:
        case "repeat":
            return Move(MoveKind.REPEAT, reason="asked to repeat")
        case "out_of_scope" if cues.units(meaning.text) <= 1 and not cues.swears(meaning.text):
            return Move(MoveKind.UNCLEAR, reason="next to nothing was said")
        case "out_of_scope":
            return Move(MoveKind.OUTSIDE, reason="outside what is done here")
        case "affirm" | "deny" if flow is not None:
            return Move(MoveKind.UNCLEAR, reason="yes or no was not the question")
        case "deny" if cues.is_question(meaning.text):
            return Move(MoveKind.UNCLEAR, reason="a question is no no")
        case "praise" | "greet" | "thanks" | "goodbye" if upset(domain, meaning):
            return Move(MoveKind.UNCLEAR, reason=f"too angry for {meaning.intent}")
        case "praise" if meaning.confidence < SURE:
            return Move(MoveKind.UNCLEAR, reason="praise that may be scorn")
        case intent if domain.fixed(intent) and meaning.confidence < SMALL_TALK:
            return Move(MoveKind.UNCLEAR, reason=f"hardly {meaning.intent}")
        case intent:
            return Move(MoveKind.REQUEST, intent, f"intent {intent}")


def _bare_value(
    domain: Domain, state: State, meaning: Understanding, heard: Mapping[str, str]
) -> Move | None:
    """Outside any flow: an order number alone, "and lemons?", a pasted receipt."""
    said = sum(cues.units(slot.text) for slot in meaning.slots if slot.source != "model")
    rest = cues.units(meaning.text) - said
    unsure = asked(domain, meaning) < SURE
    outside = (meaning.abstained and unsure) or meaning.intent == "out_of_scope"
    again = rest <= 1 or (rest <= 3 and meaning.confidence < SURE)
    if "product" in heard and state.last and again:
        return Move(MoveKind.REQUEST, state.last, "the same of another product")
    served = domain.flow_of(state.topic)
    if again and served and not served.confirm and set(heard) & set(served.slots):
        return Move(MoveKind.REQUEST, state.topic, "the same of another one")
    least = 2 if "product" in heard else said
    alone = rest <= 0 and "order_id" in heard
    bare = alone or (rest <= least and (outside or unsure))
    if (heard and bare) or (outside and "order_id" in heard):
        return Move(MoveKind.INFORM, reason="a value without a request")
    if outside and meaning.text.strip().isdecimal():
        return Move(MoveKind.INFORM, reason="a number that nobody asked for")
    return None


def _says_again(meaning: Understanding, flow: Flow) -> bool:
    """Whether the answer to "shall I?" is the request in a few words: 取消吧, "cancel it"."""
    text = meaning.text
    others = (cues.says_no, cues.says_stop, cues.says_wrong, cues.is_question)
    same = any(short(meaning, intent) for intent in flow.intents)
    return same and meaning.confidence >= CERTAIN and not any(says(text) for says in others)
