"""The database keeps what customers said out of its errors, which are logged."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.store.database import open_database


def test_an_error_does_not_carry_what_a_customer_said(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'lingxi.db'}")
    with pytest.raises(OperationalError) as raised, database.reading() as session:
        session.execute(text("SELECT :words FROM nowhere"), {"words": "my phone is 13800001234"})
    assert "13800001234" not in str(raised.value)
    database.close()
