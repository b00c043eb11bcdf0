"""Conversations as the pipeline writes them: one method, one transaction."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.store.artefacts import MEDIA_PATH, described, keep
from app.store.database import Database
from app.store.instants import Clock, utc_now
from app.store.log import add_line, append_event, change_owner, locked, queue_position, storable
from app.store.records import (
    Event,
    IncomingTurn,
    OwnerChangedError,
    StaleStateError,
    Standing,
    StoredTurn,
    UnknownConversationError,
)
from app.store.staff_tables import OperatorRow
from app.store.tables import VOUCHED, ConversationRow, EventRow, TokenRow, TurnRow
from app.store.turns import as_stored, close_turn, find_turn, new_turn, turn_event
from dialogue.types import Language, Owner

RESUMED = timedelta(days=7)
"""A conversation that changed so lately is gone on with when its customer comes back."""


class Conversations:
    """The store's face to the pipeline and to customers. Safe to share between threads."""

    def __init__(
        self, database: Database, clock: Clock = utc_now, media_path: str = MEDIA_PATH
    ) -> None:
        self._database = database
        self._clock = clock
        self._media_path = media_path

    def start(self, language: Language, channel: str, customer: str = "") -> tuple[str, str]:
        """A new conversation's id and its token; only the token's hash is kept.

        `customer` is the shop's id of whom the host site vouches for.
        """
        conversation_id, now = secrets.token_hex(12), self._clock()
        row = ConversationRow(
            id=conversation_id,
            customer=customer,
            channel=channel,
            language=language,
            started_at=now,
            updated_at=now,
        )
        with self._database.writing() as session:
            session.add(row)
            session.flush()
            return conversation_id, _new_token(session, conversation_id, now)

    def resume(self, customer: str) -> tuple[str, str] | None:
        """The newest conversation of `customer` and one more token for it; None where none is new.

        Tokens handed out before stay good: one customer may have several devices. "" is nobody.
        """
        if not customer:
            return None
        row, now = ConversationRow, self._clock()
        newest = (
            select(row.id)
            .where(text(VOUCHED), row.customer == customer, row.updated_at > now - RESUMED)
            .order_by(row.updated_at.desc(), row.id.desc())
            .limit(1)
        )
        with self._database.writing() as session:
            conversation_id = session.scalar(newest.with_for_update())
            if conversation_id is None:
                return None
            return conversation_id, _new_token(session, conversation_id, now)

    def authorised(self, conversation_id: str, token: str) -> bool:
        """Whether `token` opens the conversation; the same False where there is none."""
        with self._database.reading() as session:
            row = session.get(TokenRow, _sha256(token))
            return row is not None and row.conversation_id == conversation_id

    def standing(self, conversation_id: str) -> Standing:
        """Who owns the conversation, and the dialogue's state with its version."""
        with self._database.reading() as session:
            row = session.get(ConversationRow, conversation_id)
            if row is None:
                raise UnknownConversationError(conversation_id)
            operator = session.get(OperatorRow, row.operator_id) if row.operator_id else None
            return Standing(
                conversation_id=row.id,
                channel=row.channel,
                language=row.language,  # type: ignore[arg-type]
                owner=row.owner,  # type: ignore[arg-type]
                operator=operator.name if operator else "",
                position=queue_position(session, row),
                state=row.state,
                version=row.state_version,
                customer=row.customer,
            )

    def receive(self, turn: IncomingTurn) -> StoredTurn:
        """Keeps a message and its `turn` event; a message sent twice comes back as stored."""
        with self._database.writing() as session:
            conversation = locked(session, turn.conversation_id)
            if there := find_turn(session, turn.conversation_id, turn.turn_id):
                return self._stored(session, there, again=True)
            row = new_turn(conversation, turn, self._clock())
            session.add(row)
            session.flush()
            artefacts = keep(session, row, turn.attachments, self._media_path)
            append_event(session, conversation, "turn", turn_event(row, artefacts), row.received_at)
            add_line(session, conversation, row.text or "")
            return as_stored(row, artefacts, again=False)

    def finish(
        self,
        conversation_id: str,
        turn_id: str,
        record: Mapping[str, Any],
        state: Mapping[str, Any] | None = None,
        version: int = 0,
    ) -> int:
        """Closes a turn with all that was made of it; the state's new version.

        `record` has the keys of a turn in the admin API; `status` may be done or failed.
        Where `state` is given it replaces the one at `version`, else StaleStateError is raised and
        nothing is written. A change of owner in the state is carried out and logged. A turn
        that is already closed stays as it is.
        """
        with self._database.writing() as session:
            conversation = locked(session, conversation_id)
            row = find_turn(session, conversation_id, turn_id)
            if row is None:
                raise UnknownConversationError(f"{conversation_id}, turn {turn_id}")
            if row.status != "received":
                return conversation.state_version
            now = self._clock()
            if state is not None:
                _replace_state(session, conversation, state, version, now)
            close_turn(session, conversation, row, record, now)
            return conversation.state_version

    def cut_short(self, conversation_id: str, turn_id: str, heard: Mapping[int, str]) -> int:
        """Keeps of a closed turn's reply what the customer `heard` (words by part), and logs it.

        Cards before the last part heard were shown and stay. The number of the `interrupted`
        event; 0 where there is no such closed turn.
        """
        with self._database.writing() as session:
            conversation = locked(session, conversation_id)
            row = find_turn(session, conversation_id, turn_id)
            if row is None or row.status == "received":
                return 0
            parts = row.record.get("reply") or []
            kept = [
                {**part, "text": heard.get(part["number"], "")}
                for part in parts
                if part["number"] in heard
                or (part["card"] and part["number"] < max(heard, default=0))
            ]
            row.record = {**row.record, "reply": kept, "interrupted": True}
            said = [part["text"].strip() for part in kept if part["text"].strip()]
            conversation.state = {**conversation.state, "said": said}
            body = {
                "turn_id": turn_id,
                "parts": [{"number": part["number"], "text": part["text"]} for part in kept],
            }
            return append_event(session, conversation, "interrupted", body, self._clock())

    def save_state(self, conversation_id: str, state: Mapping[str, Any], version: int) -> int:
        """Replaces the state at `version`; its new version. StaleStateError where it moved on."""
        with self._database.writing() as session:
            conversation = locked(session, conversation_id)
            _replace_state(session, conversation, state, version, self._clock())
            return conversation.state_version

    def unanswered(self) -> tuple[StoredTurn, ...]:
        """Messages that were received and never closed, oldest first: a crash's remains."""
        waiting = select(TurnRow).where(TurnRow.status == "received").order_by(TurnRow.id)
        with self._database.reading() as session:
            return tuple(self._stored(session, r, again=False) for r in session.scalars(waiting))

    def append(
        self, conversation_id: str, kind: str, body: Mapping[str, Any], owner: Owner | None = None
    ) -> int:
        """Appends an event; its number, from 1 without gaps.

        OwnerChangedError where `owner` is given and is not whose conversation it is.
        """
        with self._database.writing() as session:
            conversation = locked(session, conversation_id)
            if owner not in (None, conversation.owner):
                raise OwnerChangedError(f"{owner}, then {conversation.owner}")
            return append_event(session, conversation, kind, body, self._clock())

    def events(self, conversation_id: str, after: int = 0, limit: int = 1000) -> tuple[Event, ...]:
        """Events numbered above `after`, in order."""
        wanted = (
            select(EventRow)
            .where(EventRow.conversation_id == conversation_id, EventRow.number > after)
            .order_by(EventRow.number)
            .limit(limit)
        )
        with self._database.reading() as session:
            rows = session.scalars(wanted)
            return tuple(Event(r.number, r.kind, r.body, r.at) for r in rows)

    def rate(self, conversation_id: str, score: int, text: str = "") -> None:
        """Keeps the customer's verdict, 1 (bad) to 5; the last one counts."""
        if not 1 <= score <= 5:
            raise ValueError(f"A rating is 1 to 5, not {score}")
        with self._database.writing() as session:
            conversation = locked(session, conversation_id)
            conversation.rating, conversation.rating_text = score, storable(text)
            conversation.flagged = conversation.flagged or score <= 2

    def _stored(self, session: Session, row: TurnRow, again: bool) -> StoredTurn:
        return as_stored(row, described(session, row.id, self._media_path), again)


def _new_token(session: Session, conversation_id: str, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    row = TokenRow(sha256=_sha256(token), conversation_id=conversation_id, created_at=now)
    session.add(row)
    return token


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _replace_state(
    session: Session,
    conversation: ConversationRow,
    state: Mapping[str, Any],
    version: int,
    now: datetime,
) -> None:
    if conversation.state_version != version:
        raise StaleStateError(f"State {version} was replaced by {conversation.state_version}")
    conversation.state_version += 1
    conversation.state = {**state, "version": conversation.state_version}
    conversation.language = state.get("language", conversation.language)
    owner = state.get("owner", conversation.owner)
    if owner != conversation.owner:
        change_owner(session, conversation, owner, now)
