"""World: what simulated customers know of the shop they come from: orders, goods, coupons."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.store.database import Database
from app.store.instants import utc_now
from app.store.ledger import Entry, coupon_codes, entries
from dialogue.domain import Domain
from dialogue.types import Language

FRESH_HOURS = 48
REFUND_HOURS = 7 * 24
INVOICE_HOURS = 90 * 24
LATE_HOURS = 0.5
OPEN = ("placed", "paid", "packed")


@dataclass(frozen=True, slots=True)
class World:
    """The demo shop before anybody came."""

    domain: Domain
    orders: Mapping[str, Entry]
    coupons: tuple[str, ...]

    def order(self, chooser: random.Random, fits: Callable[[Entry], bool]) -> Entry:
        """One of the orders that fit."""
        return chooser.choice([e for e in self.orders.values() if fits(e)])

    def called(self, product: str, language: Language, chooser: random.Random) -> str:
        """What a customer calls `product`: its name, or an everyday word for it."""
        found = self.domain.products[product]
        han = language == "zh"
        words = [w for w in found.synonyms if any("\u4e00" <= c <= "\u9fff" for c in w) == han]
        return chooser.choice([found.names[language], *words[:3]])

    def strange_number(self, near: str, chooser: random.Random) -> str:
        """An order number that differs from `near` in one digit."""
        place = chooser.randrange(5, len(near))
        digit = chooser.choice([d for d in "0123456789" if d != near[place]])
        return near[:place] + digit + near[place + 1 :]


def look_around(domain: Domain, database: Database) -> World:
    """The world as the shop's tables hold it now."""
    return World(domain, entries(database, utc_now()), coupon_codes(database))


def refundable(entry: Entry) -> bool:
    """Whether the whole order may still be refunded."""
    if entry.status != "delivered" or entry.refunds or entry.delivered_hours is None:
        return False
    return entry.delivered_hours < (FRESH_HOURS - 2 if entry.fresh else REFUND_HOURS - 2)


def expired(entry: Entry) -> bool:
    """Whether it was delivered too long ago for any refund."""
    return entry.status == "delivered" and (entry.delivered_hours or 0) > REFUND_HOURS + 2


def billable(entry: Entry) -> bool:
    """Whether an invoice may be asked for."""
    hours = entry.delivered_hours or 0.0
    paid = entry.status in ("paid", "packed", "out_for_delivery", "delivered")
    return paid and entry.invoice is None and hours < INVOICE_HOURS - 2


def late(entry: Entry) -> bool:
    """Whether it is on its way and overdue."""
    return entry.status == "out_for_delivery" and entry.late_hours > LATE_HOURS
