"""Streams follow the stored log: woken from threads, never doubled, quiet ones kept alive."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack

import pytest

from app.api.eventlog import STREAMS_PER_CONVERSATION, EventLog
from app.api.mount import Storage
from tests.app.api.harness import House, bearer, follow, wait_for


def test_a_quiet_stream_beats_and_wakes_for_what_another_thread_appends(storage: Storage) -> None:
    log = EventLog(storage.conversations)
    conversation_id, _ = storage.conversations.start("zh", "page")

    async def listen() -> list[object]:
        tail = log.tail(conversation_id, 0, heartbeat=0.05)
        seen = [await anext(tail)]
        thread = threading.Thread(target=log.append, args=(conversation_id, "done", {}))
        thread.start()
        while (event := await anext(tail)) is None:
            pass
        thread.join()
        await tail.aclose()
        return [*seen, event.number]

    assert asyncio.run(listen()) == [None, 1]


def test_two_threads_appending_leave_no_gap_and_no_double(storage: Storage) -> None:
    log = EventLog(storage.conversations)
    conversation_id, _ = storage.conversations.start("zh", "page")

    def append() -> None:
        for _ in range(20):
            log.append(conversation_id, "part", {"number": 0})

    async def listen() -> list[int]:
        threads = [threading.Thread(target=append) for _ in range(2)]
        for thread in threads:
            thread.start()
        numbers: list[int] = []
        async for event in log.tail(conversation_id, 0):
            numbers.append(event.number if event else -1)
            if len(numbers) == 40:
                break
        for thread in threads:
            thread.join()
        return numbers

    assert asyncio.run(listen()) == list(range(1, 41))


def test_closing_the_log_ends_its_streams(storage: Storage) -> None:
    log = EventLog(storage.conversations)

    async def listen() -> list[object]:
        asyncio.get_running_loop().call_later(0.05, log.close)
        return [event async for event in log.tail("c", 0)]

    assert asyncio.run(listen()) == []


def test_a_client_that_goes_away_leaves_no_stream_behind(house: House) -> None:
    talk = house.open()
    house.say(talk, "你好")
    with follow(house, f"/v1/conversations/{talk['id']}/stream", bearer(talk)) as events:
        assert next(events).kind == "turn"
        assert house.access.log._bells
    wait_for(lambda: not house.access.log._bells)
    wait_for(lambda: b"lingxi_active_streams 0.0" in house.access.metrics.text())


def test_one_conversation_cannot_hold_streams_without_end(house: House) -> None:
    talk = house.open()
    house.say(talk, "你好")
    path = f"/v1/conversations/{talk['id']}/stream"
    with ExitStack() as held:
        streams = [
            held.enter_context(follow(house, path, bearer(talk)))
            for _ in range(STREAMS_PER_CONVERSATION)
        ]
        assert all(next(events).kind == "turn" for events in streams)
        refused = house.client.get(path, headers=bearer(talk))
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "5"


@pytest.mark.parametrize("ticks", range(6))
def test_a_stream_that_is_woken_while_it_is_cancelled_ends(storage: Storage, ticks: int) -> None:
    log = EventLog(storage.conversations)
    conversation_id, _ = storage.conversations.start("zh", "page")

    async def follow_for_ever() -> None:
        async for _ in log.tail(conversation_id, 0):
            pass

    async def listen() -> bool:
        following = asyncio.create_task(follow_for_ever())
        await asyncio.sleep(0.2)  # by now it waits for its bell
        log.wake(conversation_id)
        for _ in range(ticks):
            await asyncio.sleep(0)
        following.cancel()
        _, left = await asyncio.wait({following}, timeout=2)
        for task in left:
            task.cancel()
        return not left

    assert asyncio.run(listen())
