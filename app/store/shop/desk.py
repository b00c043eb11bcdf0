"""The service desk: products, coupons, invoices and complaints."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select

from app.store.instants import iso
from app.store.money import yuan
from app.store.shop.orders import open_ticket
from app.store.shop.request import Request
from app.store.shop_tables import CouponRow, InvoiceRow, ProductRow
from dialogue.types import ActionResult

LOW_STOCK = 10
"""Fewer than this many are "low"."""
INVOICE_WINDOW = timedelta(days=90)
"""After delivery."""
COMPLAINT_HOURS = 24
"""In which somebody calls back."""
EXTREMES = ("cheapest", "dearest")
"""What may stand in the place of the second product, where the first is several."""
_PRODUCT_FACTS = (
    "name_zh", "name_en", "unit_zh", "unit_en", "stock", "restock_days", "origin_zh", "origin_en",
    "storage_zh", "storage_en", "description_zh", "description_en", "image",
)  # fmt: skip


def product_info(request: Request) -> ActionResult:
    """All that is known of a product."""
    row = request.session.get(ProductRow, request.arguments["product"])
    if row is None:
        return request.refused("not_found")
    return request.done(**_facts(row))


def stock_check(request: Request) -> ActionResult:
    """The product, with in_stock, low_stock or sold_out as code."""
    row = request.session.get(ProductRow, request.arguments["product"])
    if row is None:
        return request.refused("not_found")
    code = "sold_out" if row.stock <= 0 else "low_stock" if row.stock < LOW_STOCK else "in_stock"
    return request.done(code, **product_info(request).facts)


def compare_products(request: Request) -> ActionResult:
    """All that is known of two products, or of the cheapest and the dearest of several."""
    if request.arguments["other"] in EXTREMES:
        return _extremes(request)
    rows = [request.session.get(ProductRow, request.arguments[n]) for n in ("product", "other")]
    if None in rows:
        return request.refused("not_found")
    return request.done(products=[_facts(row) for row in rows if row])


def _extremes(request: Request) -> ActionResult:
    """The two ends of a family by price, that which is asked for first."""
    found = (request.session.get(ProductRow, p) for p in request.arguments["product"].split("|"))
    rows = sorted((row for row in found if row), key=lambda row: row.price)
    if len(rows) < len(EXTREMES):
        return request.refused("not_found")
    asked = request.arguments["other"]
    ends = [rows[0], rows[-1]] if asked == EXTREMES[0] else [rows[-1], rows[0]]
    code = "alike" if rows[0].price == rows[-1].price else asked
    return request.done(code, products=[_facts(row) for row in ends])


def _facts(row: ProductRow) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in _PRODUCT_FACTS}
    return {"product": row.id, "price": yuan(row.price), **facts}


def check_coupon(request: Request) -> ActionResult:
    """What a coupon is worth, or why it is refused.

    Where `amount`, the basket's worth, is given, it is held against the coupon's minimum.
    """
    code = request.arguments["coupon_code"].upper()
    coupon = request.session.get(CouponRow, code)
    if coupon is None:
        return request.refused("unknown", coupon_code=code)
    if coupon.used_at:
        return request.refused("used", coupon_code=code, used_at=iso(coupon.used_at))
    if coupon.starts_at > request.now:
        return request.refused("not_yet", coupon_code=code, starts=iso(coupon.starts_at))
    if coupon.expires_at <= request.now:
        return request.refused("expired", coupon_code=code, expires=iso(coupon.expires_at))
    value, minimum = yuan(coupon.value), yuan(coupon.minimum)
    basket = _money(request.arguments.get("amount", ""))
    if basket is not None and basket < coupon.minimum:
        return request.refused("minimum", coupon_code=code, minimum=minimum, value=value)
    expires = iso(coupon.expires_at)
    return request.done(coupon_code=code, value=value, minimum=minimum, expires=expires)


def request_invoice(request: Request) -> ActionResult:
    """Issues the order's invoice, once."""
    order = request.order()
    if order is None:
        return request.refused("not_found")
    if order.paid_at is None or order.status == "cancelled":
        return request.refused("not_paid", order_id=order.id)
    if order.delivered_at and request.now - order.delivered_at > INVOICE_WINDOW:
        return request.refused("too_late", order_id=order.id, days=INVOICE_WINDOW.days)
    there = request.session.scalar(select(InvoiceRow).where(InvoiceRow.order_id == order.id))
    if there is not None:
        issued = f"IN{there.id:07d}"
        return request.refused("already_issued", order_id=order.id, invoice_id=issued)
    if not {"name", "email"} <= set(request.arguments):
        return request.done(order_id=order.id, amount=yuan(order.total))
    name, email = request.arguments["name"][:200], request.arguments["email"][:200]
    invoice = InvoiceRow(order_id=order.id, name=name, email=email, amount=order.total)
    invoice.issued_at = request.now
    request.session.add(invoice)
    request.session.flush()
    return request.done(
        invoice_id=f"IN{invoice.id:07d}", order_id=order.id, amount=yuan(order.total), email=email
    )


def file_complaint(request: Request) -> ActionResult:
    """Opens a ticket that somebody calls back about."""
    ticket, again = open_ticket(request, "complaint")
    return request.done("again" if again else "", ticket_id=ticket, hours=COMPLAINT_HOURS)


def _money(said: str) -> Decimal | None:
    try:
        amount = Decimal(said.strip("¥￥元 "))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
