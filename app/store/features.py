"""Vectors once computed for a sound, a picture or a text, so that they are not computed again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, select, tuple_

from app.store.database import Database, insert_new
from app.store.instants import Clock, utc_now
from app.store.tables import FeatureRow


class Features:
    """A cache bounded in entries; what was not used for longest goes first."""

    def __init__(self, database: Database, limit: int = 10_000, clock: Clock = utc_now) -> None:
        self._database = database
        self._limit = limit
        self._clock = clock

    def get(self, key: str, kind: str) -> NDArray[np.float32] | None:
        """The vector kept for `key` (a sha256, say) and `kind`, or None."""
        with self._database.writing() as session:
            row = session.get(FeatureRow, (key, kind))
            if row is None:
                return None
            row.used_at = self._clock()
            return np.frombuffer(row.vector, dtype="<f4").astype(np.float32)

    def put(self, key: str, kind: str, vector: NDArray[np.float32]) -> None:
        """Keeps a one-dimensional `vector`, replacing the one before."""
        if vector.ndim != 1:
            raise ValueError(f"A feature is one vector, not an array of shape {vector.shape}")
        blob = vector.astype("<f4").tobytes()
        with self._database.writing() as session:
            row = {"key": key, "kind": kind, "vector": blob, "used_at": self._clock()}
            if not insert_new(session, FeatureRow, [row]):
                session.merge(FeatureRow(**row))
                session.flush()
            over = (session.scalar(select(func.count()).select_from(FeatureRow)) or 0) - self._limit
            if over > 0:
                identity = tuple_(FeatureRow.key, FeatureRow.kind)
                oldest = select(FeatureRow.key, FeatureRow.kind).order_by(FeatureRow.used_at)
                session.execute(delete(FeatureRow).where(identity.in_(oldest.limit(over))))
