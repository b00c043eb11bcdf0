"""Marks in a reply's words that only voices heed: a pause, and digits said one by one."""

from __future__ import annotations

import re

LONGEST_PAUSE = 3000
"""Milliseconds."""
PAUSE = re.compile(r"\s*<pause=(\d{1,4})>\s*")
DIGITS = re.compile(r"<digits>([^<>]*)</digits>")
_ANY = re.compile(r"<pause=\d{1,4}>|</?digits>")


def unmarked(text: str) -> str:
    """`text` as it is read: without marks."""
    return _ANY.sub("", text) if "<" in text else text


def known_marks(text: str) -> bool:
    """Whether every angle bracket of `text` belongs to a whole mark, and no pause is too long."""
    pauses = [int(ms) for ms in PAUSE.findall(text)]
    rest = PAUSE.sub("", DIGITS.sub("", text))
    return not re.search("[<>]", rest) and all(ms <= LONGEST_PAUSE for ms in pauses)
