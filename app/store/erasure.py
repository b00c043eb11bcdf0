"""Erasure: one conversation gone for good, with everything that was made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from app.store.database import Database
from app.store.instants import Clock, utc_now
from app.store.log import locked
from app.store.shop.actions import ORDER_ACTIONS
from app.store.shop_tables import OrderRow, RefundRow, TicketRow, VerificationTryRow
from app.store.staff_tables import AuditRow, CallbackRow
from app.store.tables import (
    ActionRow,
    ArtefactRow,
    ConversationRow,
    EventRow,
    FeatureRow,
    LineRow,
    TokenRow,
    TurnRow,
)

Forget = Callable[[Iterable[str]], int]
"""Removes the stored speech of sentences; how many there were."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What went, or would go, in numbers."""

    turns: int
    sounds: int
    """Voice notes."""
    pictures: int
    speech: int
    """Clauses of replies, as kept with the conversation."""
    bytes: int
    """Of sounds, pictures and speech."""
    events: int
    actions: int
    callbacks: int
    """Phone numbers and addresses that were left."""
    features: int
    """Vectors computed from sounds and pictures."""
    shop_notes: int
    """Tickets, refunds and cancellations that stay in the shop's books without their words."""


class Erasure:
    """Forgets conversations. Safe to share between threads."""

    def __init__(self, database: Database, forget_speech: Forget, clock: Clock = utc_now) -> None:
        self._database = database
        self._forget_speech = forget_speech
        self._clock = clock

    def survey(self, conversation_id: str) -> Erased:
        """What `erase` would take away. UnknownConversationError where there is nothing."""
        with self._database.reading() as session:
            locked(session, conversation_id)
            return _counted(session, conversation_id)

    def erase(self, conversation_id: str, by: str) -> Erased:
        """Takes it all away; the audit log keeps that `by` did it, and the numbers."""
        with self._database.writing() as session:
            locked(session, conversation_id)
            found, said = _counted(session, conversation_id), _said(session, conversation_id)
            _strip_shop(session, conversation_id)
            _delete(session, conversation_id)
            entry = AuditRow(at=self._clock(), operator=by, action="erase", details=asdict(found))
            entry.conversation_id = conversation_id
            session.add(entry)
        self._forget_speech(said)
        self._database.scrub()
        return found

    def of_order(self, order_id: str) -> tuple[str, ...]:
        """The conversations that proved to own this order, or were shown it as their own."""
        row = ActionRow
        wanted = (
            select(row.conversation_id)
            .join(ConversationRow, ConversationRow.id == row.conversation_id)
            .where(row.action.in_(("verify_order", *ORDER_ACTIONS)))
            .where(row.result["outcome"].as_string() == "done")
            .where(func.upper(row.arguments["order_id"].as_string()) == order_id.upper())
        )
        with self._database.reading() as session:
            return tuple(session.scalars(wanted.distinct().order_by(row.conversation_id)))

    def of_customer(self, customer: str) -> tuple[str, ...]:
        """The conversations in which the host site vouched for this customer of the shop."""
        row = ConversationRow
        wanted = select(row.id).where(row.customer == customer, row.customer != "")
        with self._database.reading() as session:
            return tuple(session.scalars(wanted.order_by(row.id)))


def _counted(session: Session, conversation_id: str) -> Erased:
    artefact = ArtefactRow
    kinds = (
        select(artefact.kind, func.count(), func.sum(artefact.size))
        .where(artefact.conversation_id == conversation_id)
        .group_by(artefact.kind)
    )
    kept = {kind: (count, size) for kind, count, size in session.execute(kinds)}
    tickets = _count(session, TicketRow, conversation_id)
    return Erased(
        turns=_count(session, TurnRow, conversation_id),
        sounds=kept.get("audio", (0, 0))[0],
        pictures=kept.get("picture", (0, 0))[0],
        speech=kept.get("speech", (0, 0))[0],
        bytes=int(sum(size for _, size in kept.values())),
        events=_count(session, EventRow, conversation_id),
        actions=_count(session, ActionRow, conversation_id),
        callbacks=_count(session, CallbackRow, conversation_id),
        features=len(session.scalars(_features(conversation_id)).all()),
        shop_notes=tickets + len(_acted(session, conversation_id)),
    )


def _count(
    session: Session,
    row: type[TurnRow | EventRow | ActionRow | TicketRow | CallbackRow],
    conversation_id: str,
) -> int:
    wanted = select(func.count()).where(row.conversation_id == conversation_id)
    return session.scalar(wanted) or 0


def _features(conversation_id: str) -> Select[str]:
    mine = select(ArtefactRow.sha256).where(ArtefactRow.conversation_id == conversation_id)
    return select(FeatureRow.key).where(FeatureRow.key.in_(mine))


def _said(session: Session, conversation_id: str) -> list[str]:
    """Every sentence of ours, which may hold names and numbers of the customer."""
    parts = select(EventRow.body).where(
        EventRow.conversation_id == conversation_id, EventRow.kind == "part"
    )
    return [body["text"] for body in session.scalars(parts) if body.get("text")]


def _acted(session: Session, conversation_id: str) -> list[ActionRow]:
    """The refunds and cancellations that were asked for with words."""
    wanted = select(ActionRow).where(
        ActionRow.conversation_id == conversation_id,
        ActionRow.action.in_(("request_refund", "cancel_order")),
    )
    return [row for row in session.scalars(wanted) if row.arguments.get("reason")]


def _strip_shop(session: Session, conversation_id: str) -> None:
    """The shop's books stay; the customer's words go out of them."""
    mine = TicketRow.conversation_id == conversation_id
    session.execute(update(TicketRow).where(mine).values(reason="", conversation_id=""))
    for action in _acted(session, conversation_id):
        facts = (action.result or {}).get("facts", {})
        if refund := facts.get("refund_id"):
            told = update(RefundRow).where(RefundRow.id == int(refund.removeprefix("RF")))
            session.execute(told.values(reason=""))
        if action.action == "cancel_order":
            order = action.arguments["order_id"].upper()
            session.execute(update(OrderRow).where(OrderRow.id == order).values(cancel_reason=""))


def _delete(session: Session, conversation_id: str) -> None:
    session.execute(delete(FeatureRow).where(FeatureRow.key.in_(_features(conversation_id))))
    for row in (
        ArtefactRow,
        EventRow,
        LineRow,
        TurnRow,
        ActionRow,
        VerificationTryRow,
        CallbackRow,
        TokenRow,
    ):
        session.execute(delete(row).where(row.conversation_id == conversation_id))
    session.execute(delete(ConversationRow).where(ConversationRow.id == conversation_id))
