"""Opus packets of one caller, decoded as they come."""

from __future__ import annotations

import av
import av.error
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

from speech.audio import Undecodable

OPUS_RATE = 48_000
"""Hz; what Opus decodes to, whatever it was told."""


class OpusStream:
    """Packets without a container, mono, in order (RFC 6716). Not thread-safe."""

    def __init__(self) -> None:
        codec = av.CodecContext.create("opus", "r")
        assert isinstance(codec, AudioCodecContext)
        codec.layout = "mono"
        codec.sample_rate = OPUS_RATE
        self._codec = codec

    def decode(self, packet: bytes) -> NDArray[np.float32]:
        """Samples at 48 kHz, 120 ms at most; raises `Undecodable`."""
        try:
            frames = self._codec.decode(av.Packet(packet))
        except (av.error.FFmpegError, ValueError) as error:
            raise Undecodable(f"{len(packet)} bytes are no Opus packet: {error}") from error
        pieces = [frame.to_ndarray().mean(axis=0) for frame in frames]
        return np.concatenate([np.zeros(0, np.float32), *pieces]).astype(np.float32)
