"""Coupons that the shop gives of its own accord, to make up for something."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from app.store.instants import iso
from app.store.money import yuan
from app.store.shop.request import Request
from app.store.shop_tables import CouponRow

VALID = timedelta(days=30)


def grant(request: Request, code: str, value: Decimal) -> dict[str, str]:
    """The facts of the coupon `code` worth at least `value`; granted once, raised if it was less.

    A coupon that was used already is not granted again: {}.
    """
    coupon = request.session.get(CouponRow, code)
    if coupon is None:
        coupon = CouponRow(code=code, value=value, minimum=Decimal(0), starts_at=request.now)
        coupon.expires_at = request.now + VALID
        request.session.add(coupon)
    if coupon.used_at:
        return {}
    coupon.value = max(coupon.value, value)
    expires = iso(coupon.expires_at)
    return {"coupon_code": code, "value": yuan(coupon.value), "expires": expires}
