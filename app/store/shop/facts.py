"""Facts: rows of the shop as the values that wording and cards are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.store.instants import iso
from app.store.money import yuan
from app.store.shop_tables import OrderLineRow, RefundRow

LABELS = {
    "requested": ("已申请", "Requested"),
    "approved": ("已审核", "Approved"),
    "sent": ("已打款", "Money sent"),
    "arrived": ("已到账", "Arrived"),
    "rejected": ("未通过", "Declined"),
}


def items(lines: Sequence[OrderLineRow]) -> list[dict[str, Any]]:
    """What was ordered, as facts."""
    return [
        {
            "product": line.product_id,
            "name_zh": line.product.name_zh,
            "name_en": line.product.name_en,
            "quantity": line.quantity,
            "price": yuan(line.price),
        }
        for line in lines
    ]


def refund_facts(refund: RefundRow) -> dict[str, Any]:
    """A refund and how far it has come."""
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
