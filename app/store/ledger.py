"""The shop's books as they stand, for audits: every order and all that was done to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from app.store.database import Database
from app.store.shop_tables import (
    CouponRow,
    CustomerRow,
    InvoiceRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    RefundRow,
    ShipmentRow,
    TicketRow,
)
from app.store.tables import ActionRow

_ORDERS = (
    select(
        OrderRow.id,
        OrderRow.status,
        OrderRow.address,
        OrderRow.delivered_at,
        CustomerRow.phone,
        ShipmentRow.eta,
    )
    .join(CustomerRow, CustomerRow.id == OrderRow.customer_id)
    .outerjoin(ShipmentRow, ShipmentRow.order_id == OrderRow.id)
)
_LINES = (
    select(OrderLineRow.order_id, OrderLineRow.product_id, ProductRow.fresh)
    .join(ProductRow, ProductRow.id == OrderLineRow.product_id)
    .order_by(OrderLineRow.order_id, OrderLineRow.position)
)
_REFUNDS = select(RefundRow.order_id, RefundRow.kind, RefundRow.product_id).order_by(RefundRow.id)
_INVOICES = select(InvoiceRow.order_id, InvoiceRow.name, InvoiceRow.email)
_TICKETS = select(TicketRow.order_id, TicketRow.kind).order_by(TicketRow.id)


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


@dataclass(frozen=True, slots=True)
class _Followed:
    """What belongs to orders, by their number; tuples of the columns read."""

    lines: Mapping[str, list[Any]]
    refunds: Mapping[str, list[Any]]
    invoices: Mapping[str, list[Any]]
    tickets: Mapping[str, list[Any]]


def entries(database: Database, now: datetime) -> dict[str, Entry]:
    """Every order by its number."""
    return _read(database, now)


def entry(database: Database, order: str, now: datetime) -> Entry | None:
    """The order of that number, if there is one."""
    return _read(database, now, order).get(order) if order else None


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


def _read(database: Database, now: datetime, order: str = "") -> dict[str, Entry]:
    """All orders, or `order` alone. Columns and no objects: it is read after every turn."""

    def chosen(wanted: Select[*tuple[Any, ...]], number: Any) -> Select[*tuple[Any, ...]]:
        return wanted.where(number == order) if order else wanted

    with database.reading() as session:

        def grouped(wanted: Select[*tuple[Any, ...]], number: Any) -> dict[str, list[Any]]:
            found = defaultdict(list)
            for key, *rest in session.execute(chosen(wanted, number)):
                found[key].append(tuple(rest))
            return found

        followed = _Followed(
            lines=grouped(_LINES, OrderLineRow.order_id),
            refunds=grouped(_REFUNDS, RefundRow.order_id),
            invoices=grouped(_INVOICES, InvoiceRow.order_id),
            tickets=grouped(_TICKETS, TicketRow.order_id),
        )
        rows = session.execute(chosen(_ORDERS, OrderRow.id))
        return {row.id: _entry(row, now, followed) for row in rows}


def _entry(row: Row[Any], now: datetime, followed: _Followed) -> Entry:
    since = now - row.delivered_at if row.delivered_at else None
    late = (now - row.eta).total_seconds() / 3600 if row.eta else 0.0
    lines = followed.lines.get(row.id, [])
    invoices = followed.invoices.get(row.id, [])
    return Entry(
        order=row.id,
        status=row.status,
        phone_tail=row.phone[-4:],
        address=row.address,
        late_hours=late,
        delivered_hours=since.total_seconds() / 3600 if since else None,
        products=tuple(product for product, _ in lines),
        fresh=tuple(product for product, fresh in lines if fresh),
        refunds=tuple((kind, product or "") for kind, product in followed.refunds.get(row.id, [])),
        invoice=invoices[0] if invoices else None,
        tickets=tuple(kind for (kind,) in followed.tickets.get(row.id, [])),
    )
