"""`lingxi bench soak`: calls that are opened and broken off at random, and what stays of them."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx
import numpy as np
import typer
from rich.console import Console
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from app.commands.bench_callers import FRAME_SECONDS, Line
from app.commands.bench_lines import said
from app.commands.bench_memory import Sample, flatness, sample
from app.commands.bench_server import Served, serving
from app.commands.output import print_json
from app.live.protocol import HEADER, VERSION
from app.store.archive import Archive
from app.store.conversations import Conversations
from app.store.database import open_database
from app.store.records import Event
from dialogue.types import Language
from speech.audio import WHISPER_RATE, resample

SAMPLE_SECONDS = 5.0
_SETTLE_SECONDS = 120.0
"""For the turns that wait when the last caller has gone."""
_OPENING_SECONDS = 60.0
"""For a connection: a busy machine is no reason to break off an hour of calls."""
_BUSY = ("lingxi_live_calls", "lingxi_queue_depth")
_FAULTS = ("broken", "unanswered", "doubled", "calls_left", "tasks_left")
_BROKEN = (OSError, TimeoutError, httpx.HTTPError, InvalidHandshake)
"""A call that cannot be opened is counted: it must not cost the figures of an hour."""
_AGAIN = 0.3
"""How often a caller comes back to a conversation that broke off."""


@dataclass(slots=True)
class Talk:
    """One conversation, over as many calls as it takes."""

    id: str
    token: str
    language: Language
    seen: int = 0
    """The last event."""
    turns: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    doubled: int = 0
    """Events that came twice on one connection."""


@dataclass(slots=True)
class Run:
    """What happened so far."""

    end: float
    """On the monotonic clock."""
    talks: list[Talk] = field(default_factory=list)
    memory: list[Sample] = field(default_factory=list)
    broken: int = 0
    """Calls that could not be opened."""


def soak(
    minutes: Annotated[float, typer.Option(help="How long.")] = 60.0,
    callers: Annotated[int, typer.Option(help="At the same time.")] = 3,
    manifest: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Recordings; else the product's voices."),
    ] = None,
    domain: Annotated[str, typer.Option()] = "",
    seed: Annotated[int, typer.Option(help="Of all chance.")] = 7,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Random calls: whether memory stays flat, and whether a turn is lost or a task stuck.

    Memory may differ by 5 % from where it stood after a fifth of the time; with phrases that
    `lingxi models warm` made it is there sooner.
    """
    chooser = random.Random(seed)  # noqa: S311 - chance, no secret
    lines = [
        one for some in said(manifest, domain, 20, chooser, quiet=True).values() for one in some
    ]
    with serving("", domain) as served:
        tasks = _gauge(served, "lingxi_tasks")
        run = Run(time.monotonic() + minutes * 60)
        asyncio.run(_calls(served, lines, run, callers, chooser))
        _settle(served, min(_SETTLE_SECONDS, minutes * 60), tasks)
        talks = run.talks
        found = {
            "minutes": minutes,
            "callers": callers,
            "conversations": len(talks),
            "turns": sum(len(talk.turns) for talk in talks),
            "doubled": sum(talk.doubled for talk in talks),
            "broken": run.broken,
            "unanswered": _unanswered(served, talks),
            "calls_left": _gauge(served, "lingxi_live_calls"),
            "tasks_left": _gauge(served, "lingxi_tasks") - tasks,
            **flatness(run.memory),
        }
    print_json(found) if as_json else Console().print(json.dumps(found))
    if any(found[fault] for fault in _FAULTS) or not found["flat"]:
        raise typer.Exit(1)


async def _calls(
    served: Served, lines: list[Line], run: Run, callers: int, chooser: random.Random
) -> None:
    async def caller(chance: random.Random) -> None:
        while time.monotonic() < run.end:
            try:
                await _one_call(
                    served, await _chosen(served, lines, run.talks, chance), lines, chance
                )
            except _BROKEN:
                run.broken += 1

    watching = asyncio.create_task(_watch(served, run.memory))
    chances = [random.Random(chooser.random()) for _ in range(callers)]  # noqa: S311 - chance
    await asyncio.gather(*map(caller, chances))
    watching.cancel()


async def _watch(served: Served, memory: list[Sample]) -> None:
    assert served.var is not None
    began = time.monotonic()
    while True:
        memory.append(sample(served.pid, served.var, time.monotonic() - began))
        await asyncio.sleep(SAMPLE_SECONDS)


def _settle(served: Served, seconds: float, tasks: float) -> None:
    """Waits until all calls have ended, all turns are answered and no more than `tasks` run,
    `seconds` at most."""
    over = time.monotonic() + seconds
    while time.monotonic() < over and (
        any(_gauge(served, name) for name in _BUSY) or _gauge(served, "lingxi_tasks") > tasks
    ):
        time.sleep(1)


async def _chosen(
    served: Served, lines: list[Line], talks: list[Talk], chance: random.Random
) -> Talk:
    """A conversation that broke off, or a new one."""
    back = [talk for talk in talks if talk.turns - talk.done]
    if back and chance.random() < _AGAIN:
        return chance.choice(back)
    talks.append(await _opened(served, chance.choice(lines).language))
    return talks[-1]


async def _opened(served: Served, language: Language) -> Talk:
    async with httpx.AsyncClient(base_url=served.url, timeout=60) as client:
        opening = {"locale": language, "channel": "api"}
        made = (await client.post("/v1/conversations", json=opening)).json()
    return Talk(made["conversation_id"], made["token"], language)


async def _one_call(served: Served, talk: Talk, lines: list[Line], chance: random.Random) -> None:
    """Speaks one to three lines and leaves politely, in mid-sentence, or in mid-reply."""
    async with _connected(served, talk) as socket:
        listening = asyncio.create_task(_listen(socket, talk))
        numbers = itertools.count()
        try:
            for _ in range(chance.randint(1, 3)):
                line = chance.choice([one for one in lines if one.language == talk.language])
                samples = resample(line.clip, WHISPER_RATE).samples
                if chance.random() < 0.2:  # breaks off in mid-sentence
                    await _speak(socket, samples[: len(samples) // 2], numbers)
                    return
                await _speak(socket, samples, numbers)
                pause = chance.uniform(0.2, 6.0)
                await _speak(socket, np.zeros(round(pause * WHISPER_RATE), np.float32), numbers)
            await socket.send(json.dumps({"type": "end"}))
        except ConnectionClosed:  # the same conversation was called by another caller
            return
        finally:
            listening.cancel()


@asynccontextmanager
async def _connected(served: Served, talk: Talk) -> AsyncIterator[ClientConnection]:
    address = served.url.replace("http", "ws", 1) + "/v1/live"
    async with connect(
        address, compression=None, max_size=None, open_timeout=_OPENING_SECONDS
    ) as socket:
        start = {"type": "start", "version": VERSION, "rate": WHISPER_RATE, "locale": talk.language}
        start |= {"conversation_id": talk.id, "token": talk.token}
        await socket.send(json.dumps({**start, "after": talk.seen, "rejoins": talk.seen > 0}))
        yield socket
        socket.transport.abort()


async def _speak(socket: ClientConnection, samples: Any, numbers: Any) -> None:
    """20 ms frames in real time."""
    width, due = round(FRAME_SECONDS * WHISPER_RATE), time.perf_counter()
    for start in range(0, len(samples), width):
        pcm = (np.clip(samples[start : start + width], -1, 1) * 32767).astype("<i2").tobytes()
        due += FRAME_SECONDS
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await socket.send(HEADER.pack(next(numbers)) + pcm)


async def _listen(socket: ClientConnection, talk: Talk) -> None:
    seen = 0
    async for message in socket:
        if isinstance(message, bytes):
            continue
        told = json.loads(message)
        if told["type"] != "event":
            continue
        talk.doubled += told["id"] <= seen
        seen = told["id"]
        talk.seen = max(talk.seen, seen)
        kept = {"turn": talk.turns, "done": talk.done}.get(told["event"])
        if kept is not None:
            kept.add(told["data"]["turn_id"])


def _unanswered(served: Served, talks: list[Talk]) -> int:
    """Turns that were never closed in the store and in the log, and those that callers were told
    of and that nobody stored."""
    assert served.var is not None
    database = open_database(f"sqlite:///{served.var / 'lingxi.db'}")
    try:
        archive, log = Archive(database), Conversations(database)
        return sum(
            unanswered(archive.conversation(talk.id)["turns"], log.events(talk.id, 0, 10_000), talk)
            for talk in talks
        )
    finally:
        database.close()


def unanswered(turns: list[dict[str, Any]], events: Sequence[Event], talk: Talk) -> int:
    """How many of the turns of one conversation were lost or left open."""
    done = {event.body["turn_id"] for event in events if event.kind == "done"}
    answered = {turn["id"] for turn in turns if turn["status"] != "received"} & done
    return len((talk.turns | {turn["id"] for turn in turns}) - answered)


def _gauge(served: Served, name: str) -> float:
    text = httpx.get(f"{served.url}/metrics", timeout=_OPENING_SECONDS).text
    found = [line.split()[-1] for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(found[0]) if found else -1.0
