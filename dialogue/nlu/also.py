"""Also: several requests in one turn, found by splitting where customers join them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from dialogue import cues
from dialogue.types import Posterior

SURE = 0.6
"""A piece counts as its own request from this probability."""
MOST = 4
"""Requests of one turn that are taken up."""

_JOIN = re.compile(
    r"顺便|另外|还有(?!没有|货|吗|多少|几)(?:就是|一(?:个|件))?|以及|再(?:帮我|问一下|问下)|然后(?:再)?|[。！？!?；;\n]"
    r"|\band also\b|\balso\b|\bby the way\b|\bone more thing\b|\bas well as\b|\.\s"
    r"|\band (?=how|what|when|where|can|could|do|i )",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?:我的|my |the |it'?s )?(?:订单号?|单号|尾号|手机号?|order(?: number)?|phone|number)?"
    r"[是:： ]*[A-Z]*\d[\d -]*",
    re.IGNORECASE,
)
"""A number with at most its name is no request: "order FD2024051"."""
_SCRAP = re.compile(
    r"[，。！？；：,!?;:\n]|\s[-–—·|]\s|(?<=[\u4e00-\u9fff*])\s+|\s+(?=[\u4e00-\u9fff])"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One of several requests, as it was said."""

    text: str
    start: int
    """Character offset in the turn's text."""
    posterior: Posterior


def pieces(text: str) -> tuple[str, ...]:
    """`text` cut where another request may begin; a single piece when it says one thing."""
    cut = (piece.strip(" ,，。.、") for piece in _JOIN.split(text))
    return tuple(p for p in cut if cues.units(p) >= 2 and not _LABELLED.fullmatch(p))


def scraps(text: str) -> tuple[str, ...]:
    """The pieces of `text` between spaces and punctuation that may ask for something."""
    found = (piece.strip() for piece in _SCRAP.split(text))
    return tuple(piece for piece in found if cues.units(piece) >= 3)


def clauses(
    text: str,
    whole: str,
    posteriors: Callable[[Sequence[str]], list[Posterior]],
    ignored: Collection[str],
) -> tuple[Clause, ...]:
    """The clauses of `text` that surely ask for different things, in order; () for a single one.

    The intent `whole` of the turn must be among them, or the split means nothing.
    """
    parts = pieces(text)
    if len(parts) < 2:
        return ()
    found: dict[str, Clause] = {}
    for part, ranked in zip(parts, posteriors(parts), strict=True):
        name, sure = ranked[0]
        if sure >= SURE and name not in ignored and name not in found:
            found[name] = Clause(part, text.index(part), ranked)
    return tuple(found.values())[:MOST] if whole in found and len(found) > 1 else ()
