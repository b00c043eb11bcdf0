"""Evidence: what the words of a turn give away about what the customer is doing."""

from __future__ import annotations

from collections.abc import Mapping

from dialogue import cues
from dialogue.domain import Domain, Flow
from dialogue.followups import SURE
from dialogue.types import Understanding

TORN = 0.5
"""Confidence below which a request that another one comes near to is not begun."""
NEAR = 0.15
WISH = 5
"""Words or characters that a new wish has at least."""


def wishes(domain: Domain, meaning: Understanding) -> bool:
    """Whether something is surely asked for after the no: "no, the price of melons"."""
    return requests(domain, meaning) and cues.units(meaning.text) > WISH


def requests(domain: Domain, meaning: Understanding) -> bool:
    """Whether the turn is surely about one of the business's own matters."""
    small = domain.fixed(meaning.intent) or meaning.intent == "out_of_scope"
    return meaning.confidence >= SURE and not meaning.abstained and not small


def torn(domain: Domain, meaning: Understanding) -> bool:
    """Whether two requests are about as likely, and neither is, so that asking is better."""
    (_, first), *others = meaning.intents
    second = others[0][1] if others else 0.0
    return first < TORN and first - second < NEAR and domain.flow_of(meaning.intent) is not None


def asked(domain: Domain, meaning: Understanding) -> float:
    """How sure it is that something is asked for, be it one of two requests."""
    flows = sum(p for intent, p in meaning.intents[:2] if domain.flow_of(intent))
    return max(meaning.confidence, flows)


def turns_away(domain: Domain, meaning: Understanding, flow: Flow) -> bool:
    """Whether something else is wanted instead: "wait, don't cancel, change the address"."""
    wish = cues.units(cues.after_stop(meaning.text))
    return wish >= WISH and not cues.contradicts(meaning.text) and elsewhere(domain, meaning, flow)


def is_aside(domain: Domain, meaning: Understanding, flow: Flow, expects: str) -> bool:
    """Whether the turn asks for something else although the expected slot can be read in it."""
    if meaning.intent in flow.intents or meaning.abstained:
        return False
    if domain.slots[expects].type == "text":
        return meaning.intent != "out_of_scope" and cues.is_question(meaning.text)
    if domain.flow_of(meaning.intent) is None and not cues.is_question(meaning.text):
        return False
    return elsewhere(domain, meaning, flow) and not only(domain, meaning, expects)


def elsewhere(domain: Domain, meaning: Understanding, flow: Flow) -> bool:
    """Whether the turn surely asks for something that is not this flow."""
    if meaning.abstained or meaning.confidence < SURE or meaning.intent in flow.intents:
        return False
    if meaning.intent in ("affirm", "deny", "out_of_scope", "greet", "thanks"):
        return False
    other = domain.flow_of(meaning.intent)
    return other is None or other.action != flow.action


def covers(meaning: Understanding, name: str) -> bool:
    """Whether at least half of what was said is the value of slot `name`."""
    said = sum(cues.units(slot.text) for slot in meaning.slots if slot.name == name)
    return said * 2 >= cues.units(meaning.text)


def only(domain: Domain, meaning: Understanding, name: str) -> bool:
    """Whether little but the value of slot `name` was said: "my order number is FD2024051"."""
    found = next((slot for slot in meaning.slots if slot.name == name), None)
    if found is None or covers(meaning, name):
        return found is not None
    return cues.units(cues.beside(meaning.text, found.text, domain.slots[name].nouns)) <= 1


def slot_named(domain: Domain, flow: Flow, text: str) -> str:
    """The slot of `flow` that the words call by its name; "" for none."""
    lower = text.lower()
    for name in flow.takes:
        if any(noun in lower for noun in domain.slots[name].nouns):
            return name
    return ""


def taken_for(meaning: Understanding, intent: str) -> bool:
    """Whether the turn is taken for `intent`."""
    return not meaning.abstained and meaning.intent == intent


def short(meaning: Understanding, intent: str) -> bool:
    """Whether the turn is taken for `intent` and says little else."""
    return taken_for(meaning, intent) and cues.units(meaning.text) <= 6


def foreign(domain: Domain, meaning: Understanding, flow: Flow, heard: Mapping[str, str]) -> bool:
    """Whether an order number was given, and nothing else, to a flow that takes none."""
    given = "order_id" in heard and "order_id" not in flow.takes
    return given and only(domain, meaning, "order_id")


def missing(domain: Domain, flow: Flow, text: str) -> str | None:
    """The slot that the customer says they do not have; None where they say no such thing."""
    return slot_named(domain, flow, text) or None if cues.lacks(text) else None


def plainly(domain: Domain, meaning: Understanding, name: str) -> bool:
    """Whether the turn is little but the value of slot `name`; a number may stand in filler."""
    number = domain.slots[name].digits > 0
    return covers(meaning, name) or (number and only(domain, meaning, name))
