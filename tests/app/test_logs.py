"""Log lines say what they are about."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from app.logs import about, configure


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged while the test runs."""
    root = logging.getLogger()
    level, stream = root.level, io.StringIO()
    configure("INFO", stream)
    yield stream
    for handler in [h for h in root.handlers if h.get_name() == "lingxi"]:
        root.removeHandler(handler)
    root.setLevel(level)


def test_conversation_and_turn_stand_on_every_line_inside_the_block(lines: io.StringIO) -> None:
    with about("c1", "t1"):
        logging.getLogger("app.test").info("answered")
    logging.getLogger("app.test").info("idle")
    inside, outside = lines.getvalue().splitlines()
    assert "c1 t1 app.test: answered" in inside
    assert "- - app.test: idle" in outside


def test_configuring_twice_logs_once(lines: io.StringIO) -> None:
    configure("INFO", lines)
    logging.getLogger("app.test").info("once")
    assert lines.getvalue().count("once") == 1
