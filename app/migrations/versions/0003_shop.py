"""The demo shop."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = '0002'

TABLES = ('areas', 'coupons', 'customers', 'products', 'tickets', 'verification_tries', 'addresses', 'orders', 'invoices', 'order_lines', 'refunds', 'shipments', 'shipment_events')


def upgrade() -> None:
    """Makes the tables."""
    _areas()
    _coupons()
    _customers()
    _products()
    _tickets()
    _verification_tries()
    _addresses()
    _orders()
    _invoices()
    _order_lines()
    _refunds()
    _shipments()
    _shipment_events()


def downgrade() -> None:
    """Drops the tables and all that is in them."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _areas() -> None:
    op.create_table(
        "areas",
        sa.Column("name", sa.String(64)),
        sa.Column("served", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_areas"),
    )


def _coupons() -> None:
    op.create_table(
        "coupons",
        sa.Column("code", sa.String(32)),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code", name="pk_coupons"),
    )


def _customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.String(16)),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_index("ix_customers_phone", "customers", ['phone'])


def _products() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.String(16)),
        sa.Column("name_zh", sa.String(128), nullable=False),
        sa.Column("name_en", sa.String(128), nullable=False),
        sa.Column("family", sa.String(64), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("unit_zh", sa.String(32), nullable=False),
        sa.Column("unit_en", sa.String(32), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("restock_days", sa.Integer(), nullable=False),
        sa.Column("origin_zh", sa.Text(), nullable=False),
        sa.Column("origin_en", sa.Text(), nullable=False),
        sa.Column("storage_zh", sa.Text(), nullable=False),
        sa.Column("storage_en", sa.Text(), nullable=False),
        sa.Column("description_zh", sa.Text(), nullable=False),
        sa.Column("description_en", sa.Text(), nullable=False),
        sa.Column("image", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
    )
    op.create_index("ix_products_family", "products", ['family'])


def _tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer()),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("order_id", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
    )
    op.create_index("ix_tickets_conversation_id", "tickets", ['conversation_id'])


def _verification_tries() -> None:
    op.create_table(
        "verification_tries",
        sa.Column("conversation_id", sa.String(64)),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_verification_tries"),
    )


def _addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", sa.String(16)),
        sa.Column("customer_id", sa.String(16), sa.ForeignKey("customers.id", name="fk_addresses_customer_id"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_addresses"),
    )
    op.create_index("ix_addresses_customer_id", "addresses", ['customer_id'])


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.String(16)),
        sa.Column("customer_id", sa.String(16), sa.ForeignKey("customers.id", name="fk_orders_customer_id"), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("shipping_fee", sa.Integer(), nullable=False),
        sa.Column("discount", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("packed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("out_for_delivery_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
    )
    op.create_index("ix_orders_customer_id", "orders", ['customer_id'])
    op.create_index("ix_orders_status", "orders", ['status'])


def _invoices() -> None:
    op.create_table(
        "invoices",
        sa.Column("id", sa.Integer()),
        sa.Column("order_id", sa.String(16), sa.ForeignKey("orders.id", name="fk_invoices_order_id"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(200), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invoices"),
        sa.UniqueConstraint("order_id", name="uq_invoices_order_id"),
    )


def _order_lines() -> None:
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.String(16), sa.ForeignKey("orders.id", name="fk_order_lines_order_id")),
        sa.Column("position", sa.Integer(), autoincrement=False),
        sa.Column("product_id", sa.String(16), sa.ForeignKey("products.id", name="fk_order_lines_product_id"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "position", name="pk_order_lines"),
    )
    op.create_index("ix_order_lines_product_id", "order_lines", ['product_id'])


def _refunds() -> None:
    op.create_table(
        "refunds",
        sa.Column("id", sa.Integer()),
        sa.Column("order_id", sa.String(16), sa.ForeignKey("orders.id", name="fk_refunds_order_id"), nullable=False),
        sa.Column("product_id", sa.String(16), sa.ForeignKey("products.id", name="fk_refunds_product_id"), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_refunds"),
    )
    op.create_index("ix_refunds_order_id", "refunds", ['order_id'])


def _shipments() -> None:
    op.create_table(
        "shipments",
        sa.Column("order_id", sa.String(16), sa.ForeignKey("orders.id", name="fk_shipments_order_id")),
        sa.Column("courier_name", sa.String(64), nullable=False),
        sa.Column("courier_phone", sa.String(32), nullable=False),
        sa.Column("eta", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_shipments"),
    )


def _shipment_events() -> None:
    op.create_table(
        "shipment_events",
        sa.Column("id", sa.Integer()),
        sa.Column("order_id", sa.String(16), sa.ForeignKey("shipments.order_id", name="fk_shipment_events_order_id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place_zh", sa.Text(), nullable=False),
        sa.Column("place_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shipment_events"),
    )
    op.create_index("ix_shipment_events_order_id_shipment_events_at", "shipment_events", ['order_id', 'at'])
