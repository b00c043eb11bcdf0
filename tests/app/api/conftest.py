"""Servers for the tests of the access layer."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.api.mount import Storage
from app.config import Limits
from tests.app.api.harness import PASSWORD, House, make_storage, running


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two operators, copied by every test: migrating takes longer."""
    path = tmp_path_factory.mktemp("migrated") / "test.db"
    made = make_storage(path)
    made.database.upgrade()
    made.staff.add("mei", PASSWORD)
    made.staff.add("tom", PASSWORD)
    made.database.close()
    return path


@pytest.fixture
def storage(migrated: Path, tmp_path: Path) -> Iterator[Storage]:
    """An empty store with two operators."""
    made = make_storage(shutil.copy(migrated, tmp_path / "test.db"))
    yield made
    made.database.close()


@pytest.fixture
def house(storage: Storage) -> Iterator[House]:
    """A running server that hardly throttles."""
    limits = Limits(
        conversations_per_hour=1000,
        messages_per_minute=1000,
        uploads_per_minute=1000,
        logins_per_five_minutes=1000,
    )
    with running(storage, limits) as made:
        yield made


@pytest.fixture
def house_with(storage: Storage) -> Iterator[Callable[..., House]]:
    """Makes servers with other limits or settings."""
    open_houses = []

    def make(limits: Limits | None = None, **settings: Any) -> House:
        context = running(storage, limits or Limits(), **settings)
        open_houses.append(context)
        return context.__enter__()

    yield make
    for context in reversed(open_houses):
        context.__exit__(None, None, None)
