"""Formats: facts of the shop as people write them in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from dialogue.types import Language

MOST = 5
"""Names told in a row."""

Formatter = Callable[[Any, Language], str]

_REST = {
    ("zh", False): "等",
    ("zh", True): "，还是别的",
    ("en", False): " and more",
    ("en", True): " or another",
}
_DAYS: Mapping[Language, Mapping[int, str]] = {
    "zh": {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"},
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def money(value: Any, _language: Language) -> str:
    """An amount in yuan: ¥12.50 in either language."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return ""
    return f"-¥{-amount:.2f}" if amount < 0 else f"¥{amount:.2f}"


def day(value: Any, language: Language) -> str:
    """The day of an ISO 8601 time: 11月23日, 23 November."""
    moment = _parse(value)
    if moment is None:
        return ""
    if language == "zh":
        return f"{moment.month}月{moment.day}日"
    return f"{moment.day} {_MONTHS[moment.month - 1]}"


def moment(value: Any, language: Language, now: datetime | None = None) -> str:
    """Day and time of an ISO 8601 time: 11月23日18:30, 23 November at 6:30 pm.

    Seen from `now`, the days around it have names: 今天18:30, tomorrow at 6:30 pm.
    """
    parsed = _parse(value)
    if parsed is None:
        return ""
    called = _near(parsed, language, now) or day(value, language)
    if language == "zh":
        return f"{called}{parsed:%H:%M}"
    half = "am" if parsed.hour < 12 else "pm"
    return f"{called} at {parsed.hour % 12 or 12}:{parsed:%M} {half}"


def amount(value: Any, language: Language) -> str:
    """Money that moves; "" for none: nobody is told that ¥0.00 comes back."""
    text = money(value, language)
    return "" if text == "¥0.00" else text


def plain(value: Any, _language: Language) -> str:
    """The value as it stands."""
    return str(value)


def listed(value: Any, language: Language) -> str:
    """The names of an order's items, at most five: A、B和C; A, B and C."""
    if not isinstance(value, list | tuple):
        return ""
    names = [str(item.get(f"name_{language}", "")) for item in value if isinstance(item, Mapping)]
    return enumerated([name for name in names if name], language)


def enumerated(names: Sequence[str], language: Language, last: str = "") -> str:
    """Names in a row, at most five: A、B和C; A, B and C; `last` ("or") goes before the last one."""
    if len(names) > MOST:
        rest = _REST[language, bool(last)]
        return ("、" if language == "zh" else ", ").join(names[:MOST]) + rest
    if len(names) < 2:
        return "".join(names)
    comma, joint = ("、", last or "和") if language == "zh" else (", ", f" {last or 'and'} ")
    return comma.join(names[:-1]) + joint + names[-1]


def capital(text: str) -> str:
    """`text` as it begins a sentence or stands as a title."""
    return text[:1].upper() + text[1:]


def counted(zh: str, en: str) -> Formatter:
    """A formatter of numbers with their unit: 3天, 3 days, 1 day."""

    def count(value: Any, language: Language) -> str:
        if language == "zh":
            return zh.format(value)
        return en.format(value) + ("" if str(value) == "1" else "s")

    return count


def tries(value: Any, language: Language) -> str:
    """How often the customer may still try: 还可以试2次, 1 more try."""
    if language == "zh":
        return f"还可以试{value}次"
    return f"{value} more " + ("try" if str(value) == "1" else "tries")


MOMENTS = ("eta", "was_due", "placed_at")
FORMATS: Mapping[str, Formatter] = {
    **dict.fromkeys(("amount", "minimum"), amount),
    **dict.fromkeys(("total", "price", "value"), money),
    **dict.fromkeys(MOMENTS, moment),
    **dict.fromkeys(("expires", "used_at", "starts"), day),
    "items": listed,
    "days": counted("{}天", "{} day"),
    "restock_days": counted("{}天", "{} day"),
    "hours": counted("{}小时", "{} hour"),
    "minutes": counted("{}分钟", "{} minute"),
    "tries_left": tries,
    **dict.fromkeys(("order_id", "refund_id", "ticket_id", "invoice_id", "email"), plain),
    **dict.fromkeys(
        ("courier_name", "stock", "quantity", "coupon_code", "phone_tail", "words", "title"), plain
    ),
    "digits": plain,
    "missing": counted("{}位", "{} more digit"),
}
"""How each value that a wording may name is written."""

LOCALISED = ("name", "place", "unit", "origin", "storage", "description")
"""Values the shop gives per language, as <name>_zh and <name>_en."""

OF_TWO = ("product", "other")
"""What two compared products are called; each has its price, product_price and other_price."""

NAMES = frozenset(
    (
        *FORMATS,
        *LOCALISED,
        *OF_TWO,
        "orders",
        "status",
        "unit_price",
        "product_price",
        "other_price",
        "cheaper",
    )
)
"""Every value a wording may name."""


def written(
    facts: Mapping[str, Any], language: Language, now: datetime | None = None
) -> dict[str, str]:
    """`facts` as they are written `now`; values that are missing or empty are left out."""
    if facts.get("late"):
        facts = {("was_due" if name == "eta" else name): v for name, v in facts.items()}
    texts = {
        name: FORMATS[name](value, language)
        for name, value in facts.items()
        if name in FORMATS and value not in (None, "")
    }
    texts |= {name: moment(facts[name], language, now) for name in MOMENTS if facts.get(name)}
    for name in LOCALISED:
        value = facts.get(f"{name}_{language}") or facts.get(name)
        if isinstance(value, str):
            texts[name] = value
    if "price" in texts and "unit" in texts:
        texts["unit_price"] = unit_price(texts["price"], texts["unit"], language)
    return {name: text for name, text in texts.items() if text}


def unit_price(price: str, unit: str, language: Language) -> str:
    """¥9.90/500克; ¥9.90 per 500 g, ¥29.90 each."""
    if language == "zh":
        return f"{price}/{unit}"
    return f"{price} each" if unit == "each" else f"{price} per {unit}"


def _near(there: datetime, language: Language, now: datetime | None) -> str:
    """What the day of `there` is called `now`, on its own clock; "" when it is further away."""
    if now is None:
        return ""
    days = (there.date() - now.astimezone(there.tzinfo).date()).days
    return _DAYS[language].get(days, "")


def _parse(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None
