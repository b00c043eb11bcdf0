"""Goods that spoil soon."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds the column; what keeps at room temperature unopened is not fresh."""
    op.add_column(
        "products", sa.Column("fresh", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    products = sa.table("products", sa.column("fresh", sa.Boolean()), sa.column("storage_zh"))
    packaged = products.c.storage_zh.like("未开封%")
    op.execute(products.update().where(packaged).values(fresh=False))


def downgrade() -> None:
    """Drops the column."""
    op.drop_column("products", "fresh")
