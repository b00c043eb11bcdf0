"""Orders: where they are, and changing them before it is too late."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.store.instants import iso
from app.store.money import yuan
from app.store.shop.coupons import grant
from app.store.shop.facts import items, refund_facts
from app.store.shop.request import Request
from app.store.shop_tables import AreaRow, OrderRow, RefundRow, TicketRow
from dialogue.types import ActionResult

LABELS = {
    "placed": ("已下单", "Placed"),
    "paid": ("已付款", "Paid"),
    "packed": ("已打包", "Packed"),
    "out_for_delivery": ("配送中", "Out for delivery"),
    "delivered": ("已送达", "Delivered"),
    "cancelled": ("已取消", "Cancelled"),
    "returned": ("已退货", "Returned"),
}
_WAY = ("placed", "paid", "packed", "out_for_delivery", "delivered")
_GONE = {
    "out_for_delivery": "out_for_delivery",
    "delivered": "already_delivered",
    "returned": "already_delivered",
    "cancelled": "already_cancelled",
}
"""Why an order in that status can no longer be changed."""
LATE = ((timedelta(minutes=60), Decimal(10)), (timedelta(minutes=30), Decimal(5)))
"""So much later than promised, so many yuan."""
ANSWERED = timedelta(hours=24)
"""So long what is said again of the same thing joins the same ticket."""
LISTED = 5
"""Orders in a list, the latest first."""
_STREET_ZH = r"(?!\s*[东西南北中]?[一二三]?[路街道巷弄])"
_STREET_EN = r"(?!\s+(?:(?:North|South|East|West)\s+)?(?:Road|Rd|Street|St|Lane|Avenue)\b)"


def order_facts(request: Request) -> ActionResult:
    """The order's facts, its status as code."""
    order = request.order()
    if order is None:
        return request.refused("not_found")
    places = order.shipment.events[-1:] if order.shipment else []
    return request.done(
        order.status,
        order_id=order.id,
        status=order.status,
        placed_at=iso(order.placed_at),
        total=yuan(order.total),
        items=items(order.lines),
        address=_hidden_digits(order.address),
        **_carriage(request, order),
        place_zh=places[0].place_zh if places else "",
        place_en=places[0].place_en if places else "",
        steps=_steps(order),
    )


def list_orders(request: Request) -> ActionResult:
    """The latest orders of the customer whom the host site vouches for, and of nobody else."""
    whose = request.caller.customer
    if not whose:
        return request.refused("not_vouched")
    own = select(OrderRow).where(OrderRow.customer_id == whose)
    latest = own.order_by(OrderRow.placed_at.desc(), OrderRow.id.desc()).limit(LISTED)
    found = [_brief(order) for order in request.session.scalars(latest)]
    return request.done(orders=found) if found else request.refused("none")


def cancel_order(request: Request) -> ActionResult:
    """Stops the order, puts the goods back and starts the refund of what was paid."""
    order = request.order()
    if order is None:
        return request.refused("not_found")
    if order.status in _GONE:
        return request.refused(_GONE[order.status], order_id=order.id)
    for line in order.lines:
        line.product.stock += line.quantity
    order.status, order.cancelled_at = "cancelled", request.now
    order.cancel_reason = request.arguments.get("reason", "")
    if order.paid_at is None:
        return request.done(order_id=order.id, amount="0.00", refund_id="")
    refund = RefundRow(order_id=order.id, kind="cancelled", amount=order.total)
    refund.reason, refund.requested_at = order.cancel_reason, request.now
    request.session.add(refund)
    request.session.flush()
    # Whoever loses a whole order does not lose the coupon it was bought with.
    coupon = grant(request, f"BACK{order.id[2:]}", order.discount) if order.discount else {}
    return request.done(
        order_id=order.id,
        amount=yuan(order.total),
        refund_id=f"RF{refund.id:07d}",
        refund=refund_facts(refund),
        **coupon,
    )


def change_address(request: Request) -> ActionResult:
    """Sends the order elsewhere, while it has not left."""
    order = request.order()
    if order is None:
        return request.refused("not_found")
    if order.status in _GONE:
        return request.refused(_GONE[order.status], order_id=order.id)
    address = request.arguments.get("address")
    if not address:
        return request.done(order_id=order.id)
    if not _served(request, address):
        return request.refused("out_of_area", address=address)
    order.address = address
    return request.done(order_id=order.id, address=address)


def report_delivery_problem(request: Request) -> ActionResult:
    """Opens a ticket with the couriers."""
    order = request.order()
    if order is None:
        return request.refused("not_found")
    if order.status == "cancelled":
        return request.refused("already_cancelled", order_id=order.id)
    ticket, again = open_ticket(request, "delivery")
    carriage = _carriage(request, order) | _compensation(request, order)
    code = "again" if again else "delivered" if order.delivered_at else ""
    return request.done(code, order_id=order.id, ticket_id=ticket, status=order.status, **carriage)


def open_ticket(request: Request, kind: str) -> tuple[str, bool]:
    """The number of a ticket for this reason, and whether it adds to one the caller just opened."""
    reason = request.arguments["reason"]
    if ticket := _open_ticket(request, kind):
        ticket.reason = f"{ticket.reason}\n{reason}"
        return f"TK{ticket.id:07d}", True
    ticket = TicketRow(
        kind=kind,
        conversation_id=request.caller.conversation_id,
        order_id=request.order_id[:32],
        reason=reason,
        created_at=request.now,
    )
    request.session.add(ticket)
    request.session.flush()
    return f"TK{ticket.id:07d}", False


def _open_ticket(request: Request, kind: str) -> TicketRow | None:
    """What this conversation reported of the same thing, as long as nobody has called back."""
    wanted = select(TicketRow).where(
        TicketRow.kind == kind,
        TicketRow.conversation_id == request.caller.conversation_id,
        TicketRow.order_id == request.order_id[:32],
        TicketRow.created_at > request.now - ANSWERED,
    )
    return request.session.scalar(wanted.order_by(TicketRow.id.desc()).limit(1).with_for_update())


def _compensation(request: Request, order: OrderRow) -> dict[str, str]:
    """The coupon that makes up for a late delivery, granted once; {} when it is not late enough."""
    if order.shipment is None or order.status == "returned":
        return {}
    late = (order.delivered_at or request.now) - order.shipment.eta
    value = next((yuan for least, yuan in LATE if late > least), None)
    return grant(request, f"LATE{order.id[2:]}", value) if value else {}


def _carriage(request: Request, order: OrderRow) -> dict[str, Any]:
    shipment = order.shipment
    if shipment is None:
        return {"eta": "", "late": False, "courier_name": "", "courier_phone": ""}
    return {
        "eta": iso(shipment.eta),
        "late": order.status in _WAY[:-1] and shipment.eta < request.now,
        "courier_name": shipment.courier_name,
        "courier_phone": _hidden_middle(shipment.courier_phone),
    }


def _steps(order: OrderRow) -> list[dict[str, Any]]:
    reached = {key: getattr(order, f"{key}_at") for key in LABELS}
    ending = order.status if order.status in ("cancelled", "returned") else ""
    way = [key for key in _WAY if reached[key] or not ending]
    return [
        {
            "key": key,
            "label_zh": LABELS[key][0],
            "label_en": LABELS[key][1],
            "done": reached[key] is not None,
            "time": iso(reached[key]),
        }
        for key in [*way, *([ending] if ending else [])]
    ]


def _served(request: Request, address: str) -> bool:
    """False only for an address that names a place the shop does not reach."""
    areas = request.session.scalars(select(AreaRow)).all()
    named = [area.served for area in areas if _names(area.name, address)]
    return any(named) or not named


def _names(place: str, address: str) -> bool:
    # 南京西路 and "Beijing East Road" are streets in Shanghai, not cities.
    street = _STREET_EN if place.isascii() else _STREET_ZH
    edge = r"\b" if place.isascii() else ""
    return re.search(edge + re.escape(place) + edge + street, address, re.IGNORECASE) is not None


def _hidden_digits(address: str) -> str:
    return re.sub(r"\d+", "*", address)


def _hidden_middle(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else phone


def _brief(order: OrderRow) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "status": order.status,
        "placed_at": iso(order.placed_at),
        "total": yuan(order.total),
        "items": items(order.lines),
    }
