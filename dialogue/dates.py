"""Dates: the day of an order, as customers tell it from others: 昨天那单, "yesterday's order"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from dialogue.cues import units
from dialogue.domain import Domain
from dialogue.types import State

DAY = "day"
"""Fact of a flow: the day on which its order was made, ISO 8601."""
BARE = 6
"""Words or characters up to which a day alone answers which order is meant."""

_WEEKDAYS = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_AGO = {
    **dict.fromkeys(("今天", "今日", "今早", "今晚", "today", "tonight", "this morning"), 0),
    **dict.fromkeys(("昨天", "昨日", "昨晚", "昨早", "yesterday", "last night"), 1),
    **dict.fromkeys(("前天", "前晚", "the day before yesterday"), 2),
}
_SAID = (
    rf"{'|'.join(sorted(_AGO, key=len, reverse=True))}"
    r"|(?P<last>上)?(?:个)?(?:周|星期|礼拜)(?P<zh>[一二三四五六日天])"
    rf"|(?:last )?\b(?P<en>{'|'.join(_WEEKDAYS)})day"
    r"|(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]"
)
_DAY = re.compile(_SAID, re.IGNORECASE)


def day_meant(domain: Domain, state: State, text: str) -> str:
    """The day that `text` tells an order from others by, ISO 8601; "" for none.

    A day alone counts where it was just asked which of the customer's orders is meant.
    """
    spec = domain.slots.get("order_id")
    if spec is None or not state.today:
        return ""
    asked = state.expects == "order_id" and bool(state.listed) and units(text) <= BARE
    found = _DAY.search(text) if asked else _of_order(text, spec.nouns)
    meant = _before(found, date.fromisoformat(state.today)) if found else None
    return meant.isoformat() if meant else ""


def made_on(placed_at: str, domain: Domain) -> str:
    """The day of the moment `placed_at` (ISO 8601) where the business is; "" for no moment."""
    try:
        moment = datetime.fromisoformat(placed_at)
    except ValueError:
        return ""
    there = moment.astimezone(domain.people.zone) if moment.tzinfo else moment
    return there.date().isoformat()


def _of_order(text: str, nouns: Sequence[str]) -> re.Match[str] | None:
    called = "|".join(re.escape(noun) for noun in nouns if not noun.isascii()) or "单"
    patterns = (
        rf"(?:{_SAID})[\u4e00-\u9fff]{{0,5}}?(?:{called})",
        rf"(?:{_SAID})'?s (?:\w+ )?(?:order|one)\b",
        rf"\b(?:from|placed|made|ordered|bought)(?: \w+){{0,2}}? (?:{_SAID})",
    )
    found = (re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
    return next(filter(None, found), None)


def _before(said: re.Match[str], today: date) -> date | None:
    """The last such day that is not after `today`."""
    if said["month"]:
        return _in_year(today, int(said["month"]), int(said["day"]))
    if not (said["zh"] or said["en"]):
        words = _DAY.search(said[0])
        return today - timedelta(_AGO[words[0].lower()]) if words else None
    weekday = (
        "一二三四五六日".index(said["zh"].replace("天", "日"))
        if said["zh"]
        else _WEEKDAYS.index(said["en"].lower())
    )
    if said["last"]:
        monday = today - timedelta(today.weekday() + 7)
        return monday + timedelta(weekday)
    return today - timedelta((today.weekday() - weekday) % 7)


def _in_year(today: date, month: int, day: int) -> date | None:
    for year in (today.year, today.year - 1):
        try:
            found = date(year, month, day)
        except ValueError:
            return None
        if found <= today:
            return found
    return None
