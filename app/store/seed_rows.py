"""Rows of seed/*.csv as values of the shop's tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, str]
Values = dict[str, Any]

_PRODUCT_TEXTS = (
    "id", "name_zh", "name_en", "unit_zh", "unit_en", "origin_zh", "origin_en", "storage_zh",
    "storage_en", "description_zh", "description_en", "image",
)  # fmt: skip
_WAY = ("placed", "paid", "packed", "out_for_delivery", "delivered")
_STAGES = ("requested", "approved", "sent", "arrived")
_STAGE = timedelta(hours=2)
"""Between two stages of a seeded refund, at most."""
_WAREHOUSE = ("已从仓库发出", "left our warehouse")


def _hours(now: datetime, hours: str) -> datetime:
    return now + timedelta(hours=float(hours))


def _days(now: datetime, days: str) -> datetime:
    return now + timedelta(days=float(days))


def product_values(row: Row) -> Values:
    """A product; its family is the first Chinese synonym."""
    return {
        **{name: row[name] for name in _PRODUCT_TEXTS},
        "family": row["synonyms_zh"].split("|")[0] or row["name_zh"],
        "price": Decimal(row["price"]),
        "stock": int(row["stock"]),
        "restock_days": int(row["restock_days"]),
        "fresh": row["fresh"] == "yes",
    }


def area_values(row: Row) -> Values:
    """A place the shop serves, or not."""
    return {"name": row["name"], "served": row["served"] == "yes"}


def customer_values(row: Row) -> Values:
    """A customer."""
    return {"id": row["id"], "name": row["name"], "phone": row["phone"]}


def address_values(row: Row) -> Values:
    """A customer's address."""
    return {"id": row["id"], "customer_id": row["id"], "text": row["address"]}


def coupon_values(row: Row, now: datetime) -> Values:
    """A coupon."""
    return {
        "code": row["code"],
        "value": Decimal(row["value"]),
        "minimum": Decimal(row["minimum"]),
        "starts_at": _days(now, row["starts_in_days"]),
        "expires_at": _days(now, row["expires_in_days"]),
        "used_at": _days(now, row["used_in_days"]) if row["used_in_days"] else None,
    }


def lines_of(row: Row, products: Mapping[str, Values]) -> list[Values]:
    """The lines of an order, at the prices of today."""
    pairs = [item.split("x") for item in row["items"].split("|")]
    return [
        {
            "order_id": row["order_id"],
            "position": position,
            "product_id": product,
            "quantity": int(quantity),
            "price": products[product]["price"],
        }
        for position, (product, quantity) in enumerate(pairs)
    ]


def order_values(
    row: Row, customers: Mapping[str, Row], products: Mapping[str, Values], now: datetime
) -> Values:
    """An order with the times of its steps."""
    fee, discount = Decimal(row["shipping_fee"]), Decimal(row["discount"])
    goods = sum((v["price"] * v["quantity"] for v in lines_of(row, products)), Decimal(0))
    return {
        "id": row["order_id"],
        "customer_id": row["customer_id"],
        "status": row["status"],
        "address": customers[row["customer_id"]]["address"],
        "shipping_fee": fee,
        "discount": discount,
        "total": goods + fee - discount,
        **_times(row, now),
    }


def _times(row: Row, now: datetime) -> Values:
    """When each step was reached: evenly between placing the order and its last step."""
    placed = _hours(now, "-" + row["placed_hours_ago"])
    changed = _hours(now, "-" + row["changed_hours_ago"])
    reached = _reached(row["status"], paid=row["was_paid"] == "yes")
    gap = (changed - placed) / max(1, len(reached) - 1)
    times = {f"{step}_at": placed + i * gap for i, step in enumerate(reached)}
    every = (*_WAY, "cancelled", "returned")
    return {f"{step}_at": times.get(f"{step}_at") for step in every}


def _reached(status: str, *, paid: bool) -> tuple[str, ...]:
    if status == "cancelled":
        return ("placed", "paid", "cancelled") if paid else ("placed", "cancelled")
    if status == "returned":
        return (*_WAY, "returned")
    return _WAY[: _WAY.index(status) + 1]


def shipment_values(row: Row, now: datetime) -> Values:
    """How an order travels."""
    return {
        "order_id": row["order_id"],
        "courier_name": row["courier_name"],
        "courier_phone": row["courier_phone"],
        "eta": _hours(now, row["eta_in_hours"]),
    }


def seen_values(row: Row, order: Values) -> list[Values]:
    """Where the courier was seen: leaving, and where it is now."""
    left = order["out_for_delivery_at"]
    if left is None:
        return []
    last = order["returned_at"] or order["delivered_at"] or left + timedelta(minutes=15)
    places = [(left, _WAREHOUSE), (last, (row["place_zh"], row["place_en"]))]
    return [
        {"order_id": row["order_id"], "at": at, "place_zh": zh, "place_en": en}
        for at, (zh, en) in places
    ]


def refund_values(row: Row, order: Values, lines: list[Values], now: datetime) -> Values:
    """A refund with the times of its stages."""
    asked = _hours(now, "-" + row["requested_hours_ago"])
    quantity, product = int(row["quantity"]), row["product"] or None
    price = next((v["price"] for v in lines if _is(v, row["order_id"], product)), Decimal(0))
    status = row["status"]
    reached = (
        ("requested", "rejected") if status == "rejected" else _STAGES[: _STAGES.index(status) + 1]
    )
    gap = min(_STAGE, (now - asked) / len(reached))
    times = {step: asked + i * gap for i, step in enumerate(reached)}
    return {
        "order_id": row["order_id"],
        "product_id": product,
        "quantity": quantity,
        "kind": row["kind"],
        "reason": row["reason"],
        "amount": min(price * quantity, order["total"]) if product else order["total"],
        "status": status,
        **{f"{step}_at": times.get(step) for step in (*_STAGES, "rejected")},
    }


def _is(line: Values, order_id: str, product: str | None) -> bool:
    return bool(line["order_id"] == order_id and line["product_id"] == product)


def invoice_values(row: Row, order: Values, now: datetime) -> Values:
    """An invoice."""
    return {
        "order_id": row["order_id"],
        "name": row["name"],
        "email": row["email"],
        "amount": order["total"],
        "issued_at": _hours(now, "-" + row["issued_hours_ago"]),
    }
