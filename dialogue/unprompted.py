"""Unprompted: what a turn does that answers no question, by what is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dialogue import cues, outcries
from dialogue.dates import day_meant
from dialogue.domain import Domain, Flow
from dialogue.evidence import answered, asked, requests, torn, wishes
from dialogue.followups import SURE, continued, says
from dialogue.kinds import NOTHING, STOPPED, Move, MoveKind
from dialogue.reasons import asks_what_now, asks_why, doubts, has_done, insists
from dialogue.stages import stage_meant
from dialogue.state import upset
from dialogue.types import State, Understanding

SMALL_TALK = 0.6
"""Confidence below which nobody is said goodbye or you're welcome to."""
SWITCH = 0.7
"""Confidence below which the flow under way is not left for another one."""
LACKING = 9
"""Words or characters of "I can't find my order number"."""
SAME = 0.5
"""Confidence from which the request served last is meant once more: "report him"."""
APART = 8
"""Words or characters of "the one that is packed"."""
DECIDED = 0.9
"""Confidence from which "change that" is something else than what was just told of."""
SCRAP = 2
"""Words, or Chinese characters, that are no answer in the middle of a flow, and no other wish."""


def unprompted(
    domain: Domain,
    state: State,
    meaning: Understanding,
    heard: Mapping[str, str],
    flow: Flow | None,
) -> Move:
    """The move by what is meant, whatever was asked last."""
    if (flow is None or state.ended) and (move := _about_the_last(domain, state, meaning, heard)):
        return move
    if flow is None and (priced := _priced(domain, meaning, heard)):
        return Move(MoveKind.REQUEST, priced, "a product that is sold, and its price")
    if flow is None and (move := _bare_value(domain, state, meaning, heard)):
        return move
    if flow is None and (topic := continued(domain, state, meaning)):
        return Move(MoveKind.REQUEST, topic, f"{topic} follows on {state.topic or 'the order'}")
    amends = flow is None and state.topic and not heard and not requests(domain, meaning)
    if amends and cues.says_false(meaning.text):
        return Move(MoveKind.CORRECT, reason="the last answer is said to be wrong")
    plain = not wishes(domain, meaning) and not cues.is_question(meaning.text)
    if flow is None and cues.says_no(meaning.text) and plain:
        return Move(MoveKind.REQUEST, "deny", "a plain no")
    # With an order at hand, either of two likely requests is better begun than asked about.
    same = meaning.intent == state.topic and meaning.confidence >= SAME
    unsure = meaning.abstained and not (same or answered(domain, meaning))
    lost = unsure and asked(domain, meaning) < SURE
    if lost or (not heard and (unsure or torn(domain, meaning))):
        return Move(MoveKind.UNCLEAR, reason=f"unsure ({meaning.confidence:.2f})")
    if flow and not heard and meaning.confidence < SWITCH and domain.flow_of(meaning.intent):
        return Move(MoveKind.UNCLEAR, reason=f"hardly {meaning.intent} in the middle of a flow")
    return _by_name(domain, meaning, flow)


def _about_the_last(
    domain: Domain, state: State, meaning: Understanding, heard: Mapping[str, str]
) -> Move | None:
    """What is said of the answer just given: why not, what now, are you sure, do it after all."""
    text = meaning.text
    if slot := _lacking(domain, state, meaning):
        return Move(MoveKind.LACKS, slot, f"{slot} is not at hand")
    if state.ended == STOPPED and insists(text, domain.insists):
        return Move(MoveKind.REQUEST, state.topic, "what was dropped is wanted after all")
    refused = ".refused" in state.ended and not heard
    undone = cues.says_stop(text, domain.drops) or cues.says_no(text) or meaning.intent == "deny"
    if undone and f"tell.why.{state.ended}" in domain.wording and ".done" in state.ended:
        return Move(MoveKind.REASON, reason="what is done is not wanted any more")
    if refused and (asks_why(text) or asks_what_now(text)):
        return Move(MoveKind.REASON, reason="the reason of a refusal was asked for")
    lost = state.topic and not state.ended and meaning.intent == "out_of_scope"
    if lost and asks_what_now(text):
        return Move(MoveKind.REASON, reason="the answer does not help")
    if state.said and doubts(text):
        return Move(MoveKind.REPEAT, reason="it is only asked whether that is so")
    if _taken_up(domain, state, meaning, heard):
        return Move(MoveKind.REQUEST, state.topic, "what was just told of is to be done")
    return None


def _taken_up(
    domain: Domain, state: State, meaning: Understanding, heard: Mapping[str, str]
) -> bool:
    """Whether who was told how something works has it done: "ok, go ahead", or an order number."""
    served = domain.flow_of(state.topic)
    if state.flow or state.ended or served is None:
        return False
    if "order_id" in heard and "order_id" in served.takes:
        said = sum(cues.units(slot.text) for slot in meaning.slots if slot.source != "model")
        if cues.units(meaning.text) - said <= 1 and not state.slot("order_id"):
            return True
    other = _wants_else(domain, state, meaning) and meaning.confidence >= DECIDED
    return served.action not in domain.lookups and has_done(meaning.text) and not other


def _other_order(
    domain: Domain, state: State, meaning: Understanding, heard: Mapping[str, str]
) -> bool:
    """Whether the request served last was about another order: "no, it was FD2024060"."""
    served = domain.flow_of(state.topic)
    named = heard.get("order_id", state.slot("order_id")) != state.slot("order_id")
    meant = domain.fixed(meaning.intent) or meaning.intent == "out_of_scope"
    return named and meant and served is not None and "order_id" in served.takes


def _of_listed(domain: Domain, state: State, meaning: Understanding) -> bool:
    """Whether one of the orders just listed is told by its day or state, and no more: "the packed
    one"."""
    served = domain.flow_of(state.topic)
    if not state.listed or served is None or "order_id" not in served.takes:
        return False
    text = meaning.text
    marked = day_meant(domain, state, text) or stage_meant(domain, state, text)
    begins = _wants_else(domain, state, meaning) and domain.flow_of(meaning.intent)
    return bool(marked) and cues.units(text) <= APART and not begins


def _wants_else(domain: Domain, state: State, meaning: Understanding) -> bool:
    return requests(domain, meaning) and meaning.intent != state.topic


def _lacking(domain: Domain, state: State, meaning: Understanding) -> str:
    """The value that is said not to be at hand before anybody asked for it; "" for none."""
    if state.customer or cues.units(meaning.text) > LACKING:
        return ""
    worded = (n for n in domain.slots if f"tell.lacks.{n}" in domain.wording)
    return next((n for n in worded if says(meaning.text, domain.slots[n].lacking)), "")


def _priced(domain: Domain, meaning: Understanding, heard: Mapping[str, str]) -> str:
    """The intent that is plainly put of a product although none is sure: "ugh, how much are figs";
    "" for none."""
    sold = heard.get("product") and heard["product"] not in domain.unsold
    if not sold or not (meaning.abstained or meaning.intent == "out_of_scope"):
        return ""
    named = (n for n, i in domain.intents.items() if i.product_flow)
    return next((n for n in named if says(meaning.text, domain.intents[n].product_words)), "")


def _by_name(domain: Domain, meaning: Understanding, flow: Flow | None) -> Move:
    match meaning.intent:
        case "repeat":
            return Move(MoveKind.REPEAT, reason="asked to repeat")
        case "out_of_scope" if _says_nothing(meaning.text):
            return Move(MoveKind.UNCLEAR, reason=NOTHING)
        case "out_of_scope" if flow and _aside(meaning):
            return Move(MoveKind.UNCLEAR, reason="few words beside what was asked")
        case "out_of_scope":
            return Move(MoveKind.OUTSIDE, reason="outside what is done here")
        case "affirm" | "deny" if flow is not None:
            return Move(MoveKind.UNCLEAR, reason="yes or no was not the question")
        case "affirm" | "deny" if cues.is_question(meaning.text):
            return Move(MoveKind.UNCLEAR, reason="a question is neither yes nor no")
        case "praise" | "greet" | "thanks" | "goodbye" if upset(domain, meaning):
            return Move(MoveKind.UNCLEAR, reason=f"too angry for {meaning.intent}")
        case "praise" | "goodbye" if meaning.confidence < SURE:
            return Move(MoveKind.UNCLEAR, reason=f"hardly {meaning.intent}")
        case intent if domain.fixed(intent) and meaning.confidence < SMALL_TALK:
            return Move(MoveKind.UNCLEAR, reason=f"hardly {meaning.intent}")
        case intent:
            return Move(MoveKind.REQUEST, intent, f"intent {intent}")


def _aside(meaning: Understanding) -> bool:
    """Whether few words in the middle of a flow are not surely outside: 发了吗."""
    return meaning.confidence < SURE and cues.units(meaning.text) <= cues.ELLIPTIC


def _says_nothing(text: str) -> bool:
    """Whether `text` is too short to ask for anything: "hm", 哈哈哈, to a question "no idea"."""
    once = re.sub(r"(.)\1+", r"\1", text)
    most = 1 if cues.is_question(text) else SCRAP
    return cues.units(once) <= most and not outcries.swears(text)


def _bare_value(
    domain: Domain, state: State, meaning: Understanding, heard: Mapping[str, str]
) -> Move | None:
    """Outside any flow: an order number alone, "and lemons?", a pasted receipt."""
    if _other_order(domain, state, meaning, heard):
        return Move(MoveKind.REQUEST, state.topic, "the same of another order")
    if _of_listed(domain, state, meaning):
        return Move(MoveKind.REQUEST, state.topic, "one of the orders listed, by its state")
    said = sum(cues.units(slot.text) for slot in meaning.slots if slot.source != "model")
    rest = cues.units(meaning.text) - said
    unsure = asked(domain, meaning) < SURE
    outside = (meaning.abstained and unsure) or meaning.intent == "out_of_scope"
    again = rest <= 1 or (rest <= 3 and meaning.confidence < SURE)
    if "product" in heard and state.last and again:
        return Move(MoveKind.REQUEST, state.last, "the same of another product")
    served = domain.flow_of(state.topic)
    other = _wants_else(domain, state, meaning)
    if again and served and not (served.confirm or other) and set(heard) & set(served.slots):
        return Move(MoveKind.REQUEST, state.topic, "the same of another one")
    least = 2 if "product" in heard else said
    alone = rest <= 0 and bool({"order_id", "product"} & set(heard))
    bare = alone or (rest <= least and (outside or unsure))
    given = (heard and bare) or (outside and "order_id" in heard)
    about = domain.intents.get(state.topic)
    if given and "order_id" in heard and about and about.order_flow:
        meant = domain.flows[about.order_flow].intents[0]
        return Move(MoveKind.REQUEST, meant, f"the order that {about.name} was about")
    if given:
        return Move(MoveKind.INFORM, reason="a value without a request")
    if outside and meaning.text.strip().isdecimal():
        return Move(MoveKind.INFORM, reason="a number that nobody asked for")
    return None
