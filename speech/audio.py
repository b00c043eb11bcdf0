"""Sound files in and out: what browsers and phones send becomes an `AudioClip`, and back."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator, Mapping, Sequence

import av
import av.error
import numpy as np
import soxr
from numpy.typing import NDArray

from dialogue.types import AudioClip

WHISPER_RATE = 16_000
"""Hz; what every recognizer and voice detector here listens at."""
SPEECH_RATE = 24_000
"""Hz; what the synthesizers here speak at."""
MP3_BITS_PER_SECOND = 48_000
MAX_SECONDS = 60.0

_MAGIC = ((b"\x1aE\xdf\xa3", "matroska"), (b"fLaC", "flac"), (b"OggS", "ogg"), (b"ID3", "mp3"))


class Undecodable(ValueError):  # noqa: N818 - says what is the matter
    """The bytes are not sound in a format that is understood."""


class TooLong(ValueError):  # noqa: N818 - says what is the matter
    """The recording is longer than allowed."""


def container(content: bytes) -> str | None:
    """FFmpeg's name of the container that `content` is in, told by its first bytes, or None."""
    for magic, name in _MAGIC:
        if content.startswith(magic):
            return name
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "wav"
    if content[4:8] == b"ftyp":
        return "mov"
    if len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0:
        return "aac" if content[1] & 0xF6 == 0xF0 else "mp3"
    return None


def decode(content: bytes, max_seconds: float = MAX_SECONDS, rate: int = WHISPER_RATE) -> AudioClip:
    """The sound in `content` (wav, webm, mp4, mp3, flac, ogg, aac), mono at `rate` Hz.

    A file that breaks off keeps what came before. Raises `Undecodable` and `TooLong`.
    """
    name = container(content)
    if name is None:
        raise Undecodable(f"{len(content)} bytes are no sound file; send wav, webm, mp4, mp3, ogg")
    pieces: list[NDArray[np.float32]] = []
    try:
        _collect(content, name, rate, max_seconds, pieces)
    except (av.error.FFmpegError, EOFError) as error:
        if not pieces:
            raise Undecodable(f"the {name} file cannot be read: {error}") from error
    samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    if not len(samples):
        raise Undecodable(f"the {name} file holds no sound")
    return AudioClip(np.nan_to_num(samples).clip(-1.0, 1.0), rate)


def _collect(
    content: bytes, name: str, rate: int, max_seconds: float, pieces: list[NDArray[np.float32]]
) -> None:
    # Naming the format keeps FFmpeg from guessing a playlist and opening what it points to.
    with av.open(io.BytesIO(content), "r", format=name) as file:
        if not file.streams.audio:
            raise Undecodable(f"the {name} file has no sound track")
        if file.duration and file.duration / av.time_base > max_seconds:
            raise TooLong(
                f"{file.duration / av.time_base:.0f} s of sound; at most {max_seconds:g} s"
            )
        left = round(max_seconds * rate)
        for piece in _mono(file, rate):
            left -= len(piece)
            if left < 0:
                raise TooLong(f"more than {max_seconds:g} s of sound")
            pieces.append(piece)


def _mono(file: av.container.InputContainer, rate: int) -> Iterator[NDArray[np.float32]]:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    for frame in file.decode(audio=0):
        for piece in resampler.resample(frame):
            yield piece.to_ndarray()[0].astype(np.float32)
    for piece in resampler.resample(None):
        yield piece.to_ndarray()[0].astype(np.float32)


def resample(clip: AudioClip, rate: int) -> AudioClip:
    """`clip` at `rate` Hz; the same object when nothing has to change."""
    if clip.rate == rate:
        return clip
    return AudioClip(soxr.resample(clip.samples, clip.rate, rate, quality="HQ"), rate)


def encode_wav(clip: AudioClip) -> bytes:
    """16-bit mono WAV."""
    pcm = (np.clip(clip.samples, -1.0, 1.0) * 32767).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(clip.rate)
        file.writeframes(pcm.tobytes())
    return buffer.getvalue()


def encode_mp3(clip: AudioClip, metadata: Mapping[str, str] | None = None) -> bytes:
    """24 kHz mono MP3 at about 48 kb/s: what every browser plays and little enough to send.

    `metadata` becomes its ID3 tags.
    """
    samples = np.clip(resample(clip, SPEECH_RATE).samples, -1.0, 1.0)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as file:
        file.metadata.update(metadata or {})
        stream = file.add_stream("libmp3lame", rate=SPEECH_RATE, layout="mono", format="s16p")
        stream.bit_rate = MP3_BITS_PER_SECOND
        pcm = (samples * 32767).astype(np.int16)[None, :]
        frame = av.AudioFrame.from_ndarray(pcm, format="s16p", layout="mono")
        frame.rate = SPEECH_RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    return buffer.getvalue()


def trim_silence(
    clip: AudioClip, threshold: float = 0.01, keep: float = 0.02, lead: float = 0.005
) -> AudioClip:
    """`clip` without the silence at both ends, but for `lead` seconds before and `keep` after it.

    What leads is waited for by whoever asked, so it is short.
    """
    (loud,) = np.nonzero(np.abs(clip.samples) > threshold)
    if not len(loud):
        return clip
    start = max(0, int(loud[0]) - round(lead * clip.rate))
    end = int(loud[-1]) + round(keep * clip.rate)
    return AudioClip(clip.samples[start:end], clip.rate)


def trim(clip: AudioClip, speech: Sequence[tuple[float, float]]) -> AudioClip:
    """`clip` from the first to the last of its `speech` stretches; nothing where there are none."""
    return cut(clip, speech[0][0], speech[-1][1]) if speech else cut(clip, 0.0, 0.0)


def cut(clip: AudioClip, start: float, end: float) -> AudioClip:
    """What lies between `start` and `end` seconds of `clip`."""
    first = max(0, round(start * clip.rate))
    return AudioClip(clip.samples[first : round(end * clip.rate)], clip.rate)


def join(clips: Sequence[AudioClip]) -> AudioClip:
    """Clips of one rate, end to end; at least one."""
    return AudioClip(np.concatenate([clip.samples for clip in clips]), clips[0].rate)
