"""The vectors of knowledge articles on PostgreSQL, kept and compared by its extension pgvector."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from pgvector.sqlalchemy import Vector
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, delete, insert, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.store.database import Database, one_at_a_time
from dialogue.engines import VectorsAwayError

logger = logging.getLogger(__name__)

_TABLE = Table(
    "knowledge_vectors",
    MetaData(),
    Column("shelf", String(120), primary_key=True),
    Column("name", LargeBinary, primary_key=True),
    Column("vector", Vector(), nullable=False),
)
"""No migration makes it: it needs the extension, and the articles make its rows again."""


def open_vectors(database: Database, pack: str) -> DatabaseVectors | None:
    """The vectors of the domain pack `pack`; None where the database has no pgvector."""
    if database.engine.dialect.name != "postgresql":
        return None
    try:
        with database.writing() as session:
            one_at_a_time(session, _TABLE.name)
            session.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
            _TABLE.create(session.connection(), checkfirst=True)
    except DBAPIError as error:
        why = type(error.orig).__name__
        logger.warning("PostgreSQL without pgvector (%s): vectors of articles stay in files", why)
        return None
    return DatabaseVectors(database, pack)


class DatabaseVectors:
    """Implements `Vectors`: several processes share them, and a start embeds nothing again.

    Compares all of a shelf, so that what it finds is exact.
    """

    def __init__(self, database: Database, pack: str) -> None:
        self._database, self._pack = database, pack

    def kept(self, shelf: str) -> Mapping[bytes, NDArray[np.float32]]:
        """What the shelf holds. VectorsAwayError where the database does not answer."""
        wanted = select(_TABLE.c.name, _TABLE.c.vector).where(_TABLE.c.shelf == self._named(shelf))
        with _answering(), self._database.reading() as session:
            rows = session.execute(wanted).all()
        return {bytes(name): np.asarray(vector, np.float32) for name, vector in rows}

    def keep(self, shelf: str, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Replaces the shelf in one transaction. VectorsAwayError as in `kept`."""
        named = self._named(shelf)
        rows = [{"shelf": named, "name": n, "vector": v} for n, v in vectors.items()]
        with _answering(), self._database.writing() as session:
            one_at_a_time(session, named)
            session.execute(delete(_TABLE).where(_TABLE.c.shelf == named))
            session.execute(insert(_TABLE), rows)

    def nearest(self, shelf: str, asked: NDArray[np.float32], n: int) -> Mapping[bytes, float]:
        """The `n` nearest to `asked` and their cosines. VectorsAwayError as in `kept`."""
        away = _TABLE.c.vector.cosine_distance(asked)
        wanted = (
            select(_TABLE.c.name, away)
            .where(_TABLE.c.shelf == self._named(shelf))
            .order_by(away)
            .limit(n)
        )
        with _answering(), self._database.reading() as session:
            return {bytes(name): 1 - distance for name, distance in session.execute(wanted)}

    def _named(self, shelf: str) -> str:
        return f"{self._pack}/{shelf}"


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise VectorsAwayError(type(error).__name__) from None
