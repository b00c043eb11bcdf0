"""Sound and pictures: what customers sent, and replies as speech."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store.database import Database
from app.store.instants import Clock, utc_now
from app.store.records import Artefact, Attachment, StoredArtefact, UnknownConversationError
from app.store.tables import ArtefactRow, TurnRow

MEDIA_PATH = "/v1/media/"
MAX_BYTES = 10 * 1024 * 1024
"""Of one artefact."""


class Artefacts:
    """Keeps speech, and finds every artefact by its id."""

    def __init__(
        self, database: Database, clock: Clock = utc_now, media_path: str = MEDIA_PATH
    ) -> None:
        self._database = database
        self._clock = clock
        self._media_path = media_path

    def keep_speech(
        self, conversation_id: str, turn_id: str, number: int, speech: Attachment
    ) -> StoredArtefact:
        """Keeps part `number` of a reply as speech; the same part twice is kept once."""
        with self._database.writing() as session:
            turn = session.scalar(
                select(TurnRow)
                .where(TurnRow.conversation_id == conversation_id, TurnRow.client_id == turn_id)
                .with_for_update()
            )
            if turn is None:
                raise UnknownConversationError(f"{conversation_id}, turn {turn_id}")
            there = described(session, turn.id, self._media_path, "speech", number)
            if there:
                return there[0]
            row = _row(turn, speech, number, self._clock())
            session.add(row)
            return _described(row, self._media_path)

    def find(self, artefact_id: str) -> Artefact | None:
        """The artefact with its bytes, or None."""
        with self._database.reading() as session:
            row = session.get(ArtefactRow, artefact_id)
            if row is None:
                return None
            kind, content = row.kind, bytes(row.content)
            return Artefact(row.id, row.conversation_id, kind, row.media_type, content)  # type: ignore[arg-type]


def keep(
    session: Session, turn: TurnRow, attachments: Sequence[Attachment], media_path: str
) -> tuple[StoredArtefact, ...]:
    """Stores what came with a turn, in order; ValueError for one that is too large."""
    rows = [_row(turn, a, i, turn.received_at) for i, a in enumerate(attachments)]
    session.add_all(rows)
    return tuple(_described(r, media_path) for r in rows)


def described(
    session: Session, turn: int, media_path: str, kind: str = "", position: int | None = None
) -> tuple[StoredArtefact, ...]:
    """The artefacts of the turn with row number `turn`, without their bytes.

    Without `kind`, those the customer sent.
    """
    columns = (ArtefactRow.id, ArtefactRow.kind, ArtefactRow.media_type, ArtefactRow.seconds)
    wanted = select(*columns).where(ArtefactRow.turn_id == turn).order_by(ArtefactRow.position)
    wanted = wanted.where(ArtefactRow.kind == kind if kind else ArtefactRow.kind != "speech")
    if position is not None:
        wanted = wanted.where(ArtefactRow.position == position)
    return tuple(
        StoredArtefact(a.id, a.kind, a.media_type, a.seconds, media_path + a.id)
        for a in session.execute(wanted)
    )


def _row(turn: TurnRow, attachment: Attachment, position: int, now: datetime) -> ArtefactRow:
    size = len(attachment.content)
    if size > MAX_BYTES:
        raise ValueError(f"{size} bytes are more than the {MAX_BYTES} that are kept")
    return ArtefactRow(
        id=secrets.token_hex(16),
        conversation_id=turn.conversation_id,
        turn_id=turn.id,
        kind=attachment.kind,
        position=position,
        media_type=attachment.media_type,
        seconds=attachment.seconds,
        size=size,
        sha256=hashlib.sha256(attachment.content).hexdigest(),
        created_at=now,
        content=attachment.content,
    )


def _described(row: ArtefactRow, media_path: str) -> StoredArtefact:
    return StoredArtefact(row.id, row.kind, row.media_type, row.seconds, media_path + row.id)  # type: ignore[arg-type]
