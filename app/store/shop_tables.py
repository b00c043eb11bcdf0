"""Tables of the demo shop: customers, goods, orders and what follows from them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.store.money import Yuan
from app.store.tables import Base


class CustomerRow(Base):
    """Somebody who orders."""

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(32), index=True)


class AddressRow(Base):
    """Where a customer lives; an order keeps its own copy."""

    __tablename__ = "addresses"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    text: Mapped[str] = mapped_column(Text)


class AreaRow(Base):
    """A place by name, and whether the shop delivers there."""

    __tablename__ = "areas"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    served: Mapped[bool]


class ProductRow(Base):
    """Something that can be bought."""

    __tablename__ = "products"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(128))
    name_en: Mapped[str] = mapped_column(String(128))
    family: Mapped[str] = mapped_column(String(64), index=True)
    """The everyday word that several products share: 苹果 for every apple."""
    price: Mapped[Decimal] = mapped_column(Yuan)
    unit_zh: Mapped[str] = mapped_column(String(32))
    unit_en: Mapped[str] = mapped_column(String(32))
    stock: Mapped[int]
    restock_days: Mapped[int]
    fresh: Mapped[bool]
    """Spoils soon: what is wrong with it has to be told within two days."""
    origin_zh: Mapped[str] = mapped_column(Text)
    origin_en: Mapped[str] = mapped_column(Text)
    storage_zh: Mapped[str] = mapped_column(Text)
    storage_en: Mapped[str] = mapped_column(Text)
    description_zh: Mapped[str] = mapped_column(Text)
    description_en: Mapped[str] = mapped_column(Text)
    image: Mapped[str] = mapped_column(String(128))


class OrderRow(Base):
    """An order; a step that was reached has its time."""

    __tablename__ = "orders"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    status: Mapped[str] = mapped_column(String(24), index=True)
    address: Mapped[str] = mapped_column(Text)
    shipping_fee: Mapped[Decimal] = mapped_column(Yuan)
    discount: Mapped[Decimal] = mapped_column(Yuan)
    total: Mapped[Decimal] = mapped_column(Yuan)
    placed_at: Mapped[datetime]
    paid_at: Mapped[datetime | None] = mapped_column(default=None)
    packed_at: Mapped[datetime | None] = mapped_column(default=None)
    out_for_delivery_at: Mapped[datetime | None] = mapped_column(default=None)
    delivered_at: Mapped[datetime | None] = mapped_column(default=None)
    cancelled_at: Mapped[datetime | None] = mapped_column(default=None)
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    returned_at: Mapped[datetime | None] = mapped_column(default=None)

    customer: Mapped[CustomerRow] = relationship()
    lines: Mapped[list[OrderLineRow]] = relationship(order_by="OrderLineRow.position")
    shipment: Mapped[ShipmentRow | None] = relationship()
    refunds: Mapped[list[RefundRow]] = relationship(order_by="RefundRow.id")


class OrderLineRow(Base):
    """One product of an order, at the price it had."""

    __tablename__ = "order_lines"

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"), index=True)
    quantity: Mapped[int]
    price: Mapped[Decimal] = mapped_column(Yuan)

    product: Mapped[ProductRow] = relationship()


class ShipmentRow(Base):
    """An order on its way."""

    __tablename__ = "shipments"

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    courier_name: Mapped[str] = mapped_column(String(64), default="")
    courier_phone: Mapped[str] = mapped_column(String(32), default="")
    eta: Mapped[datetime]

    events: Mapped[list[ShipmentEventRow]] = relationship(order_by="ShipmentEventRow.at")


class ShipmentEventRow(Base):
    """Where a shipment was seen."""

    __tablename__ = "shipment_events"
    __table_args__ = (Index(None, "order_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("shipments.order_id"))
    at: Mapped[datetime]
    place_zh: Mapped[str] = mapped_column(Text)
    place_en: Mapped[str] = mapped_column(Text)


class RefundRow(Base):
    """Money on its way back, for one product or for all of an order."""

    __tablename__ = "refunds"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), index=True)
    product_id: Mapped[str | None] = mapped_column(ForeignKey("products.id"), default=None)
    quantity: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(String(16))
    """refund, damaged, wrong, missing or cancelled."""
    reason: Mapped[str] = mapped_column(Text, default="")
    amount: Mapped[Decimal] = mapped_column(Yuan)
    status: Mapped[str] = mapped_column(String(16), default="requested")
    """requested, approved, sent, arrived or rejected."""
    requested_at: Mapped[datetime]
    approved_at: Mapped[datetime | None] = mapped_column(default=None)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    arrived_at: Mapped[datetime | None] = mapped_column(default=None)
    rejected_at: Mapped[datetime | None] = mapped_column(default=None)

    product: Mapped[ProductRow | None] = relationship()


class CouponRow(Base):
    """A code worth money between two moments, once."""

    __tablename__ = "coupons"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[Decimal] = mapped_column(Yuan)
    minimum: Mapped[Decimal] = mapped_column(Yuan)
    starts_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class InvoiceRow(Base):
    """An invoice; an order has one at most."""

    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(200))
    amount: Mapped[Decimal] = mapped_column(Yuan)
    issued_at: Mapped[datetime]


class TicketRow(Base):
    """Something a person of the shop has to look into."""

    __tablename__ = "tickets"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """delivery or complaint."""
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    order_id: Mapped[str] = mapped_column(String(32), default="")
    """As the customer gave it; a complaint may name an order that is not there."""
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class VerificationTryRow(Base):
    """Wrong guesses of one conversation since its last right one."""

    __tablename__ = "verification_tries"

    conversation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    wrong: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(default=None)


class OrderTryRow(Base):
    """Wrong guesses at one order from all conversations since the last right one."""

    __tablename__ = "order_tries"

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    wrong: Mapped[int] = mapped_column(default=0)
    locks: Mapped[int] = mapped_column(default=0)
    """How often it was locked; each lock is longer than the one before."""
    locked_until: Mapped[datetime | None] = mapped_column(default=None)
