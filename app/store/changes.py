"""Changes: which conversations moved on, asked by processes that did not move them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select, text

from app.store.database import Database
from app.store.tables import BEGUN, ConversationRow

_AT_ONCE = 500
"""Ids in one query; databases bound the number of parameters."""
_MOST = 500
"""Conversations told of in one look."""


class Changes:
    """Cheap questions that are asked again and again. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self, conversation_ids: Collection[str]) -> Mapping[str, int]:
        """How many events each conversation has; those that are gone are left out."""
        ids, row = list(conversation_ids), ConversationRow
        found: dict[str, int] = {}
        with self._database.reading() as session:
            for start in range(0, len(ids), _AT_ONCE):
                wanted = select(row.id, row.event_count).where(row.id.in_(ids[start:][:_AT_ONCE]))
                found.update((one, count) for one, count in session.execute(wanted))
        return found

    def since(self, moment: datetime) -> Mapping[str, datetime]:
        """Conversations that changed at `moment` or after it, and when, oldest change first."""
        row = ConversationRow
        wanted = select(row.id, row.updated_at).where(text(BEGUN), row.updated_at >= moment)
        with self._database.reading() as session:
            found = session.execute(wanted.order_by(row.updated_at, row.id).limit(_MOST))
            return {row[0]: row[1] for row in found}
