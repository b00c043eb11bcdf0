"""Simulated callers: real sound in real time over the real socket, measured where it is heard."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect

from app.commands.bench_playback import Playback
from app.live.protocol import HEADER, RATE, VERSION
from dialogue.types import AudioClip, Language
from speech.audio import WHISPER_RATE, resample

Kind = Literal["question", "interruption", "backchannel"]
FRAME_SECONDS = 0.02
AUDIBLE = 0.01
"""Amplitude from which a sample can be heard."""
PATIENCE_SECONDS = 30.0
"""For one reply."""
FLOOR = 1e-4
"""Amplitude of the noise between the words."""
_INTO_SECONDS = 0.7
"""How far into a reply somebody interrupts."""
_INTERRUPTING_SECONDS = 12.0
"""For what an interruption is answered with."""
_LISTENING_SECONDS = 2.5
"""After a back-channel, in which the reply must go on."""
_BREATH_SECONDS = 0.8
"""Between the end of a reply and the next question."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What a caller says next."""

    clip: AudioClip
    language: Language
    kind: Kind = "question"
    """Interruptions and back-channels are spoken into the reply to the line before."""
    pause: str = ""
    """Where the caller thinks for a moment in the middle of it; "" for nowhere."""
    text: str = ""
    """The words, and below what is wanted by them; "" where nobody wrote it down."""
    intent: str = ""


@dataclass(slots=True)
class Heard:
    """What one line came to at the client. Times in seconds after its last voiced sample."""

    asked: Line
    turn_id: str = ""
    turns: int = 0
    """Turns the server made of it; more than one: a pause was taken for the end."""
    sounded: dict[int, float] = field(default_factory=dict)
    """The first audible sample of each part."""
    silent: float | None = None
    """From the first voiced sample of an interruption until nothing sounded."""
    stopped: bool = False
    gaps: list[float] = field(default_factory=list)
    doubled: int = 0
    done: bool = False
    text: str = ""

    @property
    def first_audio(self) -> float | None:
        """The first audible sample of the reply."""
        return min(self.sounded.values(), default=None)


class SimulatedCaller:
    """Says its lines one after the other and notes what it hears."""

    def __init__(self, server: str, lines: Sequence[Line], listens: float = 0.0) -> None:
        """`listens`: seconds of a reply after which it is told to stop; 0: never."""
        self._server = server
        self._lines = lines
        self._listens = listens
        self._tired = False
        self._playback = Playback()
        self._current = ("", 0)
        self._number = 0
        self._numbers: set[int] = set()
        self._parts: set[tuple[str, int]] = set()
        self._turns: dict[str, Heard] = {}
        self._now: Heard | None = None
        self._voiced_end = 0.0
        self._voiced_begin = 0.0
        self._handed = False
        """Whether a person was fetched: from then on no bot answers."""
        self.conversations: list[str] = []
        self.refused = ""

    async def call(self) -> list[Heard]:
        """Says every line; where a person is fetched, the rest in a new call."""
        follows = [*(line.kind for line in self._lines[1:]), "question"]
        lines = list(zip(self._lines, follows, strict=True))
        heard: list[Heard] = []
        while len(heard) < len(lines) and not self.refused:
            heard += await self._call(lines[len(heard) :])
        return heard

    async def _call(self, lines: Sequence[tuple[Line, str]]) -> list[Heard]:
        """One call, from hello to the last line or until a person is fetched."""
        language = self._lines[0].language
        async with httpx.AsyncClient(base_url=self._server, timeout=60) as client:
            opening = {"locale": language, "channel": "api"}
            opened = (await client.post("/v1/conversations", json=opening)).json()
        self.conversations.append(opened["conversation_id"])
        self._playback, self._number, self._handed = Playback(), 0, False
        self._numbers.clear()
        heard: list[Heard] = []
        address = self._server.replace("http", "ws", 1) + "/v1/live"
        async with connect(address, compression=None, max_size=None) as socket:
            start = {"type": "start", "version": VERSION, "rate": WHISPER_RATE, "locale": language}
            talk = {"conversation_id": opened["conversation_id"], "token": opened["token"]}
            await socket.send(json.dumps({**start, **talk}))
            tasks = [asyncio.create_task(t) for t in (self._listen(socket), self._report(socket))]
            try:
                for line, follows in lines:
                    heard.append(await self._say(socket, line, follows))
                    if self._handed:
                        break
            finally:
                for task in tasks:
                    task.cancel()
        return heard

    async def _say(self, socket: ClientConnection, line: Line, follows: str) -> Heard:
        """Speaks one line in real time, then is silent until its reply has been played."""
        if line.kind == "question":
            await self._be_silent(socket, lambda: self._playback.ends + _BREATH_SECONDS < _clock())
        self._now, self._tired = Heard(line), False
        samples = resample(line.clip, WHISPER_RATE).samples
        first, last = voiced(samples)
        self._voiced_begin = _clock() + first / WHISPER_RATE
        self._voiced_end = _clock() + last / WHISPER_RATE
        await self._send(socket, samples)
        heard, over = self._now, _clock() + PATIENCE_SECONDS
        if line.kind == "backchannel":
            over = _clock() + _LISTENING_SECONDS
        if line.kind == "interruption":
            over = _clock() + _INTERRUPTING_SECONDS
        await self._be_silent(socket, lambda: self._enough(heard, follows) or _clock() > over)
        return heard

    def _enough(self, heard: Heard, follows: str) -> bool:
        """Done and played; where the next line is spoken into the reply, once that sounds."""
        if follows == "question":
            return heard.done and self._playback.ends < _clock()
        if heard.first_audio is None:
            return heard.done
        return _clock() > self._voiced_end + heard.first_audio + _INTO_SECONDS

    async def _be_silent(self, socket: ClientConnection, enough: Any) -> None:
        quiet = np.random.default_rng(0).normal(0, FLOOR, round(0.02 * WHISPER_RATE))
        while not enough():
            if self._bored():
                self._tired = True
                await socket.send(json.dumps({"type": "quiet"}))
            await self._send(socket, quiet.astype(np.float32))

    def _bored(self) -> bool:
        """Whether the reply has sounded for as long as this caller listens."""
        heard = self._now
        if not self._listens or self._tired or heard is None or heard.first_audio is None:
            return False
        return _clock() > self._voiced_end + heard.first_audio + self._listens

    async def _send(self, socket: ClientConnection, samples: NDArray[np.float32]) -> None:
        """20 ms frames, each when its last sample has been spoken."""
        width = round(FRAME_SECONDS * WHISPER_RATE)
        due = _clock()
        for start in range(0, len(samples), width):
            pcm = (np.clip(samples[start : start + width], -1, 1) * 32767).astype("<i2").tobytes()
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - _clock()))
            await socket.send(HEADER.pack(self._number) + pcm)
            self._number += 1

    async def _report(self, socket: ClientConnection) -> None:
        """Acknowledges playback four times a second."""
        while True:
            await asyncio.sleep(0.25)
            if position := self._playback.position(_clock()):
                turn, part, ms = position
                played = {"type": "played", "turn_id": turn, "part": part, "ms": ms}
                await socket.send(json.dumps(played))

    async def _listen(self, socket: ClientConnection) -> None:
        async for message in socket:
            if isinstance(message, bytes):
                self._sound(message)
            else:
                self._control(json.loads(message))

    def _control(self, message: dict[str, Any]) -> None:
        now, heard = _clock(), self._now
        if heard is None:
            return
        match message["type"]:
            case "speech":
                key = (message["turn_id"], message["part"])
                heard.doubled += key in self._parts
                self._parts.add(key)
                self._current = key
                if key[0] not in self._turns:  # sound may overtake its turn's event
                    self._adopt(key[0], heard)
            case "hold" | "stop":
                if heard.silent is None and heard.asked.kind != "question":
                    heard.silent = now - self._voiced_begin
                heard.stopped |= message["type"] == "stop"
                self._playback.pause(now) if message["type"] == "hold" else self._playback.stop(now)
            case "resume":
                self._playback.resume(now)
            case "event":
                self._event(message["event"], message["data"], heard)
            case "refused":
                if message["code"] != "late":
                    self.refused = message["code"]
                    heard.done = True

    def _event(self, kind: str, body: dict[str, Any], heard: Heard) -> None:
        if kind == "owner":
            self._handed = True
        elif kind == "turn":
            if body["turn_id"] not in self._turns:
                self._adopt(body["turn_id"], heard)
            heard.turns += 1
        elif kind == "heard":
            heard.text = body["text"]
        elif kind == "done" and body["turn_id"] in self._turns:
            self._turns[body["turn_id"]].done = True

    def _adopt(self, turn_id: str, heard: Heard) -> None:
        self._turns[turn_id] = heard
        heard.turn_id = turn_id
        heard.sounded.clear()

    def _sound(self, message: bytes) -> None:
        heard, now = self._now, _clock()
        (number,) = HEADER.unpack_from(message)
        samples = np.frombuffer(message[HEADER.size :], "<i2").astype(np.float32) / 32768
        if heard is None:
            return
        heard.doubled += number in self._numbers
        self._numbers.add(number)
        begins, gap = self._playback.add(*self._current, len(samples) / RATE, now)
        loud = np.flatnonzero(np.abs(samples) >= AUDIBLE)
        if heard.turn_id != self._current[0] or not len(loud):
            return
        if heard.sounded and gap > 0:
            heard.gaps.append(gap)
        heard.sounded.setdefault(self._current[1], begins + loud[0] / RATE - self._voiced_end)


def voiced(samples: NDArray[np.float32]) -> tuple[int, int]:
    """The first and the last sample that belong to the words: above a hundredth of the peak."""
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max(initial=1e-6))
    return (int(loud[0]), int(loud[-1])) if len(loud) else (0, len(samples) - 1)


def _clock() -> float:
    return time.perf_counter()
