"""Slots: the values named in an utterance, by pattern, catalogue or what was just asked for."""

from __future__ import annotations

import re
from collections.abc import Callable

from dialogue import cues
from dialogue.domain import Domain
from dialogue.nlu.catalogue import Catalogue
from dialogue.nlu.patterns import (
    AMOUNT,
    BARE_CODE,
    CODE,
    COUNT,
    DATE,
    EMAIL,
    LEAD,
    QUANTITY,
    TAIL,
    WINDOW,
)
from dialogue.nlu.spoken import Digits, digit_runs
from dialogue.types import Slot, State

ORDER_DIGITS = 7
TAIL_DIGITS = 4
PHONE_DIGITS = 11


class SlotReader:
    """Reads slot values out of words; `State.expects` settles what a bare value is."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain
        self._catalogue = Catalogue(domain.products.values())
        readers: dict[str, Callable[[str], Slot | None]] = {
            "product": self._catalogue.find,
            "email": lambda text: _first("email", EMAIL, text),
            "amount": lambda text: _first("amount", AMOUNT, text),
            "quantity": _quantity,
            "date": lambda text: _first("date", DATE, text),
            "time_window": lambda text: _first("time_window", WINDOW, text),
        }
        self._readers = [read for name, read in readers.items() if name in domain.slots]

    def read(self, text: str, state: State) -> tuple[Slot, ...]:
        """The slots in `text`, at most one of each name."""
        found = [slot for slot in (read(text) for read in self._readers) if slot]
        found += _numbers(text, state.expects)
        if "coupon_code" in self._domain.slots:
            found += _coupon(text, state.expects, [s for s in found if s.name == "order_id"])
        found += self._expected(text, state.expects)
        known = {slot.name: slot for slot in reversed(found) if slot.name in self._domain.slots}
        return tuple(known.values())

    def _expected(self, text: str, expects: str | None) -> list[Slot]:
        """The whole utterance as the free text that was asked for, less its polite opening."""
        spec = self._domain.slots.get(expects or "")
        if spec is None or spec.type != "text" or spec.name == "time_window":
            return []
        value = text.strip()
        while spec.name != "reason" and (lead := LEAD.match(value)) and lead.end() < len(value):
            value = value[lead.end() :]
        value = value.strip(" 。.,，!！")
        least = 3 if spec.name == "address" else 1
        if cues.units(value) < least or cues.says_no(text) or cues.says_yes(text):
            return []
        start = text.find(value)
        return [Slot(spec.name, value, value, start, start + len(value))]


def _numbers(text: str, expects: str | None) -> list[Slot]:
    """Order number, phone and phone tail among the digit runs."""
    slots = [s for run in digit_runs(text) if (s := _number(run, text, expects))]
    # A tail said beside the order number counts as one even when it was not asked for.
    return sorted(slots, key=lambda slot: slot.name)


def _number(run: Digits, text: str, expects: str | None) -> Slot | None:
    size = len(run.value)
    # SF1234567 is some other company's number.
    foreign = re.match("[A-Za-z]", text[run.start - 1 : run.start] if run.start else "")
    if size == ORDER_DIGITS and (run.prefix.endswith("FD") or not foreign):
        return _slot("order_id", "FD" + run.value, run, text)
    if size == PHONE_DIGITS and run.value.startswith("1"):
        if expects == "phone_tail":
            return _slot("phone_tail", run.value[-TAIL_DIGITS:], run, text)
        return _slot("phone", run.value, run, text)
    tail = expects in ("phone_tail", "order_id") or TAIL.search(text)
    if size == TAIL_DIGITS and not run.prefix and tail:
        return _slot("phone_tail", run.value, run, text)
    return None


def _slot(name: str, value: str, run: Digits, text: str) -> Slot:
    return Slot(name, value, text[run.start : run.end], run.start, run.end)


def _coupon(text: str, expects: str | None, orders: list[Slot]) -> list[Slot]:
    pattern = BARE_CODE if expects != "coupon_code" else CODE
    for match in [*pattern.finditer(text), *BARE_CODE.finditer(text)]:
        inside = any(o.start <= match.start() < o.end for o in orders)
        if not inside and (expects == "coupon_code" or any(ch.isdigit() for ch in match[0])):
            return [Slot("coupon_code", match[0].upper(), match[0], match.start(), match.end())]
    return []


def _quantity(text: str) -> Slot | None:
    match = QUANTITY.search(text)
    if match is None:
        return None
    said = match[1] or match[2]
    value = COUNT.get(said.lower(), said)
    return Slot("quantity", value, match[0], *match.span()) if value.isdigit() else None


def _first(name: str, pattern: re.Pattern[str], text: str) -> Slot | None:
    match = pattern.search(text)
    if match is None:
        return None
    value = next((group for group in match.groups() if group), match[0])
    return Slot(name, value, match[0], match.start(), match.end())
