"""How figures are said in English; plain numbers are left to the synthesizers, who know them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_UNITS = {
    "kg": "kilogram", "g": "gram", "mg": "milligram", "ml": "millilitre", "l": "litre",
    "km": "kilometre", "cm": "centimetre", "mm": "millimetre", "m": "metre",
    "℃": "degree Celsius", "°c": "degree Celsius",
}  # fmt: skip
_GROUP = 4
"""Digits said in one breath."""
_MOBILE = 11
"""Digits of a mobile number, said as three, four and four."""
_NUMBER = r"\d+(?:\.\d+)?"


def digits(text: str) -> str:
    """The digits of `text` one by one, with a breath after every four."""
    names = [_DIGITS[int(c)] for c in text if c.isdecimal()]
    first = len(names) % _GROUP if len(names) == _MOBILE else 0
    starts = [0, *range(first, len(names), _GROUP)] if first else range(0, len(names), _GROUP)
    groups = [names[i : first if i < first else i + _GROUP] for i in starts]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return ", ".join(" ".join(group) for group in groups)


def amount(text: str) -> str:
    """Yuan: 12.50 → 12.5 yuan."""
    whole, _, cents = text.replace(",", "").partition(".")
    cents = cents.rstrip("0")
    return f"{whole}.{cents} yuan" if cents else f"{whole} yuan"


def ordinal(day: int) -> str:
    """1 → 1st, 12 → 12th."""
    ending = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def clock(hour: int, minute: int) -> str:
    """A time of day: 14:30 → 2:30 PM."""
    half = "PM" if 12 <= hour < 24 else "AM"
    shown = hour % 12 or 12
    return f"{shown}:{minute:02d} {half}" if minute else f"{shown} {half}"


def _order(m: re.Match[str]) -> str:
    return " ".join(m[1].upper()) + ", " + digits(m[2])


def _date(m: re.Match[str]) -> str:
    try:
        day = date(int(m[1]), int(m[2]), int(m[3]))
    except ValueError:
        return m[0]
    return f"{day:%B} {ordinal(day.day)}, {day.year}"


def _times(m: re.Match[str]) -> str:
    return clock(int(m[1]), int(m[2]))


def _unit(m: re.Match[str]) -> str:
    name = _UNITS[m[2].lower()]
    if m[1] == "1":
        return f"1 {name}"
    many = name.replace("degree", "degrees") if " " in name else f"{name}s"
    return f"{m[1]} {many}"


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern, re.ASCII), write)
    for pattern, write in (
        (r"\b([A-Z]{1,4})-?(\d{4,})\b", _order),
        (r"(?:\d{3})?\*{3,}(\d{4})", lambda m: f"ending in {digits(m[1])}"),
        (r"(?:[¥￥]|(?:CNY|RMB)\s*)\s*(\d[\d,]*(?:\.\d+)?)", lambda m: amount(m[1])),
        (r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)", _date),
        (r"(?<=\d)\s*[-–—]\s*(?=\d{1,2}:\d{2})", lambda _: " to "),
        (r"\b([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?!\d|\s*[AaPp]\.?[Mm])", _times),
        (rf"({_NUMBER})\s*[-–—]\s*(?={_NUMBER})", lambda m: f"{m[1]} to "),
        (rf"({_NUMBER})\s*(kg|mg|ml|km|cm|mm|℃|°C|g|L|l|m)\b(?!')", _unit),
        (r"(?<![\d.,])(0\d+|\d{5,})(?![\d.,]\d)", lambda m: digits(m[1])),
    )
)


def say(text: str) -> str:
    """`text` with its figures in words."""
    for pattern, write in _RULES:
        text = pattern.sub(write, text)
    return text
