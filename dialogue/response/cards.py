"""Cards: the shop's facts as pictures with text; what is private is shown here, never spoken."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dialogue.domain import Domain
from dialogue.engines import Passage
from dialogue.response.formats import capital, day, moment, written
from dialogue.response.wording import Wording
from dialogue.types import Card, Column, Language, Step

MEDIA = "/media/"
"""Where the site serves the pack's pictures."""

_ORDER_ROWS = ("status", "total", "items", "placed_at", "eta", "was_due", "courier_name")
_COMPARED = ("price", "origin", "stock", "storage", "description")
_SENTENCE = {"zh": re.compile(r"[；。，]"), "en": re.compile(r"; |\.(?:\s|$)")}
SHOWN_ONLY = ("courier_phone", "address")
"""Facts that are on cards and never in a sentence."""


def cards_for(
    domain: Domain,
    wording: Wording,
    facts: Mapping[str, Any],
    language: Language,
    now: datetime | None = None,
) -> tuple[Card, ...]:
    """The cards that `facts` of the shop deserve: orders, refunds, a product or an order."""
    draw = _Draw(domain, wording, language, now)
    if len(facts.get("products") or ()) == 2:
        return (draw.comparison(facts["products"]),)
    if facts.get("orders"):
        return (draw.orders(facts["orders"]),)
    if refunds := facts.get("refunds") or [r for r in (facts.get("refund"),) if r]:
        return tuple(draw.refund(refund) for refund in refunds)
    if facts.get("product") and facts.get("price") and f"name_{language}" in facts:
        return (draw.product(facts),)
    if facts.get("order_id") and (facts.get("steps") or _private(facts)):
        return (draw.order(facts),)
    return (draw.ticket(facts),) if facts.get("ticket_id") and _private(facts) else ()


def product_card(domain: Domain, product: str, language: Language) -> Card | None:
    """A card naming a product of the catalogue, or None when it is not there."""
    found = domain.products.get(product)
    if found is None:
        return None
    name = found.names[language]
    title = capital(name)
    return Card("product", title, image=_address(found.image), alt=title)


def steps_card(
    domain: Domain, product: str, title: str, how: str, language: Language
) -> Card | None:
    """What to do, sentence by sentence, as a card; None where one sentence is all there is."""
    steps = [capital(step.strip()) for step in _SENTENCE[language].split(how) if step.strip()]
    if len(steps) < 2:
        return None
    image = _address(domain.products[product].image)
    return Card("advice", title, "", image, title, steps=tuple(Step(s, done=False) for s in steps))


def article_card(passage: Passage) -> Card | None:
    """The picture of an article, or None when it has none."""
    if not passage.image:
        return None
    return Card("article", passage.title, image=_address(passage.image), alt=passage.title)


class _Draw:
    """Labels and values of cards in one language."""

    def __init__(
        self, domain: Domain, wording: Wording, language: Language, now: datetime | None
    ) -> None:
        self._domain, self._wording = domain, wording
        self._language, self._now = language, now

    def order(self, facts: Mapping[str, Any]) -> Card:
        shown = self._shown(facts)
        title = f"{self._word('order')} {facts['order_id']}"
        return Card("order", title, alt=title, rows=self._rows(shown), steps=self._steps(facts))

    def orders(self, orders: Sequence[Mapping[str, Any]]) -> Card:
        rows = tuple((str(order.get("order_id", "")), self._brief(order)) for order in orders)
        title = self._word("orders")
        return Card("order", title, alt=title, rows=rows)

    def _brief(self, order: Mapping[str, Any]) -> str:
        """Status, total and day: what tells orders apart in one line."""
        shown = self._shown(order)
        told = (
            shown.get("status"),
            shown.get("total"),
            day(order.get("placed_at"), self._language),
        )
        return " · ".join(part for part in told if part)

    def ticket(self, facts: Mapping[str, Any]) -> Card:
        shown = self._shown(facts)
        title = f"{self._word('ticket_id')} {facts['ticket_id']}"
        return Card("order", title, alt=title, rows=self._rows(shown))

    def refund(self, facts: Mapping[str, Any]) -> Card:
        values = written(facts, self._language, self._now)
        title = f"{self._word('refund')} {facts.get('refund_id', '')}".strip()
        values["status"] = self.status(facts)
        if "name" in values:
            values["product"] = values["name"]
        rows = self._labelled(values, ("product", "amount", "status"))
        return Card("refund", title, alt=title, rows=rows, steps=self._steps(facts))

    def product(self, facts: Mapping[str, Any]) -> Card:
        values = written(facts, self._language, self._now)
        values["price"] = values.get("unit_price", values["price"])
        rows = self._labelled(values, ("price", "origin", "storage", "stock"))
        image = _address(str(facts.get("image") or ""))
        body = values.get("description", "")
        title = capital(values["name"])
        return Card("product", title, body, image, alt=title, rows=rows)

    def comparison(self, products: Sequence[Mapping[str, Any]]) -> Card:
        values = [written(facts, self._language, self._now) for facts in products]
        values = [{**v, "price": v.get("unit_price", v.get("price", ""))} for v in values]
        names = [capital(v.get("name", "")) for v in values]
        addresses = [_address(str(facts.get("image") or "")) for facts in products]
        columns = tuple(map(Column, names, addresses))
        title = self._wording.say(
            ("word.comparison",), self._language, {"product": names[0], "other": values[1]["name"]}
        )
        cells = tuple(
            (self._word(name), *(v.get(name, "") for v in values))
            for name in _COMPARED
            if any(v.get(name) for v in values)
        )
        return Card("comparison", title, alt=title, columns=columns, cells=cells)

    def status(self, facts: Mapping[str, Any]) -> str:
        keys = (f"word.status.{facts.get('status')}", "word.status.other")
        return self._wording.say(keys, self._language, {})

    def _shown(self, facts: Mapping[str, Any]) -> dict[str, str]:
        shown = written(facts, self._language, self._now)
        shown |= {name: str(facts[name]) for name in SHOWN_ONLY if facts.get(name)}
        if facts.get("status"):
            shown["status"] = self.status(facts)
        return shown

    def _rows(self, shown: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        return self._labelled(shown, (*_ORDER_ROWS, *SHOWN_ONLY))

    def _labelled(
        self, values: Mapping[str, str], names: tuple[str, ...]
    ) -> tuple[tuple[str, str], ...]:
        return tuple((self._word(n), values[n]) for n in names if values.get(n))

    def _word(self, name: str) -> str:
        return self._wording.say((f"word.{name}",), self._language, {})

    def _steps(self, facts: Mapping[str, Any]) -> tuple[Step, ...]:
        return tuple(
            Step(
                str(step.get(f"label_{self._language}", "")),
                bool(step.get("done")),
                moment(step["time"], self._language, self._now) if step.get("time") else "",
            )
            for step in facts.get("steps") or ()
        )


def _private(facts: Mapping[str, Any]) -> bool:
    return any(facts.get(name) for name in SHOWN_ONLY)


def _address(image: str) -> str:
    return image if not image or image.startswith("/") else MEDIA + image
