"""Who answers: the bot, the queue or an operator. The server decides, not the panel."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store.database import Database
from app.store.instants import Clock, iso, utc_now
from app.store.log import add_line, append_event, change_owner, locked, queue_position, storable
from app.store.records import NotTheOwnerError
from app.store.staff_tables import AuditRow, OperatorRow
from app.store.tables import ConversationRow


class Handover:
    """Moves conversations between bot, queue and operators. Safe to share between threads."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def ask(self, conversation_id: str) -> int:
        """Queues the conversation for a person; its place from 1, 0 when a person has it."""
        with self._database.writing() as session:
            row = locked(session, conversation_id)
            if row.owner == "bot":
                self._move(session, row, "queue")
            return queue_position(session, row)

    def position(self, conversation_id: str) -> int:
        """The conversation's place in the queue from 1; 0 when it is not waiting."""
        with self._database.reading() as session:
            row = session.get(ConversationRow, conversation_id)
            return queue_position(session, row) if row else 0

    def waiting(self) -> tuple[str, ...]:
        """Ids of the conversations in the queue, longest waiting first."""
        wanted = select(ConversationRow.id).where(ConversationRow.owner == "queue")
        with self._database.reading() as session:
            return tuple(session.scalars(wanted.order_by(ConversationRow.queued_at)))

    def take(self, conversation_id: str, operator: str) -> int:
        """Gives the conversation to `operator` (a name); NotTheOwnerError when another has it.

        The number of the `owner` event; taking it twice changes nothing.
        """
        with self._database.writing() as session:
            row = locked(session, conversation_id)
            person = _operator(session, operator)
            if row.owner == "operator" and row.operator_id == person.id:
                return row.event_count
            if row.owner == "operator":
                raise NotTheOwnerError(_owner_name(session, row))
            row.operator_id = person.id
            self._audit(session, person, "take", conversation_id)
            return self._move(session, row, "operator", person.name)

    def release(self, conversation_id: str, operator: str) -> int:
        """Hands the conversation back to the bot; the number of the `owner` event."""
        with self._database.writing() as session:
            row = locked(session, conversation_id)
            person = _owning(session, row, operator)
            self._audit(session, person, "release", conversation_id)
            return self._move(session, row, "bot")

    def say(self, conversation_id: str, operator: str, text: str) -> int:
        """Says `text` to the customer; NotTheOwnerError unless `operator` took the conversation.

        The number of the `message` event.
        """
        words = storable(text).strip()
        if not words:
            raise ValueError("There is nothing to say in an empty message")
        with self._database.writing() as session:
            row = locked(session, conversation_id)
            person = _owning(session, row, operator)
            now = self._clock()
            row.updated_at = now
            add_line(session, row, words)
            self._audit(session, person, "say", conversation_id)
            body = {"from": "operator", "name": person.name, "text": words, "at": iso(now)}
            return append_event(session, row, "message", body, now)

    def _move(self, session: Session, row: ConversationRow, owner: str, name: str = "") -> int:
        # The state's version grows too, so that a reply of the bot under way is refused as stale.
        row.state_version += 1
        row.state = {**row.state, "owner": owner, "version": row.state_version}
        return change_owner(session, row, owner, self._clock(), name)

    def _audit(
        self, session: Session, person: OperatorRow, action: str, conversation_id: str
    ) -> None:
        entry = AuditRow(
            at=self._clock(), operator=person.name, action=action, conversation_id=conversation_id
        )
        session.add(entry)


def _operator(session: Session, name: str) -> OperatorRow:
    row = session.scalar(select(OperatorRow).where(OperatorRow.name == name, OperatorRow.active))
    if row is None:
        raise LookupError(f"There is no operator {name!r}")
    return row


def _owner_name(session: Session, row: ConversationRow) -> str:
    owner = session.get(OperatorRow, row.operator_id) if row.operator_id else None
    return owner.name if owner else ""


def _owning(session: Session, row: ConversationRow, operator: str) -> OperatorRow:
    person = _operator(session, operator)
    if row.owner != "operator" or row.operator_id != person.id:
        raise NotTheOwnerError(_owner_name(session, row))
    return person
