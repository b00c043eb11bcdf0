"""Databases to test on: SQLite always, PostgreSQL wherever a server is reachable."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from app.store.database import Database, open_database
from app.store.seed import seed
from app.store.tables import Base

PACK = Path(__file__).parents[3] / "data" / "domains" / "fresh"
START = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)
"""Noon in the shop."""
POSTGRES = pytest.param("postgresql", marks=pytest.mark.services)


class MovingClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class Postgres:
    """One database on a server, emptied between tests and dropped at the end."""

    def __init__(self, server: str) -> None:
        self._server = server.replace("postgresql+psycopg://", "postgresql://")
        self._name = f"lingxi_test_{uuid.uuid4().hex[:8]}"
        self._kept = False
        base = self._server.split("?")[0].rsplit("/", 1)[0]
        self.url = base.replace("postgresql", "postgresql+psycopg", 1) + f"/{self._name}"

    def reachable(self) -> str:
        """ "" or why not."""
        try:
            self._run("SELECT 1")
        except psycopg.OperationalError as error:
            why = type(error).__name__
            return f"no PostgreSQL to test on ({why}); set LINGXI_TEST_DATABASE_URL"
        return ""

    def make(self) -> None:
        self._run(f'CREATE DATABASE "{self._name}"')
        with closing(open_database(self.url)) as database:
            database.upgrade()

    def empty(self, seeded: bool) -> str:
        tables = [table.name for table in Base.metadata.sorted_tables]
        with closing(open_database(self.url)) as database:
            database.upgrade()
            with database.writing() as session:
                connection = session.connection()
                # Quicker than TRUNCATE on tables as small as these.
                for name in reversed(tables):
                    connection.exec_driver_sql(f'DELETE FROM "{name}"')
                for name in tables if seeded and self._kept else ():
                    connection.exec_driver_sql(f'INSERT INTO "{name}" TABLE kept."{name}"')
            if seeded and not self._kept:
                self._keep(database, tables)
        return self.url

    def _keep(self, database: Database, tables: list[str]) -> None:
        seed(database, PACK, lambda: START)
        with database.writing() as session:
            connection = session.connection()
            connection.exec_driver_sql("CREATE SCHEMA kept")
            for name in tables:
                connection.exec_driver_sql(f'CREATE TABLE kept."{name}" AS TABLE "{name}"')
        self._kept = True

    def drop(self) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with closing(
            psycopg.connect(self._server, autocommit=True, connect_timeout=2)
        ) as connection:
            connection.execute(statement)


class Sqlite:
    """Files, copied from one that was migrated (and seeded) once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def empty(self, seeded: bool) -> str:
        template = self._folder / f"template{int(seeded)}.db"
        if not template.exists():
            with closing(open_database(f"sqlite:///{template}")) as database:
                database.upgrade()
                if seeded:
                    seed(database, PACK, lambda: START)
        copy = self._folder / f"{uuid.uuid4().hex}.db"
        shutil.copy(template, copy)
        return f"sqlite:///{copy}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgres]:
    server = Postgres(
        os.environ.get("LINGXI_TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
    )
    if why := server.reachable():
        pytest.skip(why)
    server.make()
    yield server
    server.drop()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("databases"))


@pytest.fixture(params=["sqlite", POSTGRES])
def url(request) -> str:
    return request.getfixturevalue(request.param).empty(seeded=False)


@pytest.fixture
def database(url) -> Iterator[Database]:
    with closing(open_database(url)) as opened:
        yield opened


@pytest.fixture(params=["sqlite", POSTGRES])
def shop(request) -> Iterator[Database]:
    url = request.getfixturevalue(request.param).empty(seeded=True)
    with closing(open_database(url)) as opened:
        yield opened


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()
