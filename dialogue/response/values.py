"""Values: the facts of a decision as words that its sentences may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from dialogue.domain import Domain
from dialogue.response.formats import OF_TWO, enumerated, written
from dialogue.response.wording import Wording
from dialogue.types import Decision, Language


def values_of(
    domain: Domain, wording: Wording, decision: Decision, language: Language, now: datetime
) -> dict[str, str]:
    """What the sentences for `decision` may name; times are told as seen from `now`."""
    facts = dict(decision.arguments)
    refunds: list[dict[str, Any]] = facts.get("refunds") or []
    if len(refunds) == 1:
        facts = {**facts, **refunds[0]}
    values = written(facts, language, now)
    if product := facts.get("product"):
        names = domain.product_names(str(product), language)
        values["product"] = enumerated(names, language, "还是" if language == "zh" else "or")
    values |= _of_two(facts.get("products") or (), language)
    if orders := facts.get("orders"):
        told = [_order(wording, order, language) for order in orders]
        values["orders"] = enumerated(told, language)
    if status := facts.get("status"):
        values["status"] = _status(wording, status, language)
    return values


def _of_two(products: Sequence[Mapping[str, Any]], language: Language) -> dict[str, str]:
    """Names and prices of two products, and which is cheaper where that can be said."""
    values: dict[str, str] = {}
    for name, each in zip(OF_TWO, products, strict=False):
        told = written(each, language)
        values |= {name: told.get("name", ""), f"{name}_price": told.get("unit_price", "")}
    if len(products) < len(OF_TWO) or len({each.get("unit_zh") for each in products}) > 1:
        return values
    prices = [Decimal(str(each["price"])) for each in products]
    if prices[0] != prices[1]:
        values["cheaper"] = values[OF_TWO[prices.index(min(prices))]]
    return values


def _status(wording: Wording, status: str, language: Language) -> str:
    return wording.say((f"word.status.{status}", "word.status.other"), language, {})


def _order(wording: Wording, order: Mapping[str, Any], language: Language) -> str:
    """An order in a row of them: FD2024056（已付款）, FD2024056 (paid)."""
    status = _status(wording, str(order.get("status", "")), language)
    number = str(order.get("order_id", ""))
    return f"{number}（{status}）" if language == "zh" else f"{number} ({status.lower()})"
