"""Turns as rows: made on arrival, closed with all that was made of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store.instants import iso
from app.store.log import add_line, storable
from app.store.records import IncomingTurn, StoredArtefact, StoredTurn
from app.store.tables import ConversationRow, TurnRow
from dialogue.domain import PACK_INTENTS


def turn_event(row: TurnRow, artefacts: tuple[StoredArtefact, ...]) -> dict[str, Any]:
    """The body of a `turn` event."""
    body: dict[str, Any] = {
        "turn_id": row.client_id,
        "text": row.text or "",
        "modalities": row.modalities,
        "quality": row.quality,
        "at": iso(row.received_at),
    }
    for a in artefacts:
        if a.kind == "audio":
            body["audio"] = {"url": a.url, "type": a.media_type, "seconds": a.seconds}
        if a.kind == "picture":
            body.setdefault("pictures", []).append({"url": a.url, "type": a.media_type})
    return body


def find_turn(session: Session, conversation_id: str, turn_id: str) -> TurnRow | None:
    """The turn that the client calls `turn_id`, or None."""
    return session.scalar(
        select(TurnRow).where(
            TurnRow.conversation_id == conversation_id, TurnRow.client_id == turn_id
        )
    )


def new_turn(conversation: ConversationRow, turn: IncomingTurn, now: datetime) -> TurnRow:
    """A row for `turn`, counted in its locked conversation; ValueError for a bad id."""
    if not 0 < len(turn.turn_id) <= 64:
        raise ValueError(f"A turn id has 1 to 64 characters, not {len(turn.turn_id)}")
    conversation.turn_count += 1
    conversation.updated_at = now
    conversation.has_text |= "text" in turn.modalities
    conversation.has_voice |= "voice" in turn.modalities
    conversation.has_picture |= "picture" in turn.modalities
    text = storable(turn.text) if turn.text else None
    conversation.last_text = text or conversation.last_text
    return TurnRow(
        conversation_id=conversation.id,
        client_id=turn.turn_id,
        number=conversation.turn_count,
        status="received",
        received_at=now,
        locale=turn.locale,
        wants_speech=turn.wants_speech,
        text=text,
        modalities=list(turn.modalities),
        quality=dict(turn.quality),
        event=conversation.event_count + 1,
        record={},
    )


_PASSING = frozenset({"", *PACK_INTENTS} - {"human_agent"})
"""Intents that do not say what a conversation is about."""


def close_turn(
    session: Session,
    conversation: ConversationRow,
    row: TurnRow,
    record: Mapping[str, Any],
    now: datetime,
) -> None:
    """Writes what was made of a turn to its row and to its locked conversation."""
    row.status = record.get("status", "done")
    row.finished_at = now
    row.record = dict(record)
    row.intent = _top(record.get("intents"))
    row.first_audio_ms = record.get("first_audio_ms")
    understood = storable(record.get("text") or "")
    conversation.updated_at = now
    conversation.last_text = understood or conversation.last_text
    if row.intent not in _PASSING or not conversation.last_intent:
        conversation.last_intent = row.intent
    conversation.mood = record.get("mood") or conversation.mood
    conversation.flagged |= row.status == "failed" or conversation.mood == "angry"
    slots = (str(s.get("value", "")) for s in record.get("slots") or ())
    reply = (p.get("text") or "" for p in record.get("reply") or ())
    add_line(session, conversation, storable(" ".join((understood, *slots, *reply))))


def as_stored(row: TurnRow, artefacts: tuple[StoredArtefact, ...], again: bool) -> StoredTurn:
    """The row as a plain value."""
    return StoredTurn(
        conversation_id=row.conversation_id,
        turn_id=row.client_id,
        number=row.number,
        received_at=row.received_at,
        locale=row.locale,  # type: ignore[arg-type]
        text=row.text,
        modalities=tuple(row.modalities),
        quality=row.quality,
        wants_speech=row.wants_speech,
        status=row.status,  # type: ignore[arg-type]
        artefacts=artefacts,
        event=row.event,
        again=again,
    )


def _top(posterior: Any) -> str:
    return str(posterior[0][0]) if posterior else ""
