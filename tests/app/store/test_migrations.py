"""The migrations make exactly the tables that the code declares."""

from __future__ import annotations

import hashlib
import threading
from contextlib import closing

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from app.store.conversations import Conversations
from app.store.database import migrations_for, open_database
from app.store.tables import Base

NOW = "'2026-05-11 04:00:00+00:00'"


def differences(database) -> list:
    with database.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), Base.metadata)


def test_upgrading_an_empty_database_makes_the_declared_tables(database):
    assert differences(database) == []


def test_a_second_upgrade_changes_nothing(database):
    database.upgrade()
    assert differences(database) == []


def test_the_comparison_would_see_a_missing_column(database):
    with database.writing() as session:
        session.connection().exec_driver_sql("ALTER TABLE tickets DROP COLUMN reason")
    assert differences(database)


def test_a_downgrade_leaves_no_table(database):
    with database.engine.begin() as connection:
        command.downgrade(migrations_for(connection), "base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}


def test_tokens_that_were_handed_out_before_still_open(database):
    with database.engine.begin() as connection:
        command.downgrade(migrations_for(connection), "0006")
        columns = "id, token_sha256, channel, language, started_at, updated_at, owner, state"
        columns += ", state_version, turn_count, event_count, last_text, last_intent, mood"
        columns += ", flagged, has_text, has_voice, has_picture, rating_text"
        values = f"'c', :token, 'page', 'zh', {NOW}, {NOW}, 'bot', '{{}}'"
        values += ", 0, 0, 0, '', '', '', false, false, false, false, ''"
        kept = {"token": hashlib.sha256(b"from before").digest()}
        connection.execute(text(f"INSERT INTO conversations ({columns}) VALUES ({values})"), kept)
    database.upgrade()
    store = Conversations(database)
    assert store.authorised("c", "from before")
    assert (store.standing("c").customer, differences(database)) == ("", [])
    with database.engine.begin() as connection:
        command.downgrade(migrations_for(connection), "0006")
    database.upgrade()
    assert store.authorised("c", "from before")


def test_processes_that_start_together_migrate_once(tmp_path):
    url = f"sqlite:///{tmp_path / 'new' / 'together.db'}"
    failures = []

    def start():
        try:
            with closing(open_database(url)) as database:
                database.upgrade()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(2)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    with closing(open_database(url)) as database:
        assert (failures, differences(database)) == ([], [])


def test_sqlite_is_opened_with_write_ahead_log_and_foreign_keys(tmp_path):
    with (
        closing(open_database(f"sqlite:///{tmp_path / 'a.db'}")) as database,
        database.engine.connect() as connection,
    ):
        pragma = lambda name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()  # noqa: E731
        assert (pragma("journal_mode"), pragma("foreign_keys")) == ("wal", 1)
        assert pragma("busy_timeout") >= 5000


def test_an_address_that_keeps_nothing_is_refused():
    with pytest.raises(ValueError, match="sqlite:///file"):
        open_database("sqlite://")
