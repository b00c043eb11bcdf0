"""How figures are said in Mandarin."""

from __future__ import annotations

import re
from collections.abc import Callable

_DIGITS = "零一二三四五六七八九"
_SPELT = "零幺二三四五六七八九"
_UNITS = {
    "kg": "公斤", "g": "克", "mg": "毫克", "ml": "毫升", "l": "升", "km": "公里", "cm": "厘米",
    "mm": "毫米", "m": "米", "℃": "摄氏度", "°c": "摄氏度",
}  # fmt: skip
_COUNTED = (
    "个|份|袋|盒|瓶|斤|公斤|天|小时|次|点|件|单|位|箱|块"
    "|周|张|杯|包|罐|条|根|颗|只|种|分钟|元|百|千|万"
)
_NUMBER = r"\d+(?:\.\d+)?"


def digits(text: str) -> str:
    """The digits of `text` one by one, 幺 for 1 as on the telephone."""
    return "".join(_SPELT[int(c)] for c in text if c.isdecimal())


def number(text: str) -> str:
    """A number, with decimals if it has them: 12.5 → 十二点五."""
    whole, _, fraction = text.replace(",", "").partition(".")
    said = _whole(int(whole))
    return said + ("点" + "".join(_DIGITS[int(c)] for c in fraction) if fraction else "")


def _whole(value: int) -> str:
    for size, name in ((10**8, "亿"), (10**4, "万")):
        if value >= size:
            high, low = divmod(value, size)
            gap = "零" if 0 < low < size // 10 else ""
            return _whole(high) + name + gap + (_whole(low) if low else "")
    said = _thousands(value)
    return said[1:] if said.startswith("一十") else said


def _thousands(value: int) -> str:
    said, gap = "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, size)
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + name
        gap = not digit
    return said or "零"


def amount(text: str) -> str:
    """Yuan: 12.50 → 十二元五角."""
    whole, _, cents = text.replace(",", "").partition(".")
    jiao, fen = (int(c) for c in cents.ljust(2, "0")[:2])
    parts = [f"{_counted(whole)}元"] if int(whole) or not (jiao or fen) else []
    if jiao:
        parts.append(f"{_DIGITS[jiao]}角")
    if fen:
        parts.append(("零" if parts and not jiao else "") + f"{_DIGITS[fen]}分")
    return "".join(parts)


def clock(hour: int, minute: int, *, named: bool) -> str:
    """A time of day: 14:30 → 下午两点半; without 下午 when it is `named` already."""
    parts = ((5, "凌晨"), (8, "早上"), (11, "上午"), (12, "中午"), (17, "下午"), (24, "晚上"))
    part = "" if named else next(name for last, name in parts if hour <= last)
    shown = hour - 12 if hour > 12 else hour
    said = f"{part}{_counted(str(shown))}点"
    if minute == 30:
        return said + "半"
    return said + (f"{'零' if minute < 10 else ''}{_whole(minute)}分" if minute else "")


def _counted(text: str) -> str:
    return "两" if text.lstrip("0") == "2" else number(text)


def _order(m: re.Match[str]) -> str:
    return " ".join(m[1].upper()) + " " + digits(m[2])


def _masked(m: re.Match[str]) -> str:
    return f"尾号{digits(m[1])}"


def _date(m: re.Match[str]) -> str:
    year = "".join(_DIGITS[int(c)] for c in m[1])
    return f"{year}年{_whole(int(m[2]))}月{_whole(int(m[3]))}日"


def _year(m: re.Match[str]) -> str:
    return "".join(_DIGITS[int(c)] for c in m[1]) + "年"


def _times(m: re.Match[str]) -> str:
    first = clock(int(m[2]), int(m[3]), named=bool(m[1]))
    return (m[1] or "") + first


def _between(m: re.Match[str]) -> str:
    return f"{_counted(m[1])}到{_counted(m[2])}"


def _unit(m: re.Match[str]) -> str:
    return ("两" if m[1] == "2" else number(m[1])) + _UNITS[m[2].lower()]


_PART = "凌晨|早上|上午|中午|下午|晚上"
_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.ASCII), write)
    for pattern, write in (
        (r"(?<![A-Za-z])([A-Z]{1,4})-?(\d{4,})", _order),
        (r"(?:尾号[是为]?)?(?:\d{3})?\*{3,}(\d{4})", _masked),
        (r"[¥￥]\s*(\d[\d,]*(?:\.\d+)?)(?:\s*元)?", lambda m: amount(m[1])),
        (r"(\d+\.\d{1,2})\s*元", lambda m: amount(m[1])),
        (r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", _date),
        (r"(\d{4})年", _year),
        (r"(?<=\d)\s*[-–—~～]\s*(?=\d{1,2}:\d{2})", lambda _: "到"),
        (rf"({_PART})?([01]?\d|2[0-4])[:：]([0-5]\d)(?::[0-5]\d)?(?!\d)", _times),
        (rf"({_NUMBER})\s*[%％]", lambda m: "百分之" + number(m[1])),
        (rf"({_NUMBER})\s*[-–—~～]\s*({_NUMBER})", _between),
        (rf"({_NUMBER})\s*(kg|mg|ml|km|cm|mm|℃|°c|g|l|m)(?![A-Za-z])", _unit),
        (r"(?<!\d)(0\d+|\d{5,})(?![\d.]|\s*(?:元|积分|分|个|人|次))", lambda m: digits(m[1])),
        (rf"(?<![\d.])2(?={_COUNTED})", lambda _: "两"),
        (rf"(?<![\d.]){_NUMBER}", lambda m: number(m[0])),
    )
)


def say(text: str) -> str:
    """`text` with its figures in characters."""
    for pattern, write in _RULES:
        text = pattern.sub(write, text)
    return text
