"""Calls that are opened and dropped at random: nothing stays of them but answered turns."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from websockets.exceptions import ConnectionClosed

from app.live.call import Call
from app.live.socket import Line
from tests.app.api.harness import House, wait_for
from tests.app.live.fakes import Caller, calling, hum, silence

Exchange = Callable[..., House]
CALLS, CALLERS, CONVERSATIONS = 40, 6, 10


def call_and_drop(house: House, talk: dict[str, str], chance: random.Random) -> None:
    """One call in which up to four things happen, then it ends politely or breaks off."""
    doings: list[Callable[[Caller], object]] = [
        lambda caller: caller.say(hum(300, 0.9)),
        lambda caller: caller.say(hum(400, chance.uniform(0.05, 0.8))),
        lambda caller: caller.say(silence(chance.uniform(0.1, 1.2))),
        lambda caller: caller.message("phase"),
        lambda caller: caller.send(type="mute"),
        lambda caller: caller.send(type="quiet"),
    ]
    rejoins = chance.random() < 0.3
    # Another caller may call with the same conversation: then this call ends.
    with suppress(ConnectionClosed), calling(house.url, talk, rejoins=rejoins) as caller:
        for _ in range(chance.randint(0, 4)):
            chance.choice(doings)(caller)
        if chance.random() < 0.3:
            caller.send(type="end")


def settled(house: House, talks: list[dict[str, str]]) -> bool:
    """Whether every stored turn was closed, in its row and in the log, once."""
    for talk in talks:
        turns = house.storage.archive.conversation(talk["id"])["turns"]
        events = house.storage.conversations.events(talk["id"], 0, 1000)
        done = sorted(e.body["turn_id"] for e in events if e.kind == "done")
        if done != sorted(turn["id"] for turn in turns) or any(
            turn["status"] == "received" for turn in turns
        ):
            return False
    return True


def alive(*kinds: type) -> int:
    """Objects of these kinds that somebody still holds."""
    gc.collect()
    return sum(type(each) in kinds for each in gc.get_objects())  # some objects mind isinstance


def test_of_calls_dropped_at_random_nothing_stays_but_answered_turns(exchange: Exchange) -> None:
    house = exchange(calls=CALLERS, late=0.1)
    board, before = house.app.state.live, alive(Call, Line)

    @house.app.get("/tasks")
    async def tasks() -> list[str]:
        return sorted(str(task.get_coro()) for task in asyncio.all_tasks())

    def running() -> int:
        return len(house.client.get("/tasks").json())

    quiet = running()
    chooser = random.Random(7)
    talks = [house.open("en") for _ in range(CONVERSATIONS)]
    picked = [(chooser.choice(talks), random.Random(chooser.random())) for _ in range(CALLS)]
    with ThreadPoolExecutor(CALLERS) as pool:
        for made in [pool.submit(call_and_drop, house, *each) for each in picked]:
            made.result()
    wait_for(lambda: board.calls == 0, 60)
    wait_for(lambda: settled(house, talks), 60)
    wait_for(lambda: running() == quiet, 60)
    wait_for(lambda: alive(Call, Line) == before, 60)
    wait_for(lambda: board.listening == 0, 60)
    wait_for(lambda: house.access.speaking.waiting == 0, 60)
    assert sum(len(house.storage.archive.conversation(t["id"])["turns"]) for t in talks) > 10
