"""Steps that several transactions share: lock a conversation, append an event, change owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.store.records import UnknownConversationError
from app.store.tables import ConversationRow, EventRow, LineRow


def storable(text: str) -> str:
    """`text` without what no database keeps: NUL and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def locked(session: Session, conversation_id: str) -> ConversationRow:
    """The conversation's row, ours until the transaction ends."""
    wanted = select(ConversationRow).where(ConversationRow.id == conversation_id)
    row = session.scalar(wanted.with_for_update())
    if row is None:
        raise UnknownConversationError(conversation_id)
    return row


def append_event(
    session: Session, row: ConversationRow, kind: str, body: Mapping[str, Any], at: datetime
) -> int:
    """Appends to the log of a locked conversation; the event's number, from 1."""
    row.event_count += 1
    session.add(
        EventRow(conversation_id=row.id, number=row.event_count, kind=kind, body=dict(body), at=at)
    )
    return row.event_count


def add_line(session: Session, row: ConversationRow, text: str) -> None:
    """Makes `text` searchable; nothing to do for ""."""
    if text.strip():
        session.add(LineRow(conversation_id=row.id, text=text))


def queue_position(session: Session, row: ConversationRow) -> int:
    """Place among the waiting, from 1; 0 when the conversation is not waiting."""
    if row.owner != "queue" or row.queued_at is None:
        return 0
    ahead = select(func.count()).where(
        ConversationRow.owner == "queue", ConversationRow.queued_at < row.queued_at
    )
    return (session.scalar(ahead) or 0) + 1


def change_owner(
    session: Session, row: ConversationRow, owner: str, at: datetime, name: str = ""
) -> int:
    """Sets the owner of a locked conversation and says so in its log; the event's number."""
    row.owner = owner
    row.updated_at = at
    row.queued_at = (row.queued_at or at) if owner == "queue" else None
    if owner != "operator":
        row.operator_id = None
    session.flush()
    body: dict[str, Any] = {"owner": owner}
    if owner == "queue":
        body["position"] = queue_position(session, row)
    if name:
        body["name"] = name
    return append_event(session, row, "owner", body, at)
