"""Sound as it comes over the wire of a call: PCM and Opus, lost, doubled and broken frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.live.protocol import HEADER, Start
from app.live.wire import BrokenFrame, Wire
from dialogue.types import AudioClip
from tests.app.live.fakes import Opus, calling, hum, pitch_of

RATE = 48_000


def opening(encoding: str) -> Start:
    said: dict[str, Any] = {"type": "start", "version": 1, "conversation_id": "c", "token": "t"}
    return Start(**said, encoding=encoding)


def opus(samples: NDArray[np.float32]) -> list[bytes]:
    """`samples` at 48 kHz as packets of 20 ms."""
    encode = Opus()
    return [encode(each) for each in samples.reshape(-1, 960)]


def take(wire: Wire, packets: dict[int, bytes]) -> NDArray[np.float32]:
    found = [wire.take(HEADER.pack(number) + packet) for number, packet in packets.items()]
    return np.concatenate(found)


def test_opus_packets_are_the_sound_that_was_sent() -> None:
    packets = opus(hum(300, 1.0, RATE))
    samples = take(Wire(opening("opus")), dict(enumerate(packets)))
    assert len(samples) == pytest.approx(16_000, abs=1_200)
    assert pitch_of(AudioClip(samples, 16_000)) == 300
    assert sum(map(len, packets)) < 32_000 / 2, "less than half of PCM at 16 kHz"


def test_an_opus_packet_that_is_lost_becomes_silence_and_one_that_is_doubled_nothing() -> None:
    packets = dict(enumerate(opus(hum(300, 1.0, RATE))))
    whole = take(Wire(opening("opus")), packets)
    wire, some = Wire(opening("opus")), {n: p for n, p in packets.items() if n not in (20, 21)}
    lacking = take(wire, some)
    assert len(lacking) == len(whole)
    assert not len(wire.take(HEADER.pack(3) + packets[3]))


@pytest.mark.parametrize(
    ("encoding", "sound"), [("opus", b"\xff\xff\xff"), ("pcm", b"\x00"), ("pcm", bytes(16_000))]
)
def test_what_is_no_frame_of_the_encoding_breaks_the_protocol(encoding: str, sound: bytes) -> None:
    with pytest.raises(BrokenFrame, match="frame"):
        Wire(opening(encoding)).take(HEADER.pack(0) + sound)


def test_opus_too_runs_no_more_than_five_seconds_ahead_of_the_clock() -> None:
    packet = opus(hum(300, 0.2, RATE))[-1]
    with pytest.raises(BrokenFrame, match="pace"):
        take(Wire(opening("opus")), dict.fromkeys(range(400), packet))


def test_a_caller_who_sends_opus_is_heard(exchange: Callable[..., Any]) -> None:
    house = exchange()
    with calling(house.url, house.open("en"), rate=48_000, encoding="opus") as caller:
        caller.say(hum(300, 0.6, 48_000))
        assert caller.event("heard")["text"] == "note 300"
