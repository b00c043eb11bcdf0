"""Fills the shop's tables from a domain pack's seed/*.csv; again and again without doubling."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import delete, select

from app.store.database import Database, insert_new
from app.store.instants import Clock, utc_now
from app.store.seed_rows import (
    Row,
    Values,
    address_values,
    area_values,
    coupon_values,
    customer_values,
    invoice_values,
    lines_of,
    order_values,
    product_values,
    refund_values,
    seen_values,
    shipment_values,
)
from app.store.shop_tables import (
    AddressRow,
    AreaRow,
    CouponRow,
    CustomerRow,
    InvoiceRow,
    OrderLineRow,
    OrderRow,
    OrderTryRow,
    ProductRow,
    RefundRow,
    ShipmentEventRow,
    ShipmentRow,
    TicketRow,
    VerificationTryRow,
)
from app.store.tables import Base

AGING: tuple[type[Base], ...] = (
    TicketRow,
    InvoiceRow,
    RefundRow,
    ShipmentEventRow,
    ShipmentRow,
    OrderLineRow,
    VerificationTryRow,
    OrderTryRow,
    OrderRow,
    CouponRow,
)
"""What grows old in a demo shop, each before what it points at."""


def seed(
    database: Database, pack: Path, clock: Clock = utc_now, *, again: bool = False
) -> dict[str, int]:
    """Adds what is not there yet; how many rows of each table were added.

    Times in the files are relative to now. A pack without seed files adds nothing. `again` begins
    anew: all orders, refunds, tickets and coupons that are there go first.
    """
    now, folder = clock(), pack / "seed"
    products = {row["id"]: product_values(row) for row in _read(folder / "products.csv")}
    customers = {row["id"]: row for row in _read(folder / "customers.csv")}
    with database.writing() as session:
        for table in AGING if again else ():
            session.execute(delete(table))
        there = set(session.scalars(select(OrderRow.id)))
        orders = [r for r in _read(folder / "orders.csv") if r["order_id"] not in there]
        fresh = {r["order_id"]: order_values(r, customers, products, now) for r in orders}
        refunds = [r for r in _read(folder / "refunds.csv") if r["order_id"] in fresh]
        invoices = [r for r in _read(folder / "invoices.csv") if r["order_id"] in fresh]
        lines = [line for r in orders for line in lines_of(r, products)]
        tables: list[tuple[type[Base], Iterable[Values]]] = [
            (ProductRow, products.values()),
            (AreaRow, map(area_values, _read(folder / "areas.csv"))),
            (CustomerRow, map(customer_values, customers.values())),
            (AddressRow, map(address_values, customers.values())),
            (CouponRow, (coupon_values(r, now) for r in _read(folder / "coupons.csv"))),
            (OrderRow, fresh.values()),
            (OrderLineRow, lines),
            (ShipmentRow, (shipment_values(r, now) for r in orders)),
            (ShipmentEventRow, (e for r in orders for e in seen_values(r, fresh[r["order_id"]]))),
            (RefundRow, (refund_values(r, fresh[r["order_id"]], lines, now) for r in refunds)),
            (InvoiceRow, (invoice_values(r, fresh[r["order_id"]], now) for r in invoices)),
        ]
        return {t.__tablename__: insert_new(session, t, [*values]) for t, values in tables}


def _read(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
