"""A stream of text becomes clauses worth speaking on their own, Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dialogue.types.marks import unmarked

SENTENCES = (2, 4)
"""Least weight of the first piece and of later ones, where they end a sentence."""
CLAUSES = (4, 4, 6, 9)
"""The same where they end a clause: the first should sound soon, the second is made while that
short one is heard, and each of the next may be longer by half than the one before."""
LONGEST = 80
"""Weight at which a piece without punctuation is broken at a space."""

_MARK = re.compile(
    r"([。！？!?…；\n]+|[.;]|[，、,：:]|(?<=\d{4}) (?=[\u3400-\u9fff]))"
    r"[”’\"')）」』】]*(?:\s*<pause=\d+>)*"
)
"""A blank after a number that is read digit by digit ends a clause: nobody reads on at once."""
_WEAK = "，、,：:;； "
_ASCII = ".,:;!?"
_UNIT = re.compile(r"[\u3400-\u9fff]|\d|[aeiouyAEIOUY]+|[A-Z](?![a-z])")
_TITLES = "mr mrs ms dr prof st ave rd no nos vs etc approx e.g i.e a.m p.m inc ltd co jr sr dept"
_ABBREVIATIONS = frozenset(_TITLES.split(" "))


def clauses(text: str | Iterable[str]) -> Iterator[str]:
    """Clauses of `text`, each as soon as the stream has brought it; nothing is lost but blanks."""
    waiting, number = "", 0
    for piece in (text,) if isinstance(text, str) else text:
        waiting += piece
        while end := _end(waiting, number=number, final=False):
            yield waiting[:end].strip()
            waiting, number = waiting[end:].lstrip(), number + 1
    while end := _end(waiting, number=number, final=True):
        yield waiting[:end].strip()
        waiting, number = waiting[end:].lstrip(), number + 1
    if re.search(r"\w", unmarked(waiting)):
        yield waiting.strip()


def weight(text: str) -> int:
    """How long `text` takes to say, in syllables: a character, a digit, a group of vowels."""
    return len(_UNIT.findall(unmarked(text)))


def _end(text: str, *, number: int, final: bool) -> int:
    """Where piece `number`, which begins `text`, ends; 0 when that cannot be told yet."""
    for mark in _MARK.finditer(text):
        if mark.end() == len(text) and not final:
            break
        if _ends(text, mark) and weight(text[: mark.end()]) >= _least(mark[1], number):
            return mark.end()
    return _forced(text) if weight(text) > LONGEST else 0


def _least(mark: str, number: int) -> int:
    steps = CLAUSES if mark in _WEAK else SENTENCES
    return steps[min(number, len(steps) - 1)]


def _ends(text: str, mark: re.Match[str]) -> bool:
    """Whether a mark really ends something: not in 3.5, 10:30, Dr. Wang, 1. or an address."""
    before, after = text[: mark.start()], text[mark.end() :]
    if mark[1] in "：:" and before[-1:].isdigit() and after[:1].isdigit():
        return False
    if mark[1][0] not in _ASCII:
        return True
    if after and not (after[0].isspace() or "\u3400" <= after[0] <= "\u9fff"):
        return False
    return mark[1] != "." or _full_stop(before, after.lstrip())


def _full_stop(before: str, after: str) -> bool:
    words = before.split()
    last = words[-1].lstrip("(\"'“‘") if words else ""
    if last.lower() in _ABBREVIATIONS or (len(last) == 1 and last.isupper()):
        return last.lower() in ("a.m", "p.m", "etc") and not after[:1].islower()
    if last.isdigit() and len(words) == 1:
        return False
    return not after[:1].islower()


def _forced(text: str) -> int:
    """The last space, or failing that the last character, within the longest piece."""
    place = 0
    for unit in re.finditer(r"\s+|[\u3400-\u9fff]", text):
        if weight(text[: unit.end()]) > LONGEST and place:
            return place
        place = unit.end()
    return place if place < len(text) else 0
