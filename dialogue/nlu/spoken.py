"""Spoken digits: 幺二三, "double two oh" and the like, read as digits with their place."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ZH = dict(zip("零〇一二三四五六七八九幺两洞拐", "001234567891207", strict=True))
_EN = {
    "zero": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "oh": "0",
    "o": "0",
    "nought": "0",
}
_TIMES = {"double": 2, "triple": 3}
_TOKEN = re.compile(r"\d|[零〇一二三四五六七八九幺两洞拐]|[a-z]+|[^\sa-z]", re.IGNORECASE)
_BETWEEN = frozenset("-–—_.,，、·#:：")


@dataclass(frozen=True, slots=True)
class Digits:
    """A run of digits, however it was said."""

    value: str
    start: int
    """Character offset of its first token."""
    end: int
    prefix: str
    """Letters spelled just before it, upper case: FD."""


def digit_runs(text: str) -> tuple[Digits, ...]:
    """Every run of digits, written or said, with the letters spelled out before it."""
    runs: list[Digits] = []
    digits, letters, times = "", "", 1
    start = end = 0
    for token in _TOKEN.finditer(text):
        word = token[0].lower()
        value = word if word.isdigit() and word.isascii() else _ZH.get(word) or _EN.get(word)
        if word in _TIMES:
            start = start if digits or letters else token.start()
            times = _TIMES[word]
        elif value is not None:
            start = start if digits or letters or times > 1 else token.start()
            digits, times, end = digits + value * times, 1, token.end()
        elif word in _BETWEEN and (digits or letters):
            continue
        else:
            if digits:
                runs.append(Digits(digits, start, end, letters))
            started = letters and not digits
            digits, times = "", 1
            spelled = word.upper() if re.fullmatch("[a-z]|fd", word) else ""
            start = start if started and spelled else token.start()
            letters = (letters if started and spelled else "") + spelled
    if digits:
        runs.append(Digits(digits, start, end, letters))
    return tuple(runs)
