"""Guesses at one order counted over all conversations; lists without pages only opened."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

BEGUN = sa.text("event_count > 0")


def upgrade() -> None:
    """Makes one table and two indexes."""
    op.create_table(
        "order_tries",
        sa.Column("order_id", sa.String(16), sa.ForeignKey("orders.id", name="fk_order_tries_order_id"), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("locks", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("order_id", name="pk_order_tries"),
    )
    op.create_index("ix_artefacts_conversation_id", "artefacts", ["conversation_id"])
    op.drop_index("ix_conversations_recent", "conversations")
    op.create_index("ix_conversations_recent", "conversations", ["updated_at", "id"], sqlite_where=BEGUN, postgresql_where=BEGUN)


def downgrade() -> None:
    """Takes them back."""
    op.drop_index("ix_conversations_recent", "conversations")
    op.create_index("ix_conversations_recent", "conversations", ["updated_at", "id"])
    op.drop_index("ix_artefacts_conversation_id", "artefacts")
    op.drop_table("order_tries")
