"""Goods: the products that a turn names, and the two that it sets against each other."""

from __future__ import annotations

import re

from dialogue import cues
from dialogue.comparison import named_in
from dialogue.domain import Domain
from dialogue.followups import says
from dialogue.types import Understanding

ELSEWHERE = 0.6
"""Confidence from which a turn with another intent compares nothing."""
_BESIDE = re.compile(r"^那?[跟和与比]|比起|\bthan\b|\bcompared (?:to|with)\b", re.IGNORECASE)
"""What sets one product beside the one spoken of: 跟桃子比哪个贵."""
PAIR = 2
"""Products that are compared."""


def goods_in(domain: Domain, text: str) -> tuple[str, ...]:
    """Ids of the products that `text` names, in its order; one for each family."""
    called = {i: (*p.names.values(), *p.synonyms) for i, p in domain.products.items()}
    return named_in(called, text)


def thing_named(domain: Domain, text: str) -> str:
    """What `text` asks to be had, by the pack's patterns: 有烟卖吗 → 烟; "" for none."""
    for spec in domain.slots.values():
        found = (re.match(pattern, text.strip(), re.IGNORECASE) for pattern in spec.asked)
        if match := next(filter(None, found), None):
            thing = match["thing"].strip()
            return "" if says(thing, spec.unnamed) else thing
    return ""


def sought(domain: Domain, meaning: Understanding) -> str:
    """Which of a whole family is asked for, by the pack's name for it; "" for none."""
    sure = _sure_of_else(domain, meaning)
    return domain.comparison.sought(meaning.text, meaning.intent, sure=sure)


def _sure_of_else(domain: Domain, meaning: Understanding) -> bool:
    others = [p for name, p in meaning.intents if name not in domain.comparison.intents]
    return sum(others) >= ELSEWHERE and not meaning.abstained


def compared(domain: Domain, meaning: Understanding, last: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The two products that a turn asks to compare; () where it compares none.

    `last` are those that were spoken of before: "which is cheaper?", "are they cheaper than…".
    """
    sure = _sure_of_else(domain, meaning)
    if not domain.comparison.asked(meaning.text, meaning.intent, sure=sure):
        return ()
    two = goods_in(domain, meaning.text)[:PAIR]
    beside = cues.points(meaning.text) or _BESIDE.search(meaning.text)
    if len(two) == 1 and len(last) == 1 and beside:
        two = (*last, *two)
    leans = not two and not domain.comparison.names(meaning.text)
    pair = last if leans else two
    return pair if len(set(pair)) == PAIR else ()
