"""Logging to standard error, with conversation and turn on every line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

CONVERSATION: ContextVar[str] = ContextVar("conversation", default="-")
TURN: ContextVar[str] = ContextVar("turn", default="-")

FORMAT = "%(asctime)s %(levelname)-7s %(conversation)s %(turn)s %(name)s: %(message)s"
_CHATTY = (
    "alembic",
    "httpx",
    "httpx2",
    "httpcore",
    "multipart",
    "python_multipart",
    "matplotlib",
    "numba",
)


@contextmanager
def about(conversation_id: str, turn_id: str = "-") -> Iterator[None]:
    """Names the conversation and turn that lines logged inside the block are about."""
    conversation, turn = CONVERSATION.set(conversation_id), TURN.set(turn_id)
    try:
        yield
    finally:
        CONVERSATION.reset(conversation)
        TURN.reset(turn)


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Sends every logger to `stream` (standard error) from `level` up. May be called again."""
    root = logging.getLogger()
    for handler in [h for h in root.handlers if h.get_name() == "lingxi"]:
        root.removeHandler(handler)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.set_name("lingxi")
    handler.setFormatter(logging.Formatter(FORMAT))
    handler.addFilter(_with_context)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _with_context(record: logging.LogRecord) -> bool:
    record.conversation = CONVERSATION.get()
    record.turn = TURN.get()
    return True
