"""Whom the host site vouched for, and a token for each of a customer's devices."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

VOUCHED = sa.text("customer <> ''")


def upgrade() -> None:
    """Moves the tokens into a table of their own."""
    op.create_table(
        "conversation_tokens",
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id", name="fk_conversation_tokens_conversation_id"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_conversation_tokens"),
    )
    op.execute(
        "INSERT INTO conversation_tokens (sha256, conversation_id, created_at)"
        " SELECT token_sha256, id, started_at FROM conversations"
    )
    op.create_index("ix_conversation_tokens_conversation_id", "conversation_tokens", ["conversation_id"])
    op.drop_column("conversations", "token_sha256")
    op.add_column("conversations", sa.Column("customer", sa.String(64), nullable=False, server_default=""))
    op.create_index("ix_conversations_customer", "conversations", ["customer", "updated_at"], sqlite_where=VOUCHED, postgresql_where=VOUCHED)


def downgrade() -> None:
    """Takes it back; of several tokens one is kept, of none (erased by hand) an empty one."""
    op.drop_index("ix_conversations_customer", "conversations")
    op.drop_column("conversations", "customer")
    op.add_column("conversations", sa.Column("token_sha256", sa.LargeBinary(32), nullable=True))
    op.execute(
        "UPDATE conversations SET token_sha256 = (SELECT sha256 FROM conversation_tokens"
        " WHERE conversation_id = conversations.id ORDER BY created_at LIMIT 1)"
    )
    op.drop_table("conversation_tokens")
