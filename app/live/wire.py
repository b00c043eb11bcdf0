"""Sound from the wire: numbered, bounded, once, in order; gaps become silence."""

from __future__ import annotations

import time

import numpy as np
import soxr
from numpy.typing import NDArray

from app.live.protocol import HEADER, LONGEST_FRAME, Start
from speech.audio import WHISPER_RATE, Undecodable
from speech.opus import OPUS_RATE, OpusStream

_AHEAD_SECONDS = 5.0
"""How much faster than it is spoken sound may come, after a network stood still."""
_GAP = 25
"""Lost messages in a row that silence is put in for."""


class BrokenFrame(ValueError):  # noqa: N818 - says what is the matter
    """A binary message broke the protocol; the message says how."""


class Wire:
    """One connection's sound on its way to the call. Not thread-safe."""

    def __init__(self, start: Start) -> None:
        self._opus = OpusStream() if start.encoding == "opus" else None
        self._rate = OPUS_RATE if self._opus else start.rate
        self._next = 0
        """Number of the binary message that is due."""
        self._sound = 0.0
        """Seconds of sound taken in."""
        self._began = time.monotonic()
        self._resample = soxr.ResampleStream(self._rate, WHISPER_RATE, 1, dtype="float32")

    def take(self, content: bytes) -> NDArray[np.float32]:
        """What one message adds, at 16 kHz: nothing where its number has come before."""
        sound = content[HEADER.size :]
        if len(content) < HEADER.size or (self._opus is None and self._misshapen(sound)):
            raise BrokenFrame("frame")
        (number,) = HEADER.unpack_from(content)
        if number < self._next or not sound:
            return np.zeros(0, np.float32)
        samples = self._samples(sound)
        missing = min(number - self._next, _GAP)
        self._next = number + 1
        self._sound += len(samples) / self._rate
        if self._sound > time.monotonic() - self._began + _AHEAD_SECONDS:
            raise BrokenFrame("pace")
        samples = np.concatenate([np.zeros(missing * len(samples), np.float32), samples])
        return samples if self._rate == WHISPER_RATE else self._resample.resample_chunk(samples)

    def _misshapen(self, pcm: bytes) -> bool:
        return len(pcm) % 2 > 0 or len(pcm) / 2 / self._rate > LONGEST_FRAME

    def _samples(self, sound: bytes) -> NDArray[np.float32]:
        if self._opus is None:
            return np.frombuffer(sound, "<i2").astype(np.float32) / np.float32(32768)
        try:
            return self._opus.decode(sound)
        except Undecodable as error:
            raise BrokenFrame("frame") from error
