"""Recordings longer than Whisper can hear at once, cut where it is quiet."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dialogue.types import AudioClip, Hypothesis, Transcript
from speech.audio import cut

MAX_SECONDS = 28.0
"""Whisper hears 30 s; what is left over is the silence after the utterance."""
_SEARCH_SECONDS = 6.0
_FRAME_SECONDS = 0.1


def windows(clip: AudioClip) -> list[AudioClip]:
    """`clip` in pieces of at most `MAX_SECONDS`, cut at the quietest moments."""
    pieces = []
    while clip.seconds > MAX_SECONDS:
        at = _quietest(clip)
        pieces.append(cut(clip, 0.0, at))
        clip = cut(clip, at, clip.seconds)
    return [*pieces, clip]


def _quietest(clip: AudioClip) -> float:
    start = MAX_SECONDS - _SEARCH_SECONDS
    region = cut(clip, start, MAX_SECONDS)
    width = round(_FRAME_SECONDS * clip.rate)
    count = len(region.samples) // width
    power = np.square(region.samples[: count * width].reshape(count, width)).mean(1)
    return start + (int(np.argmin(power)) + 0.5) * _FRAME_SECONDS


def join_windows(transcripts: Sequence[Transcript]) -> Transcript:
    """One transcript of consecutive pieces; its one hypothesis is the best of each."""
    heard = [t for t in transcripts if t.hypotheses]
    if not heard:
        return transcripts[0]
    language = max(heard, key=lambda t: t.language_probability).language
    text = ("" if language == "zh" else " ").join(t.text for t in heard)
    logprob = math.fsum(t.hypotheses[0].logprob for t in heard) / len(heard)
    states = [t.states for t in transcripts if t.states is not None]
    return Transcript(
        (Hypothesis(text, logprob),),
        language,
        max(t.language_probability for t in heard),
        min(t.no_speech for t in heard),
        np.concatenate(states) if states else None,
    )
