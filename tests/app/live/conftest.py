"""Servers that take calls, with ears that hear hums."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.api.mount import Storage
from app.config import Limits, Live
from app.live import socket
from app.live.switchboard import Switchboard
from speech.turns import Endings, EndOfTurn, Waits
from speech.vad.energy import EnergyVoiceDetector
from tests.app.api.conftest import migrated, storage  # noqa: F401 - fixtures
from tests.app.api.harness import House, running
from tests.app.live.fakes import HummingPipeline

LIMITS = Limits(conversations_per_hour=1000, messages_per_minute=1000, turns_at_once=10)
WAITS = Waits(short=0.3, usual=0.5, long=0.9)


@pytest.fixture
def exchange(storage: Storage) -> Iterator[Callable[..., House]]:  # noqa: F811
    """Makes servers that take calls; `live` are their settings."""
    open_houses: list[Any] = []
    boards: list[Switchboard] = []
    end_of_turn = EndOfTurn(Endings(["one two three", "two three four", "note zero"]), WAITS)

    def make(**live: Any) -> House:
        pipeline = HummingPipeline(storage.conversations)
        context = running(storage, LIMITS, pipeline, live=Live(**live))
        open_houses.append(context)
        house: House = context.__enter__()
        house.app.include_router(socket.router)
        pool = ThreadPoolExecutor(10)
        board = Switchboard(
            house.access,
            house.access.settings.live,
            EnergyVoiceDetector(),
            pipeline,
            lambda: end_of_turn,
            pool,
        )
        house.app.state.live = board
        boards.append(board)
        return house

    yield make
    for board in boards:
        board.close()
    for context in reversed(open_houses):
        context.__exit__(None, None, None)
