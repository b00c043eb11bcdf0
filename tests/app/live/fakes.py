"""A pipeline that hears the pitch of a hum, and a caller who hums."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from app.live.protocol import HEADER
from app.perceived import Perceived
from app.standing import standing_state
from app.store.conversations import Conversations
from app.store.records import Standing
from app.trace import Trace
from dialogue.types import (
    AudioClip,
    Device,
    Hypothesis,
    ReplyPart,
    State,
    Transcript,
    Turn,
    Understanding,
)

RATE = 16_000
FRAME = RATE // 50


def hum(pitch: int, seconds: float, rate: int = RATE) -> NDArray[np.float32]:
    """A voice of one note."""
    return (0.3 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)).astype(
        np.float32
    )


def silence(seconds: float, rate: int = RATE) -> NDArray[np.float32]:
    """Nothing."""
    return np.zeros(round(seconds * rate), np.float32)


def pcm(samples: NDArray[np.float32]) -> bytes:
    """16-bit little-endian."""
    return (samples * 32767).astype("<i2").tobytes()


class Opus:
    """Turns 20 ms at 48 kHz into a packet."""

    def __init__(self) -> None:
        self._codec = av.CodecContext.create("libopus", "w")
        self._codec.sample_rate, self._codec.layout, self._codec.format = 48_000, "mono", "flt"

    def __call__(self, samples: NDArray[np.float32]) -> bytes:
        frame = av.AudioFrame.from_ndarray(samples[None], "flt", "mono")
        frame.rate = 48_000
        (packet,) = self._codec.encode(frame)
        return bytes(packet)


def pitch_of(clip: AudioClip) -> int:
    """The note that is hummed in `clip`, to the nearest ten hertz."""
    spectrum = np.abs(np.fft.rfft(clip.samples))
    return round(float(np.argmax(spectrum)) * clip.rate / len(clip.samples) / 10) * 10


@dataclass
class HummingPipeline:
    """Hears a hum as its pitch, or as `words` of that pitch, and answers with it in two parts."""

    store: Conversations
    words: dict[int, str] = field(default_factory=dict)
    gates: dict[str, threading.Event] = field(default_factory=dict)
    """Hold `hear`, or a part by its number as text."""
    broken: bool = False
    """`hear` raises."""
    part_seconds: float = 0.5
    foreseen: list[str] = field(default_factory=list)
    wanted: Callable[[], bool] = lambda: True
    """Whether what was foreseen last still is."""
    heard: list[float] = field(default_factory=list)
    """Lengths of what `hear` was given, in seconds."""
    devices: list[tuple[Device, ...]] = field(default_factory=list)
    """What the callers had whom it was given."""

    def hear(self, turn: Turn, state: State, trace: Trace) -> Perceived:
        """The pitch."""
        assert turn.audio is not None
        self.heard.append(turn.audio.seconds)
        self.devices.append(turn.device)
        if "hear" in self.gates:
            self.gates["hear"].wait(20)
        if self.broken:
            raise RuntimeError("the recognizer broke")
        with trace.span("asr"):
            pitch = pitch_of(turn.audio)
        text = self.words.get(pitch, f"note {pitch}")
        meaning = Understanding(text, "en", (("greet", 1.0),))
        return Perceived(Transcript((Hypothesis(text, -0.1),), "en"), None, meaning, state.version)

    def state_of(self, standing: Standing) -> State:
        """As stored."""
        return standing_state(standing)

    def foresee(
        self, turn: Turn, state: State, perceived: Perceived, wanted: Callable[[], bool]
    ) -> None:
        """Notes what would be answered."""
        assert wanted()
        self.foreseen.append(perceived.meaning.text)
        self.wanted = wanted

    def respond(
        self, turn: Turn, trace: Trace, stop: threading.Event, perceived: Perceived | None = None
    ) -> Iterator[object]:
        """Two parts that hold what was heard."""
        if perceived is None and turn.audio:
            self.broken = False
            perceived = self.hear(turn, State(), trace)
        assert perceived is not None
        yield perceived
        said = []
        for number in range(2):
            if str(number) in self.gates:
                self.gates[str(number)].wait(20)
            if stop.is_set():
                break
            sound = AudioClip(hum(440, self.part_seconds, 24_000), 24_000)
            text = f"Part {number}: {perceived.meaning.text}. "
            said.append({"number": number, "text": text, "card": None})
            yield ReplyPart(number, text, sound, last=number == 1)
        spans = [{"stage": s.stage, "ms": s.seconds * 1000} for s in trace.spans]
        record = {"status": "done", "reply": said, "trace": spans, "text": perceived.meaning.text}
        self.store.finish(turn.conversation_id, turn.id, record)


@dataclass
class Caller:
    """A client of /v1/live that keeps all it gets."""

    socket: ClientConnection
    rate: int = RATE
    encode: Callable[[NDArray[np.float32]], bytes] = pcm
    number: int = 0
    got: list[dict[str, Any]] = field(default_factory=list)
    """Control messages, in order; sound counts as {"type": "sound", "samples": n}."""
    waiting: list[dict[str, Any]] = field(default_factory=list)
    """Those of them that were not asked for yet: sound may come before the event it belongs to."""

    def send(self, **message: Any) -> None:
        """A control message."""
        self.socket.send(json.dumps(message))

    def say(self, samples: NDArray[np.float32]) -> None:
        """Sound, as fast as it goes."""
        width = self.rate // 50
        for start in range(0, len(samples), width):
            self.frame(self.encode(samples[start : start + width]))

    def frame(self, sound: bytes, number: int | None = None) -> None:
        """One binary message."""
        if number is None:
            number, self.number = self.number, self.number + 1
        self.socket.send(HEADER.pack(number) + sound)

    def until(
        self, wanted: Callable[[dict[str, Any]], bool], seconds: float = 90
    ) -> dict[str, Any]:
        """The next message that is `wanted`; silence is sent meanwhile, as a microphone does."""
        if found := next(filter(wanted, self.waiting), None):
            return self._taken(found)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                message = self.socket.recv(timeout=0.02)
            except TimeoutError:
                self.say(silence(0.02, self.rate))
                continue
            if isinstance(message, bytes):
                self.got.append({"type": "sound", "samples": len(message) // 2 - 2})
            else:
                self.got.append(json.loads(message))
            self.waiting.append(self.got[-1])
            if wanted(self.got[-1]):
                return self._taken(self.got[-1])
        raise AssertionError(f"it never came; there were {self.got}")

    def _taken(self, message: dict[str, Any]) -> dict[str, Any]:
        """`message`; it and the log's events before it are waited for no more."""
        self.waiting.remove(message)
        seen = message.get("id", 0)
        self.waiting = [m for m in self.waiting if m.get("id", seen + 1) > seen]
        return message

    def event(self, kind: str) -> dict[str, Any]:
        """The body of the next event of a kind."""
        found = self.until(lambda m: m["type"] == "event" and m["event"] == kind)
        return dict(found["data"])

    def message(self, kind: str) -> dict[str, Any]:
        """The next control message of a kind."""
        return self.until(lambda m: m["type"] == kind)

    def closed(self) -> int:
        """Waits for the server to close; its code."""
        try:
            while True:
                self.got.append(json.loads(self.socket.recv(timeout=90)))
        except ConnectionClosed as error:
            return error.rcvd.code if error.rcvd else 0


@contextmanager
def calling(url: str, talk: dict[str, str] | None, **start: Any) -> Iterator[Caller]:
    """A call under way; without a conversation nothing is sent yet."""
    address = url.replace("http", "ws") + "/v1/live"
    origin = start.pop("origin", None)
    with connect(address, origin=origin, compression=None) as socket:
        encode = Opus() if start.get("encoding") == "opus" else pcm
        caller = Caller(socket, start.get("rate", RATE), encode)
        if talk:
            caller.send(
                type="start",
                version=1,
                conversation_id=talk["id"],
                token=talk["token"],
                **{"locale": "en", **start},
            )
            caller.message("ready")
        yield caller
