"""The database: SQLite in a file, or PostgreSQL, behind the same two kinds of transaction."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Table, create_engine, event, func, make_url, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

import app.migrations
from app.store import shop_tables, staff_tables  # noqa: F401  (they fill the metadata)
from app.store.tables import Base

logger = logging.getLogger(__name__)

BUSY_MS = 10_000
"""How long SQLite waits for another writer."""
_ONE_UPGRADE = threading.Lock()
"""Alembic keeps the running migration in a module."""
_UPGRADE_LOCK = 7_246_113
"""Any number, the same in every process: one migrates, the others wait (PostgreSQL)."""


class Database:
    """Opens transactions. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(lingxi_writer=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading; nothing in it is kept."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises."""
        with Session(self._writer) as session, session.begin():
            yield session

    def upgrade(self) -> None:
        """Brings the tables to the newest migration."""
        with _ONE_UPGRADE, self._writer.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
            command.upgrade(migrations_for(connection), "head")

    def ready(self) -> bool:
        """Whether a query is answered; raises the driver's error where it is not."""
        with self.reading() as session:
            return session.execute(text("SELECT 1")).scalar() == 1

    def scrub(self) -> None:
        """Takes deleted rows out of SQLite's files too; PostgreSQL's vacuum does so by itself."""
        if self.engine.dialect.name != "sqlite":
            return
        with closing(self.engine.raw_connection()) as connection:
            busy, *_ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            logger.warning("a long read kept the write-ahead log from being emptied")

    def close(self) -> None:
        """Gives every connection back."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """The database at `url` (sqlite:///file or postgresql+psycopg://…), not yet migrated."""
    parsed = make_url(url)
    # Parameters are hidden: an error that is logged must not carry a customer's words.
    if parsed.get_backend_name() == "postgresql":
        return Database(
            create_engine(
                parsed, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True
            )
        )
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise ValueError(
            f"Cannot keep data at {parsed.render_as_string(hide_password=True)}; "
            "use sqlite:///file or postgresql+psycopg://…"
        )
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_MS / 1000}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine)


def migrations_for(connection: Connection) -> Config:
    """Alembic's configuration for the migrations inside this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(app.migrations.__file__).parent))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = Base.metadata
    return config


def insert_new(session: Session, row: type[Base], values: Sequence[Mapping[str, Any]]) -> int:
    """Inserts those of `values` whose key is not there yet; how many that were.

    On PostgreSQL it waits for a transaction that is inserting the same key.
    """
    if not values:
        return 0
    table = row.__table__
    assert isinstance(table, Table)
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    count = 0
    for start in range(0, len(values), 200):
        statement = dialect.insert(table).values([*values[start : start + 200]])
        added = statement.on_conflict_do_nothing().returning(*table.primary_key.columns)
        count += len(session.execute(added).all())
    return count


def one_at_a_time(session: Session, what: str) -> None:
    """Makes writers that name the same `what` wait for each other until their transactions end."""
    if session.get_bind().dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock(func.hashtextextended(what, 0))
        session.execute(select(lock))


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own BEGIN would come too late (at the first write) to keep readers' promises.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    connection.execute("PRAGMA foreign_keys=ON")
    # What is deleted is overwritten, so that an erasure leaves nothing in the file.
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA synchronous=FULL")
    _write_ahead(connection, BUSY_MS)


def _write_ahead(connection: sqlite3.Connection, patience_ms: int) -> None:
    # SQLite does not wait here as it does elsewhere: a new file opened twice at once is "locked".
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError:
        if patience_ms <= 0:
            raise
        time.sleep(0.02)
        _write_ahead(connection, patience_ms - 20)


def _begin_sqlite(connection: Connection) -> None:
    writer = connection.get_execution_options().get("lingxi_writer")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")
