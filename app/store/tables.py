"""Tables of conversations: what customers sent, what was answered, and every event between."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.store.instants import Instant

Document = dict[str, Any]


class Base(DeclarativeBase):
    """The metadata that all tables share."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: Instant, Document: JSON, list[Any]: JSON}


BEGUN = "event_count > 0"
"""Something happened in the conversation: its page was not only opened."""
VOUCHED = "customer <> ''"


class ConversationRow(Base):
    """One customer's conversation and where it stands."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index(
            "ix_conversations_recent",
            "updated_at",
            "id",
            sqlite_where=text(BEGUN),
            postgresql_where=text(BEGUN),
        ),
        Index("ix_conversations_owner", "owner", "queued_at"),
        Index(
            "ix_conversations_customer",
            "customer",
            "updated_at",
            sqlite_where=text(VOUCHED),
            postgresql_where=text(VOUCHED),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    customer: Mapped[str] = mapped_column(String(64), default="")
    """The shop's id of the customer whom the host site vouched for; "" for nobody."""
    channel: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8))
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    owner: Mapped[str] = mapped_column(String(16), default="bot")
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"), default=None)
    queued_at: Mapped[datetime | None] = mapped_column(default=None)
    state: Mapped[Document] = mapped_column(default=dict)
    state_version: Mapped[int] = mapped_column(default=0)
    turn_count: Mapped[int] = mapped_column(default=0)
    event_count: Mapped[int] = mapped_column(default=0)
    last_text: Mapped[str] = mapped_column(Text, default="")
    last_intent: Mapped[str] = mapped_column(String(64), default="")
    mood: Mapped[str] = mapped_column(String(32), default="")
    flagged: Mapped[bool] = mapped_column(default=False)
    has_text: Mapped[bool] = mapped_column(default=False)
    has_voice: Mapped[bool] = mapped_column(default=False)
    has_picture: Mapped[bool] = mapped_column(default=False)
    rating: Mapped[int | None] = mapped_column(default=None)
    rating_text: Mapped[str] = mapped_column(Text, default="")


class TokenRow(Base):
    """What opens a conversation, by its hash alone; every device has its own."""

    __tablename__ = "conversation_tokens"

    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    created_at: Mapped[datetime]


class TurnRow(Base):
    """One message of a customer, and in `record` all that was made of it."""

    __tablename__ = "turns"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id"),
        UniqueConstraint("conversation_id", "number"),
        Index(None, "intent", "conversation_id"),
        Index(
            "ix_turns_unanswered",
            "id",
            sqlite_where=text("status = 'received'"),
            postgresql_where=text("status = 'received'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    client_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    """From 1, without gaps."""
    status: Mapped[str] = mapped_column(String(16), default="received")
    """received, done or failed."""
    received_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    locale: Mapped[str] = mapped_column(String(8))
    wants_speech: Mapped[bool | None] = mapped_column(default=None)
    text: Mapped[str | None] = mapped_column(Text, default=None)
    modalities: Mapped[list[Any]]
    quality: Mapped[Document]
    event: Mapped[int]
    """The number of its `turn` event."""
    intent: Mapped[str] = mapped_column(String(64), default="")
    first_audio_ms: Mapped[float | None] = mapped_column(default=None)
    record: Mapped[Document] = mapped_column(default=dict)


class ArtefactRow(Base):
    """Sound or a picture: what a customer sent, or a reply as speech."""

    __tablename__ = "artefacts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """audio, picture or speech."""
    position: Mapped[int]
    """Among those of the same kind in the turn; for speech the part's number."""
    media_type: Mapped[str] = mapped_column(String(64))
    seconds: Mapped[float | None] = mapped_column(default=None)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class EventRow(Base):
    """One numbered entry of a conversation's event log."""

    __tablename__ = "events"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    body: Mapped[Document]


class LineRow(Base):
    """Words that can be searched for, apart from the bulky rows they come from."""

    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    text: Mapped[str] = mapped_column(Text)


class ActionRow(Base):
    """What an action answered, under the key that keeps it from acting twice."""

    __tablename__ = "actions"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    action: Mapped[str] = mapped_column(String(64))
    arguments: Mapped[Document]
    result: Mapped[Document | None] = mapped_column(default=None)
    created_at: Mapped[datetime]


class FeatureRow(Base):
    """A vector once computed for one modality of one input."""

    __tablename__ = "features"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    """float32, little-endian."""
    used_at: Mapped[datetime] = mapped_column(index=True)
