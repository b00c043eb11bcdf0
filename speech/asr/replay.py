"""A recognizer without weights: it answers what it was told to, for tests and degraded service."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from dialogue.types import AudioClip, Hints, Hypothesis, Language, Transcript


def fingerprint(clip: AudioClip) -> str:
    """Short name of exactly this sound."""
    pcm = np.round(clip.samples * 32767).astype("<i2").tobytes()
    return hashlib.sha256(f"{clip.rate}:".encode() + pcm).hexdigest()[:16]


class ReplayRecognizer:
    """Answers from `known` (fingerprint → texts, best first), else with `otherwise`."""

    def __init__(
        self, known: Mapping[str, Sequence[str]] | None = None, otherwise: Sequence[str] = ()
    ) -> None:
        self._known = dict(known or {})
        self._otherwise = tuple(otherwise)

    def transcribe(self, clip: AudioClip, hints: Hints) -> Transcript:
        """The texts stored for `clip`, each less probable than the one before."""
        silent = not np.any(clip.samples)
        texts = () if silent else self._known.get(fingerprint(clip), self._otherwise)
        texts = texts[: 1 if hints.partial else hints.n]
        hypotheses = tuple(Hypothesis(t, -0.1 * (i + 1)) for i, t in enumerate(texts))
        language = hints.language or _language("".join(texts[:1]))
        return Transcript(hypotheses, language, no_speech=float(silent))


def _language(text: str) -> Language:
    return "en" if text and text.isascii() else "zh"
