"""The shop's books as they stand, for audits: every order and all that was done to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.store.database import Database
from app.store.shop_tables import (
    CouponRow,
    InvoiceRow,
    OrderLineRow,
    OrderRow,
    RefundRow,
    TicketRow,
)
from app.store.tables import ActionRow

_ORDERS = select(OrderRow).options(
    joinedload(OrderRow.customer),
    joinedload(OrderRow.shipment),
    selectinload(OrderRow.refunds),
    selectinload(OrderRow.lines).joinedload(OrderLineRow.product),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An order, and what followed from it."""

    order: str
    status: str
    phone_tail: str
    address: str
    late_hours: float
    """Past the time it was promised for; negative: still ahead."""
    delivered_hours: float | None
    """Since it was delivered."""
    products: tuple[str, ...]
    fresh: tuple[str, ...]
    """Those of `products` that spoil soon."""
    refunds: tuple[tuple[str, str], ...]
    """Kind and product ("" for the whole order), oldest first."""
    invoice: tuple[str, str] | None
    """Name and address it was sent to."""
    tickets: tuple[str, ...]
    """Kinds, oldest first."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One action that a conversation ran; checks leave no trace here."""

    turn: str
    action: str
    arguments: dict[str, Any]
    outcome: str
    code: str


def entries(database: Database, now: datetime) -> dict[str, Entry]:
    """Every order by its number."""
    return _read(database, _ORDERS, now)


def entry(database: Database, order: str, now: datetime) -> Entry | None:
    """The order of that number, if there is one."""
    return _read(database, _ORDERS.where(OrderRow.id == order), now).get(order)


def deeds(database: Database, conversation: str) -> tuple[Deed, ...]:
    """What `conversation` had the shop do, oldest first."""
    with database.reading() as session:
        rows = select(ActionRow).where(ActionRow.conversation_id == conversation)
        return tuple(
            Deed(
                row.key.split(":")[1],
                row.action,
                dict(row.arguments),
                str((row.result or {}).get("outcome", "")),
                str((row.result or {}).get("code", "")),
            )
            for row in session.scalars(rows.order_by(ActionRow.created_at, ActionRow.key))
        )


def complaints(database: Database, conversation: str) -> int:
    """How many complaints `conversation` filed."""
    with database.reading() as session:
        mine = (TicketRow.conversation_id == conversation, TicketRow.kind == "complaint")
        return len(session.scalars(select(TicketRow.id).where(*mine)).all())


def coupon_codes(database: Database) -> tuple[str, ...]:
    """The codes of all coupons."""
    with database.reading() as session:
        return tuple(session.scalars(select(CouponRow.code).order_by(CouponRow.code)))


def _read(database: Database, wanted: Select[OrderRow], now: datetime) -> dict[str, Entry]:
    with database.reading() as session:
        invoices = {i.order_id: (i.name, i.email) for i in session.scalars(select(InvoiceRow))}
        tickets: dict[str, list[str]] = defaultdict(list)
        for ticket in session.scalars(select(TicketRow).order_by(TicketRow.id)):
            tickets[ticket.order_id].append(ticket.kind)
        return {
            row.id: _entry(row, now, invoices.get(row.id), tickets.get(row.id, ()))
            for row in session.scalars(wanted)
        }


def _entry(
    row: OrderRow, now: datetime, invoice: tuple[str, str] | None, tickets: Sequence[str]
) -> Entry:
    since = now - row.delivered_at if row.delivered_at else None
    late = (now - row.shipment.eta).total_seconds() / 3600 if row.shipment else 0.0
    refunds: list[RefundRow] = row.refunds
    return Entry(
        order=row.id,
        status=row.status,
        phone_tail=row.customer.phone[-4:],
        address=row.address,
        late_hours=late,
        delivered_hours=since.total_seconds() / 3600 if since else None,
        products=tuple(line.product_id for line in row.lines),
        fresh=tuple(line.product_id for line in row.lines if line.product.fresh),
        refunds=tuple((r.kind, r.product_id or "") for r in refunds),
        invoice=invoice,
        tickets=tuple(tickets),
    )
