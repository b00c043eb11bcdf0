"""Conversations as operators read them: a list to search, and one conversation whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select, text, true
from sqlalchemy.orm import Session

from app.store.artefacts import MEDIA_PATH, described
from app.store.database import Database
from app.store.instants import iso
from app.store.log import storable
from app.store.records import UnknownConversationError
from app.store.staff_tables import OperatorRow
from app.store.tables import BEGUN, ConversationRow, EventRow, LineRow, TurnRow
from dialogue.state import from_json, identity

MAX_PAGE = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What an operator looks for; "" matches everything."""

    q: str = ""
    """Part of anything that was said, or an order number."""
    owner: str = ""
    language: str = ""
    intent: str = ""
    """Of any turn."""
    channel: str = ""
    modality: str = ""
    """text, voice or picture, in any turn."""


class Archive:
    """Reads conversations for the panel. Safe to share between threads."""

    def __init__(self, database: Database, media_path: str = MEDIA_PATH) -> None:
        self._database = database
        self._media_path = media_path

    def conversations(
        self, filters: Filters = Filters(), before: str = "", limit: int = 50
    ) -> dict[str, Any]:
        """{conversations, next}: a page, most recently changed first.

        `before` is the `next` of the page above; `next` is "" on the last page. ValueError for
        a cursor that is none.
        """
        limit = max(1, min(limit, MAX_PAGE))
        wanted = page(filters, before).limit(limit + 1)
        with self._database.reading() as session:
            found = session.execute(wanted).all()
            more = len(found) > limit
            last = found[limit - 1][0] if more else None
            rows = [_summary(row, name) for row, name in found[:limit]]
        cursor = f"{last.updated_at.isoformat()}~{last.id}" if last else ""
        return {"conversations": rows, "next": cursor}

    def conversation(self, conversation_id: str) -> dict[str, Any]:
        """{conversation, turns, messages}, all that is known, oldest first."""
        with self._database.reading() as session:
            row = session.get(ConversationRow, conversation_id)
            if row is None:
                raise UnknownConversationError(conversation_id)
            operator = session.get(OperatorRow, row.operator_id) if row.operator_id else None
            about = _summary(row, operator.name if operator else None)
            about |= {"rating": row.rating, "rating_text": row.rating_text}
            about |= {"identity": _identity(row), "customer": row.customer}
            return {
                "conversation": {**about, "experiments": row.state.get("arms", [])},
                "turns": [self._turn(session, t) for t in _turns(session, conversation_id)],
                "messages": _messages(session, conversation_id),
            }

    def _turn(self, session: Session, row: TurnRow) -> dict[str, Any]:
        sent = described(session, row.id, self._media_path)
        sounds = [
            {"url": a.url, "type": a.media_type, "seconds": a.seconds}
            for a in sent
            if a.kind == "audio"
        ]
        received = {
            "id": row.client_id,
            "number": row.number,
            "received_at": iso(row.received_at),
            "text": row.text or row.record.get("text") or "",
            "audio": sounds[0] if sounds else None,
            "pictures": [{"url": a.url, "type": a.media_type} for a in sent if a.kind == "picture"],
            "modalities": row.modalities,
            "quality": row.quality,
        }
        made = {key: row.record.get(key, empty) for key, empty in _MADE.items()}
        return {**received, **made, "first_audio_ms": row.first_audio_ms, "status": row.status}


_MADE: Mapping[str, Any] = {
    "transcript": None,
    "heard": None,
    "intents": [],
    "slots": [],
    "sentiment": [],
    "emotion": [],
    "urgency": 0.0,
    "unfelt": [],
    "evidence": {},
    "modality_weights": [],
    "cross_modal": 0.0,
    "sightings": [],
    "decision": None,
    "actions": [],
    "forms": [],
    "form_reason": "",
    "experiments": [],
    "tone": "",
    "sources": [],
    "reply": [],
    "trace": [],
}
"""What a finished turn's record tells, and what stands there until it is finished."""


def page(filters: Filters, before: str = "") -> Select[ConversationRow, str]:
    """The query behind the list, without its limit."""
    row = ConversationRow
    wanted = (
        select(row, OperatorRow.name)
        .join(OperatorRow, row.operator_id == OperatorRow.id, isouter=True)
        .where(text(BEGUN))
        .order_by(row.updated_at.desc(), row.id.desc())
    )
    for column in ("owner", "language", "channel"):
        if value := getattr(filters, column):
            wanted = wanted.where(getattr(row, column) == value)
    if filters.modality:
        seen = {"text": row.has_text, "voice": row.has_voice, "picture": row.has_picture}
        if filters.modality not in seen:
            raise ValueError(f"Unknown modality {filters.modality!r}; choose one of: {list(seen)}")
        wanted = wanted.where(seen[filters.modality] == true())
    if filters.intent:
        turns = select(TurnRow.conversation_id).where(TurnRow.intent == filters.intent)
        wanted = wanted.where(row.id.in_(turns))
    if filters.q:
        words = LineRow.text.icontains(storable(filters.q), autoescape=True)
        wanted = wanted.where(row.id.in_(select(LineRow.conversation_id).where(words)))
    return wanted.where(_older(before)) if before else wanted


def _older(cursor: str) -> Any:
    moment, _, conversation_id = cursor.partition("~")
    at, row = datetime.fromisoformat(moment), ConversationRow
    return or_(row.updated_at < at, and_(row.updated_at == at, row.id < conversation_id))


def _summary(row: ConversationRow, operator: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "started_at": iso(row.started_at),
        "updated_at": iso(row.updated_at),
        "channel": row.channel,
        "language": row.language,
        "owner": row.owner,
        "operator": operator or "",
        "turns": row.turn_count,
        "last_text": row.last_text,
        "last_intent": row.last_intent,
        "mood": row.mood,
        "flagged": row.flagged,
    }


def _identity(row: ConversationRow) -> str:
    """anonymous, claimed or verified, by the dialogue's state as stored."""
    return identity(replace(from_json(json.dumps(row.state)), customer=row.customer))


def _turns(session: Session, conversation_id: str) -> list[TurnRow]:
    wanted = select(TurnRow).where(TurnRow.conversation_id == conversation_id)
    return list(session.scalars(wanted.order_by(TurnRow.number)))


def _messages(session: Session, conversation_id: str) -> list[dict[str, Any]]:
    wanted = (
        select(EventRow.number, EventRow.body)
        .where(EventRow.conversation_id == conversation_id, EventRow.kind == "message")
        .order_by(EventRow.number)
    )
    return [{"id": e.number, **e.body} for e in session.execute(wanted)]
