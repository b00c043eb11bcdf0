"""Call-backs: customers who wrote when nobody was there, and whether somebody called them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select

from app.store.database import Database
from app.store.instants import Clock, utc_now
from app.store.log import locked, storable
from app.store.staff_tables import AuditRow, CallbackRow

CallbackState = Literal["open", "done"]
CallbackTime = Literal["any", "morning", "afternoon", "evening"]
MOST = 200
"""Listed at once."""


@dataclass(frozen=True, slots=True)
class Callback:
    """One wish to be called back."""

    id: int
    conversation_id: str
    name: str
    contact: str
    """A phone number or an e-mail address."""
    time: str
    language: str
    state: str
    created_at: datetime
    done_at: datetime | None
    done_by: str


class Callbacks:
    """Keeps wishes to be called back. Safe to share between threads."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def ask(self, conversation_id: str, name: str, contact: str, time: CallbackTime) -> int:
        """Keeps the wish; a wish still open in this conversation is replaced. Its id."""
        with self._database.writing() as session:
            conversation = locked(session, conversation_id)
            mine = select(CallbackRow).where(CallbackRow.conversation_id == conversation_id)
            row = session.scalar(mine.where(CallbackRow.state == "open"))
            if row is None:
                row = CallbackRow(conversation_id=conversation_id, state="open")
                session.add(row)
            row.name, row.contact, row.time = storable(name), storable(contact), time
            row.language, row.created_at = conversation.language, self._clock()
            conversation.flagged, conversation.updated_at = True, row.created_at
            session.flush()
            return row.id

    def asked(self, conversation_id: str) -> bool:
        """Whether the conversation waits for a call."""
        wanted = select(func.count()).where(
            CallbackRow.conversation_id == conversation_id, CallbackRow.state == "open"
        )
        with self._database.reading() as session:
            return bool(session.scalar(wanted))

    def listed(self, state: CallbackState) -> tuple[Callback, ...]:
        """Those in `state`: the open ones by age, the done ones latest first."""
        order = CallbackRow.id if state == "open" else CallbackRow.done_at.desc()
        wanted = select(CallbackRow).where(CallbackRow.state == state).order_by(order)
        with self._database.reading() as session:
            return tuple(_plain(row) for row in session.scalars(wanted.limit(MOST)))

    def settle(self, callback_id: int, state: CallbackState, operator: str) -> Callback:
        """Moves one to `state`; LookupError where there is none."""
        with self._database.writing() as session:
            row = session.get(CallbackRow, callback_id)
            if row is None:
                raise LookupError(f"There is no call-back {callback_id}")
            now = self._clock()
            row.state = state
            row.done_at, row.done_by = (now, operator) if state == "done" else (None, "")
            session.add(
                AuditRow(
                    at=now,
                    operator=operator,
                    action=f"callback {state}",
                    conversation_id=row.conversation_id,
                )
            )
            return _plain(row)


def _plain(row: CallbackRow) -> Callback:
    return Callback(
        row.id,
        row.conversation_id,
        row.name,
        row.contact,
        row.time,
        row.language,
        row.state,
        row.created_at,
        row.done_at,
        row.done_by,
    )
