"""Operators and what they did."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TABLES = ('audit', 'login_attempts', 'operators', 'operator_sessions')


def upgrade() -> None:
    """Makes the tables."""
    _audit()
    _login_attempts()
    _operators()
    _operator_sessions()


def downgrade() -> None:
    """Drops the tables and all that is in them."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ['at'])


def _login_attempts() -> None:
    op.create_table(
        "login_attempts",
        sa.Column("id", sa.Integer()),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_login_attempts"),
    )
    op.create_index("ix_login_attempts_at", "login_attempts", ['at'])
    op.create_index("ix_login_attempts_name_login_attempts_address_login_attempts_at", "login_attempts", ['name', 'address', 'at'])


def _operators() -> None:
    op.create_table(
        "operators",
        sa.Column("id", sa.Integer()),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_operators"),
        sa.UniqueConstraint("name", name="uq_operators_name"),
    )


def _operator_sessions() -> None:
    op.create_table(
        "operator_sessions",
        sa.Column("token_sha256", sa.LargeBinary(32)),
        sa.Column("operator_id", sa.Integer(), sa.ForeignKey("operators.id", name="fk_operator_sessions_operator_id"), nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_operator_sessions"),
    )
    op.create_index("ix_operator_sessions_operator_id", "operator_sessions", ['operator_id'])
