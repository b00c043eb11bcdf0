"""Money back: asking for it, and how far it has come."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.store.instants import iso
from app.store.money import CENT, yuan
from app.store.shop.orders import items
from app.store.shop.request import Request
from app.store.shop_tables import OrderLineRow, OrderRow, ProductRow, RefundRow
from dialogue.types import ActionResult

KINDS = ("refund", "damaged", "wrong", "missing")
REFUND_WINDOW = timedelta(days=7)
"""After delivery."""
WORKING_DAYS = 3
"""Until the money arrives."""
LABELS = {
    "requested": ("已申请", "Requested"),
    "approved": ("已审核", "Approved"),
    "sent": ("已打款", "Money sent"),
    "arrived": ("已到账", "Arrived"),
    "rejected": ("未通过", "Declined"),
}


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
    line = _line(request, order, wanted) if wanted else None
    if wanted and line is None:
        return request.refused("not_in_order", order_id=order.id, items=items(order))
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
    return request.done(order_id=order.id, refunds=[_facts(r) for r in order.refunds])


def _closed(request: Request, order: OrderRow) -> str:
    """Why this order can have no refund any more or yet; "" when it can."""
    if order.status == "cancelled":
        return "already_cancelled"
    if order.status == "returned":
        return "already_refunded"
    if order.delivered_at is None:
        return "not_delivered"
    return "too_late" if request.now - order.delivered_at > REFUND_WINDOW else ""


def _line(request: Request, order: OrderRow, product: str) -> OrderLineRow | None:
    """The line of that product, or the only line of its family: an apple meant as "apple"."""
    exact = [line for line in order.lines if line.product_id == product]
    asked = request.session.get(ProductRow, product)
    if exact or asked is None:
        return exact[0] if exact else None
    kin = [line for line in order.lines if line.product.family == asked.family]
    return kin[0] if len(kin) == 1 else None


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
    )


def _facts(refund: RefundRow) -> dict[str, Any]:
    ends = ("requested", "rejected") if refund.status == "rejected" else tuple(LABELS)[:-1]
    return {
        "refund_id": f"RF{refund.id:07d}",
        "amount": yuan(refund.amount),
        "status": refund.status,
        "product": refund.product_id or "",
        "name_zh": refund.product.name_zh if refund.product else "",
        "name_en": refund.product.name_en if refund.product else "",
        "steps": [_step(refund, key) for key in ends],
    }


def _step(refund: RefundRow, key: str) -> dict[str, Any]:
    at = getattr(refund, f"{key}_at")
    label_zh, label_en = LABELS[key]
    return {
        "key": key,
        "label_zh": label_zh,
        "label_en": label_en,
        "done": at is not None,
        "time": iso(at),
    }
