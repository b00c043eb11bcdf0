"""Slots: the values named in an utterance, by pattern, catalogue or what was just asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from dialogue import cues
from dialogue.domain import OPTION, Domain, options
from dialogue.nlu.catalogue import Catalogue
from dialogue.nlu.choices import Choices
from dialogue.nlu.patterns import (
    ADDRESS,
    AFTER_ADDRESS,
    AMOUNT,
    BARE_CODE,
    BESIDE,
    CODE,
    COUNT,
    DATE,
    EMAIL,
    LEAD,
    NAME,
    NO_PRODUCT,
    NOT_SO_MANY,
    ORDER,
    ORDER_LIKE,
    PHONE,
    PLACE,
    QUANTITY,
    TAIL,
    WINDOW,
)
from dialogue.nlu.spoken import Digits, digit_runs
from dialogue.nlu.which import chosen, narrowed, ordered, pointed
from dialogue.types import Slot, State

ORDER_DIGITS = 7
TAIL_DIGITS = 4
PHONE_DIGITS = 11
PIECE = "digits"
"""Name of the slot that holds the digits of a number so far, too few or too many of them."""


class SlotReader:
    """Reads slot values out of words; `State.expects` settles what a bare value is."""

    def __init__(
        self, domain: Domain, ordinary: Callable[[str], bool] = lambda _word: False
    ) -> None:
        """`ordinary` tells words that are no misspelt product."""
        self._domain = domain
        self._catalogue = Catalogue((*domain.products.values(), *domain.unsold.values()), ordinary)
        readers: dict[str, Callable[[str], Slot | None]] = {
            "product": lambda text: self._product(text, self._catalogue),
            "address": _address,
            "email": lambda text: _first("email", EMAIL, text),
            "amount": lambda text: _first("amount", AMOUNT, text),
            "quantity": _quantity,
            "date": lambda text: _first("date", DATE, text),
            "time_window": lambda text: _first("time_window", WINDOW, text),
            "name": lambda text: _first("name", NAME, text),
        }
        self._readers = [read for name, read in readers.items() if name in domain.slots]
        self._choices = Choices(domain.slots.values())

    def read(self, text: str, state: State) -> tuple[Slot, ...]:
        """The slots in `text`, at most one of each name."""
        found = [slot for slot in (self._chosen(text, state),) if slot]
        found += [slot for slot in (read(text) for read in self._readers) if slot]
        found += [s for slot in found if slot.name == "product" for s in _beside(slot, text)]
        found += self._choices.find(text)
        found += _numbers(text, self._number_expected(text, state))
        found += self._pieces(text, state, {slot.name for slot in found})
        if "coupon_code" in self._domain.slots:
            found += _coupon(text, state.expects, [s for s in found if s.name == "order_id"])
        found += self._expected(text, state.expects)
        if not any(slot.name == "product" for slot in found):
            found += [slot for slot in (self._pointed(text, state),) if slot]
        if not {"order_id", "product", "amount"} & {slot.name for slot in found}:
            found += [slot for slot in (ordered(text, state.listed),) if slot]
        known = {slot.name: slot for slot in reversed(found)}
        return tuple(s for n, s in known.items() if n in self._domain.slots or n == PIECE)

    def _number_expected(self, text: str, state: State) -> str | None:
        """Four digits after an order number that waits for its owner are the phone's."""
        order = state.slot("order_id")
        waits = not state.flow and order and order not in state.verified
        return "phone_tail" if waits and len(_bare_digits(text)) == TAIL_DIGITS else state.expects

    def _product(self, text: str, catalogue: Catalogue) -> Slot | None:
        """What is named, without those of a family that the rest of `text` rules out."""
        found = catalogue.find(NO_PRODUCT.sub(_blank, text))
        known = self._domain.products
        family = [known[i] for i in options(found.value) if i in known] if found else []
        if found is None or len(family) < 2:
            return found
        rest = f"{text[: found.start]} {text[found.end :]}"
        return replace(found, value=OPTION.join(narrowed(rest, family)))

    def _pointed(self, text: str, state: State) -> Slot | None:
        """One of the products just spoken of: "how much is the lactose-free one"."""
        known = self._domain.products
        family = [known[i] for i in options(state.slot("product") or "") if i in known]
        return pointed(text, family) if len(family) > 1 else None

    def _chosen(self, text: str, state: State) -> Slot | None:
        """One of the products that were just offered."""
        ids = options(state.slot("product") or "") if state.expects == "product" else ()
        known = self._domain.products
        found = chosen(text, [known[i] for i in ids if i in known]) if len(ids) > 1 else None
        other = self._product(text, self._catalogue) if found else None
        if not found or not other or set(options(other.value)) & set(ids):
            return found
        # 那香蕉呢 is no 黄香蕉 apple, but "the apple one" may be a juice.
        named = [n.lower() for i in options(found.value) for n in known[i].names.values()]
        return found if any(other.text.lower() in name for name in named) else None

    def _pieces(self, text: str, state: State, found: set[str]) -> list[Slot]:
        """The number that was asked for, put together with what was said of it before."""
        spec = self._domain.slots.get(state.expects or "")
        settled = {"order_id", "phone", "phone_tail", "address", "email"}
        if spec is None or not spec.digits or found & settled:
            return []
        said, held = _bare_digits(text), str(dict(state.facts).get(PIECE, ""))
        if len(held + said) < 2 or not said:
            return []
        # Whoever starts over says the beginning again.
        whole = said if said.startswith(held) and said != held else held + said
        if len(whole) != spec.digits:
            return [Slot(PIECE, whole, text, source="state")]
        prefix = "FD" if spec.name == "order_id" else ""
        return [Slot(spec.name, prefix + whole, text, 0, len(text), "state", 0.9)]

    def _expected(self, text: str, expects: str | None) -> list[Slot]:
        """The whole utterance as the free text that was asked for, less its polite opening."""
        spec = self._domain.slots.get(expects or "")
        if spec is None or spec.type != "text" or spec.name == "time_window":
            return []
        value = text.strip()
        while spec.name != "reason" and (lead := LEAD.match(value)) and lead.end() < len(value):
            value = value[lead.end() :]
        value = value.strip(" 。.,，!！")
        if spec.name == "address" and not PLACE.search(value):
            return []
        if not value or cues.names_kind(value) or cues.says_no(text) or cues.says_yes(text):
            return []
        start = text.find(value)
        return [Slot(spec.name, value, value, start, start + len(value))]


def _numbers(text: str, expects: str | None) -> list[Slot]:
    """Order number, phone and phone tail among the digit runs."""
    plain = _first("order_id", ORDER, text)
    phone = _first("phone", PHONE, text)
    whole = [s for s in (plain, phone) if s]
    rest = text
    for slot in whole:
        rest = rest[: slot.start] + "|" * len(slot.text) + rest[slot.end :]
    runs = [part for run in digit_runs(rest) for part in _parted(run, rest)]
    # Four digits beside an order number are the phone's; alone they may be part of either.
    if expects != "phone" and (plain or any(len(run.value) == ORDER_DIGITS for run in runs)):
        expects = "phone_tail"
    slots = [s for run in runs if (s := _number(run, rest, expects))]
    slots += [_whole_number(slot, expects) for slot in whole]
    # A tail said beside the order number counts as one even when it was not asked for.
    return sorted(slots, key=lambda slot: slot.name)


def _whole_number(slot: Slot, expects: str | None) -> Slot:
    digits = re.sub(r"\D", "", slot.text)
    if slot.name == "order_id":
        return replace(slot, value=f"FD{digits}")
    if expects == "phone_tail":
        return replace(slot, name="phone_tail", value=digits[-TAIL_DIGITS:])
    return replace(slot, value=digits)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _parted(run: Digits, text: str) -> list[Digits]:
    """An order number and the end of a phone number said in one breath, as two runs."""
    both = len(run.value) == ORDER_DIGITS + TAIL_DIGITS
    last = re.search(r"(?:\d\D*){4}$", text[run.start : run.end]) if both else None
    if last is None:
        return [run]
    cut = run.start + last.start()
    # Eleven digits on end are a phone number, unless FD says otherwise.
    if not run.prefix.endswith("FD") and text[cut - 1].isdigit():
        return [run]
    if re.search(r"\d[ -]\d", text[run.start : cut].rstrip(" -")):
        return [run]
    order, tail = run.value[:ORDER_DIGITS], run.value[ORDER_DIGITS:]
    end = run.start + len(text[run.start : cut].rstrip(" ,，、;；"))
    return [Digits(order, run.start, end, run.prefix), Digits(tail, cut, run.end, "")]


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
    if size == TAIL_DIGITS and not run.prefix and (expects == "phone_tail" or TAIL.search(text)):
        return _slot("phone_tail", run.value, run, text)
    return None


def _bare_digits(text: str) -> str:
    """The digits of an utterance that says little else; "" for a sentence with a number in it."""
    runs = digit_runs(text)
    said = "".join(run.value for run in runs)
    rest = text
    for run in reversed(runs):
        rest = rest[: run.start] + " " + rest[run.end :]
    return said if cues.units(rest) <= max(1, len(said)) else ""


def _slot(name: str, value: str, run: Digits, text: str) -> Slot:
    return Slot(name, value, text[run.start : run.end], run.start, run.end)


def _coupon(text: str, expects: str | None, orders: list[Slot]) -> list[Slot]:
    pattern = BARE_CODE if expects != "coupon_code" else CODE
    for match in [*pattern.finditer(text), *BARE_CODE.finditer(text)]:
        inside = any(o.start <= match.start() < o.end for o in orders)
        coded = any(ch.isdigit() for ch in match[0]) and not ORDER_LIKE.fullmatch(match[0])
        if not inside and (expects == "coupon_code" or coded):
            return [Slot("coupon_code", match[0].upper(), match[0], match.start(), match.end())]
    return []


def _beside(product: Slot, text: str) -> list[Slot]:
    """The number said right before the product."""
    match = BESIDE.search(text[: product.start]) if product.start > 0 else None
    if match is None:
        return []
    value = COUNT.get(match[1].lower(), match[1])
    return [Slot("quantity", value, match[1], *match.span(1))]


def _quantity(text: str) -> Slot | None:
    found = list(QUANTITY.finditer(text))
    said_not = [m for m in found if NOT_SO_MANY.search(text[: m.start()])]
    match = next((m for m in found if m not in said_not), None)
    if match is None:
        return None
    said = match[1] or match[2]
    value = COUNT.get(said.lower(), said)
    return Slot("quantity", value, match[0], *match.span()) if value.isdigit() else None


def _address(text: str) -> Slot | None:
    """A street with its number, without what is said after it."""
    found = _first("address", ADDRESS, text)
    if found is None:
        return None
    value = AFTER_ADDRESS.split(found.value, maxsplit=1)[0].strip(" ,，")
    start = text.find(value)
    return Slot("address", value, value, start, start + len(value))


def _first(name: str, pattern: re.Pattern[str], text: str) -> Slot | None:
    match = pattern.search(text)
    if match is None:
        return None
    value = next((group for group in match.groups() if group), match[0])
    return Slot(name, value, match[0], match.start(), match.end())
