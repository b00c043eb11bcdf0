"""Stages: how far an order is, as customers tell it from others: 没付款的那单, "the packed one"."""

from __future__ import annotations

import re

from dialogue.cues import units
from dialogue.domain import Domain
from dialogue.types import State

STAGE = "stage"
"""Fact of a flow: the status of the order that is meant."""
EXCEPT = "except"
"""Fact of a flow: the order just spoken of, which is not the one that is meant."""
BARE = 6
"""Words or characters up to which a status alone answers which order is meant."""


_OTHER = re.compile(r"另外?一?[个单笔]|别的[那一]?[个单]|\b(?:the|my) other (?:one|order)\b", re.I)


def another_meant(state: State, text: str) -> bool:
    """Whether a signed-in customer of several orders means another one: 另外一个到哪了."""
    return bool(state.customer and state.slot("order_id") and _OTHER.search(text))


def stage_meant(domain: Domain, state: State, text: str) -> str:
    """The status that `text` tells a signed-in customer's order from others by; "" for none.

    A status alone counts where it was just asked which of the orders is meant.
    """
    spec = domain.slots.get("order_id")
    if spec is None or not state.customer:
        return ""
    asked = state.expects == "order_id" and bool(state.listed) and units(text) <= BARE
    called = "|".join(re.escape(noun) for noun in spec.nouns if not noun.isascii()) or "单"
    for status, words in spec.stages:
        said = "|".join(words)
        if asked and re.search(said, text, re.IGNORECASE):
            return status
        if _of_order(said, called, text):
            return status
    return ""


def _of_order(said: str, called: str, text: str) -> bool:
    patterns = (
        rf"(?:{said})[了好过]*的?(?:[那这]?一?[个笔]|[那这]?一?订?(?:{called}))",
        rf"\b(?:{said}) (?:one|order)\b",
        rf"\b(?:one|order) (?:that|which|i)(?:'s|'ve| is| was| has| have)?(?: been)? (?:{said})\b",
    )
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
