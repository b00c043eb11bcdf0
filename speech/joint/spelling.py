"""Spelling: other words in the writing of those that were heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher


def respelt(heard: str, text: str, units: Callable[[str], Sequence[str]]) -> str:
    """`text` with the case and punctuation that `heard` has around the units they share."""
    old, new = list(units(heard)), list(units(text))
    places = _places(heard, old)
    gap = " " if any(" " in text for text in (heard.strip(), text)) else ""
    written = heard[: places[0][0]] if places else ""
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        after = heard[places[j - 1][1] : _next(places, j, heard)] if j > i else gap
        if kind == "equal":
            written += heard[places[i][0] : places[j - 1][1]] + after
        elif m > k:
            written += gap.join(new[k:m]) + (after or gap)
    return written.strip()


def _places(heard: str, units: Sequence[str]) -> list[tuple[int, int]]:
    """Where each unit stands in `heard`, as (start, end)."""
    lowered, at, places = heard.lower(), 0, []
    for unit in units:
        start = lowered.index(unit, at)
        at = start + len(unit)
        places.append((start, at))
    return places


def _next(places: Sequence[tuple[int, int]], j: int, heard: str) -> int:
    return places[j][0] if j < len(places) else len(heard)
