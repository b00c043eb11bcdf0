"""Conversations, turns, artefacts and events."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = '0001'

TABLES = ('actions', 'features', 'conversations', 'events', 'lines', 'turns', 'artefacts')


def upgrade() -> None:
    """Makes the tables."""
    _actions()
    _features()
    _conversations()
    _events()
    _lines()
    _turns()
    _artefacts()


def downgrade() -> None:
    """Drops the tables and all that is in them."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _actions() -> None:
    op.create_table(
        "actions",
        sa.Column("key", sa.String(200)),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_actions"),
    )
    op.create_index("ix_actions_conversation_id", "actions", ['conversation_id'])


def _features() -> None:
    op.create_table(
        "features",
        sa.Column("key", sa.String(64)),
        sa.Column("kind", sa.String(32)),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", "kind", name="pk_features"),
    )
    op.create_index("ix_features_used_at", "features", ['used_at'])


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(32)),
        sa.Column("token_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(16), nullable=False),
        sa.Column("operator_id", sa.Integer(), sa.ForeignKey("operators.id", name="fk_conversations_operator_id"), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("turn_count", sa.Integer(), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("last_text", sa.Text(), nullable=False),
        sa.Column("last_intent", sa.String(64), nullable=False),
        sa.Column("mood", sa.String(32), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("has_text", sa.Boolean(), nullable=False),
        sa.Column("has_voice", sa.Boolean(), nullable=False),
        sa.Column("has_picture", sa.Boolean(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("rating_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_owner", "conversations", ['owner', 'queued_at'])
    op.create_index("ix_conversations_recent", "conversations", ['updated_at', 'id'])


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id", name="fk_events_conversation_id")),
        sa.Column("number", sa.Integer(), autoincrement=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "number", name="pk_events"),
    )


def _lines() -> None:
    op.create_table(
        "lines",
        sa.Column("id", sa.Integer()),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id", name="fk_lines_conversation_id"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lines"),
    )
    op.create_index("ix_lines_conversation_id", "lines", ['conversation_id'])


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer()),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id", name="fk_turns_conversation_id"), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("wants_speech", sa.Boolean(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("modalities", sa.JSON(), nullable=False),
        sa.Column("quality", sa.JSON(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("intent", sa.String(64), nullable=False),
        sa.Column("first_audio_ms", sa.Double(), nullable=True),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.UniqueConstraint("conversation_id", "client_id", name="uq_turns_conversation_id_client_id"),
        sa.UniqueConstraint("conversation_id", "number", name="uq_turns_conversation_id_number"),
    )
    op.create_index("ix_turns_intent_turns_conversation_id", "turns", ['intent', 'conversation_id'])
    op.create_index("ix_turns_unanswered", "turns", ['id'], sqlite_where=sa.text("status = 'received'"), postgresql_where=sa.text("status = 'received'"))


def _artefacts() -> None:
    op.create_table(
        "artefacts",
        sa.Column("id", sa.String(32)),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id", name="fk_artefacts_conversation_id"), nullable=False),
        sa.Column("turn_id", sa.Integer(), sa.ForeignKey("turns.id", name="fk_artefacts_turn_id"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_artefacts"),
    )
    op.create_index("ix_artefacts_turn_id", "artefacts", ['turn_id'])
