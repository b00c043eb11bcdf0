"""Money back: asking for it, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.store.money import CENT, yuan
from app.store.shop.facts import items, refund_facts
from app.store.shop.request import Request
from app.store.shop_tables import OrderLineRow, OrderRow, ProductRow, RefundRow
from dialogue.types import ActionResult

KINDS = ("refund", "damaged", "wrong", "missing")
SETTLED = ("arrived", "rejected")
"""States in which nothing more comes of a refund."""
REFUND_WINDOW = timedelta(days=7)
"""After delivery."""
FRESH_WINDOW = timedelta(hours=48)
"""After delivery, in which the state of fresh goods can still be judged."""
JUDGED = ("refund", "damaged")
"""Kinds for which the state of the goods matters."""
WORKING_DAYS = 3
"""Until the money arrives."""


def request_refund(request: Request) -> ActionResult:
    """Starts a refund of one product or of all that was not refunded yet."""
    kind = request.arguments["kind"]
    if kind not in KINDS:
        raise ValueError(f"Unknown kind of refund {kind!r}; choose one of: {', '.join(KINDS)}")
    order = request.order()
    if order is None:
        return request.refused("not_found")
    if code := _closed(request, order):
        return request.refused(code, order_id=order.id)
    wanted = request.arguments.get("product")
    found = _meant(request, order, wanted) if wanted else []
    if wanted and len(found) != 1:
        code, choice = ("which_product", found) if found else ("not_in_order", order.lines)
        return request.refused(code, order_id=order.id, items=items(choice))
    line = found[0] if found else None
    if code := _too_late(request, order, [line] if line else order.lines):
        left = [each for each in order.lines if not each.product.fresh]
        hours = FRESH_WINDOW // timedelta(hours=1)
        return request.refused(code, order_id=order.id, hours=hours, items=items(left))
    quantity = _quantity(request, order, line) if line else 0
    amount = _amount(order, line, quantity)
    if amount <= 0:
        return request.refused("already_refunded", order_id=order.id)
    return _begin(request, order, line, quantity, amount)


def refund_status(request: Request) -> ActionResult:
    """The order's refunds, oldest first; refused as none where there is none."""
    order = request.order()
    if order is None:
        return request.refused("not_found")
    if not order.refunds:
        return request.refused("none", order_id=order.id)
    told = [refund_facts(refund) for refund in order.refunds]
    waits = any(refund.status not in SETTLED for refund in order.refunds)
    days: dict[str, Any] = {"days": WORKING_DAYS} if waits else {}
    return request.done(order_id=order.id, refunds=told, **days)


def _closed(request: Request, order: OrderRow) -> str:
    """Why this order can have no refund any more or yet; "" when it can."""
    if order.status == "cancelled":
        return "already_cancelled"
    if order.status == "returned":
        return "already_refunded"
    if order.delivered_at is None:
        return "not_delivered"
    return "too_late" if request.now - order.delivered_at > REFUND_WINDOW else ""


def _meant(request: Request, order: OrderRow, wanted: str) -> list[OrderLineRow]:
    """The lines that `wanted` may be: one product, several ("0|1"), or their whole family.

    A customer who says "apple", or whose photo shows the wrong kind, means an apple of the order.
    """
    asked = wanted.split("|")
    exact = [line for line in order.lines if line.product_id in asked]
    if exact:
        return exact
    kinds = select(ProductRow.family).where(ProductRow.id.in_(asked))
    families = set(request.session.scalars(kinds))
    return [line for line in order.lines if line.product.family in families]


def _too_late(request: Request, order: OrderRow, lines: Sequence[OrderLineRow]) -> str:
    """Why the state of `lines` can no longer be judged; "" when it can."""
    assert order.delivered_at is not None
    if request.arguments["kind"] not in JUDGED or not any(x.product.fresh for x in lines):
        return ""
    if request.now - order.delivered_at <= FRESH_WINDOW:
        return ""
    return "fresh_too_late" if all(x.product.fresh for x in lines) else "partly_too_late"


def _live(order: OrderRow) -> list[RefundRow]:
    return [refund for refund in order.refunds if refund.status != "rejected"]


def _quantity(request: Request, order: OrderRow, line: OrderLineRow) -> int:
    refunded = sum(r.quantity for r in _live(order) if r.product_id == line.product_id)
    left = line.quantity - refunded
    said = request.arguments.get("quantity", "")
    return min(left, int(said)) if said.isdecimal() and int(said) > 0 else left


def _amount(order: OrderRow, line: OrderLineRow | None, quantity: int) -> Decimal:
    left = order.total - sum((r.amount for r in _live(order)), Decimal(0))
    if line is None:
        return left
    goods = order.total - order.shipping_fee + order.discount
    # A coupon made every product cheaper by the same share.
    paid = line.price * quantity * (goods - order.discount) / goods
    return min(left, paid.quantize(CENT))


def _begin(
    request: Request, order: OrderRow, line: OrderLineRow | None, quantity: int, amount: Decimal
) -> ActionResult:
    refund = RefundRow(
        order_id=order.id,
        product_id=line.product_id if line else None,
        quantity=quantity,
        kind=request.arguments["kind"],
        reason=request.arguments.get("reason", ""),
        amount=amount,
        status="requested",
        requested_at=request.now,
    )
    request.session.add(refund)
    request.session.flush()
    return request.done(
        refund_id=f"RF{refund.id:07d}",
        amount=yuan(amount),
        order_id=order.id,
        days=WORKING_DAYS,
        quantity=quantity,
        product=line.product_id if line else "",
        name_zh=line.product.name_zh if line else "",
        name_en=line.product.name_en if line else "",
        refund=refund_facts(refund),
    )
