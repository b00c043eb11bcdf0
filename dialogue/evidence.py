"""Evidence: what the words of a turn give away about what the customer is doing."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dialogue import cues
from dialogue.domain import Domain, Flow
from dialogue.followups import SURE
from dialogue.types import Understanding

TORN = 0.5
"""Confidence below which a request that another one comes near to is not begun."""
NEAR = 0.15
CERTAIN = 0.8
"""Confidence from which a request in place of a yes is one."""
TOLD = 3
"""Words or characters beside a product that say what is asked."""
LIKELY = 0.6
"""Confidence from which a question is no answer in free words."""
WISH = 5
"""Words or characters that a new wish has at least."""


def wishes(domain: Domain, meaning: Understanding) -> bool:
    """Whether something is surely asked for after the no: "no, the price of melons"."""
    return requests(domain, meaning) and cues.units(meaning.text) > WISH


def requests(domain: Domain, meaning: Understanding) -> bool:
    """Whether the turn is surely about one of the business's own matters."""
    sure = meaning.confidence >= SURE and not meaning.abstained
    return sure and not _small(domain, meaning.intent)


def _small(domain: Domain, intent: str) -> bool:
    return domain.fixed(intent) or intent == "out_of_scope"


def torn(domain: Domain, meaning: Understanding) -> bool:
    """Whether two requests are about as likely, and neither is, so that asking is better."""
    (_, first), *others = meaning.intents
    second = others[0][1] if others else 0.0
    return first < TORN and first - second < NEAR and domain.flow_of(meaning.intent) is not None


def asked(domain: Domain, meaning: Understanding) -> float:
    """How sure it is that something is asked for, be it one of two requests."""
    flows = sum(p for intent, p in meaning.intents[:2] if domain.flow_of(intent))
    return max(meaning.confidence, flows)


def answered(domain: Domain, meaning: Understanding) -> bool:
    """Whether an article surely answers, be it on one of two matters: 退货要运费吗."""
    two = meaning.intents[:2]
    told = [p for i, p in two if not (domain.flow_of(i) or _small(domain, i))]
    return sum(told) >= SURE


def turns_away(domain: Domain, meaning: Understanding, flow: Flow) -> bool:
    """Whether something else is wanted instead: "wait, don't cancel, change the address"."""
    if _misread(domain, flow, meaning.text):
        return False
    wish = cues.units(cues.after_stop(meaning.text, domain.drops))
    return wish >= WISH and not cues.contradicts(meaning.text) and elsewhere(domain, meaning, flow)


def _misread(domain: Domain, flow: Flow, text: str) -> bool:
    """Whether a slot in free words is said to be wrong: "the name is wrong, it's Maple Studio"."""
    slot = slot_named(domain, flow, text) if cues.says_wrong(text) else ""
    return bool(slot) and domain.slots[slot].type in ("text", "pattern")


def is_aside(domain: Domain, meaning: Understanding, flow: Flow, expects: str) -> bool:
    """Whether the turn asks for something else although the expected slot can be read in it."""
    if meaning.intent in flow.intents:
        return False
    if domain.slots[expects].type == "text" and meaning.confidence >= LIKELY:
        return meaning.intent != "out_of_scope" and cues.is_question(meaning.text)
    if meaning.abstained:
        return False
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


def slot_meant(domain: Domain, flow: Flow, text: str) -> str:
    """The slot of `flow` that is corrected: by its name, or the only free words that can hold the
    number that is said: 不对，是902号."""
    free = [n for n in flow.slots if domain.slots[n].type == "text" and n != "reason"]
    numbered = len(free) == 1 and any(ch.isdigit() for ch in text)
    return slot_named(domain, flow, text) or (free[0] if numbered else "")


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


def same_request(domain: Domain, intent: str, flow: Flow) -> bool:
    """Whether `intent` is this flow's, or wants the same with less: 要退款 of what is damaged."""
    other = domain.flow_of(intent)
    if intent in domain.intents and domain.intents[intent].order_flow == flow.name:
        return True  # "when will it be here" while the order that is tracked is asked for
    general = (
        other is not None and other.action == flow.action and set(other.slots) < set(flow.slots)
    )
    return intent in flow.intents or general


def says_again(domain: Domain, meaning: Understanding, flow: Flow) -> bool:
    """Whether the answer to "shall I?" is the request in a few words: 取消吧, 退, "cancel it"."""
    text = meaning.text
    plain = text.strip(" 。.,，!！~")
    before, _, last = re.sub(r"[\s,，。]+", " ", plain).rpartition(" ")
    settled = not before or cues.says_yes(before) or cues.settles(before)
    if settled and any(re.fullmatch(word, last, re.IGNORECASE) for word in flow.yes):
        return True
    others = (cues.says_no, cues.says_wrong, cues.is_question)
    same = any(short(meaning, intent) for intent in flow.intents)
    dropped = cues.says_stop(text, domain.drops) or any(says(text) for says in others)
    return same and meaning.confidence >= CERTAIN and not dropped


def without_product(domain: Domain, intent: str, words: str, meaning: Understanding) -> str:
    """`words` without the product they name: 退掉苹果 asks for returns, not for apples.

    Where little is left ("remove the apples"), it is asked what the intent says.
    """
    named = next((s.text for s in meaning.slots if s.name == "product" and s.text), "")
    if not named:
        return words
    rest = words.replace(named, " ").strip()
    return (
        rest if cues.units(rest) >= TOLD else domain.intents[intent].descriptions[meaning.language]
    )


def own_words(meaning: Understanding) -> str:
    """What was said of the first request, where there are several."""
    end = meaning.text.find(meaning.also[0].text) if meaning.also else -1
    return meaning.text[:end] if end > 0 else meaning.text
