"""Judges of feeling for evaluation: the shipped heads, or heads trained on a manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.config import Settings
from app.engines import build_embedder, build_recognizer, build_sound_encoder, silently
from app.manifest import ManifestError
from app.samples import Row, recording, watched
from dialogue.engines import Embedder
from dialogue.types import Hints
from fusion.feeling.head import FeelingHeads
from fusion.feeling.ridge import RidgeHead, fit_ridge
from fusion.feeling.sound import SoundEncoder, pooled
from fusion.feeling.words import WordsHead, fit_words
from speech.engines import Recognizer

Floats = NDArray[np.float32]


class Judge(Protocol):
    """Tells how rows of a manifest feel."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What it can answer."""
        ...

    @property
    def threshold(self) -> float:
        """Least probability of the best answer at which the product would give it."""
        ...

    def probabilities(self, rows: Sequence[Row]) -> Floats:
        """(n, labels), one row per row of the manifest."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class WordsJudge:
    """Judges by the words, with a head trained just now."""

    head: WordsHead
    embedder: Embedder

    @property
    def labels(self) -> tuple[str, ...]:
        """What it can answer."""
        return self.head.labels

    @property
    def threshold(self) -> float:
        """Least probability of the best answer at which the product would give it."""
        return self.head.threshold

    def probabilities(self, rows: Sequence[Row]) -> Floats:
        """(n, labels), one row per row of the manifest."""
        texts = [str(row["text"]) for row in rows]
        return self.head.probabilities(texts, self.embedder.embed(texts))


@dataclass(frozen=True, slots=True, eq=False)
class ShippedJudge:
    """Judges by the words, written or recognised, as the product does."""

    heads: FeelingHeads
    task: str
    recognizer: Recognizer | None = None
    """For rows without text."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What it can answer."""
        return self.heads.labels(self.task)

    @property
    def threshold(self) -> float:
        """Least probability of the best answer at which the product would give it."""
        return self.heads.threshold(self.task)

    def probabilities(self, rows: Sequence[Row]) -> Floats:
        """(n, labels), one row per row of the manifest."""
        texts = [self._text(row) for row in watched(rows, "reading")]
        return self.heads.probabilities(self.task, texts)

    def _text(self, row: Row) -> str:
        if self.recognizer is None or row.get("text"):
            return str(row["text"])
        return self.recognizer.transcribe(recording(row), Hints(n=1)).text


@dataclass(frozen=True, slots=True, eq=False)
class SoundJudge:
    """Judges by the sound, and by the words beside it where there are any."""

    head: RidgeHead
    features: SoundFeatures

    @property
    def labels(self) -> tuple[str, ...]:
        """What it can answer."""
        return self.head.labels

    @property
    def threshold(self) -> float:
        """Least probability of the best answer at which the product would give it."""
        return self.head.threshold

    def probabilities(self, rows: Sequence[Row]) -> Floats:
        """(n, labels), one row per row of the manifest."""
        return self.head.probabilities(self.features.of(rows))


@dataclass(frozen=True, slots=True, eq=False)
class SoundFeatures:
    """Numbers of sound, with the vector of the words behind them."""

    encoder: SoundEncoder
    embedder: Embedder | None
    """None where there are no words."""

    def of(self, rows: Sequence[Row]) -> list[Floats]:
        """One array (n, width) per modality."""
        sound = [pooled(self.encoder.layers(recording(row))) for row in watched(rows, "listening")]
        if self.embedder is None:
            return [np.stack(sound)]
        return [np.stack(sound), self.embedder.embed([str(row["text"]) for row in rows])]


def shipped_judge(settings: Settings, task: str, columns: Sequence[str]) -> Judge:
    """The head that ships: it reads words, and of sound the words that are recognised.

    A head for sound itself does not ship: no recordings it was measured on allow it.
    """
    heads = FeelingHeads(build_embedder(settings), settings.models / "feeling")
    recognizer = None if "text" in columns else build_recognizer(settings, silently)
    return ShippedJudge(heads, task, recognizer)


def train_judge(
    settings: Settings, columns: Sequence[str], rows: Sequence[Row], targets: Sequence[str]
) -> Judge:
    """A head trained on `rows`; ManifestError where they are too few to train one."""
    try:
        if "audio" not in columns:
            return _words_judge(build_embedder(settings), rows, targets)
        words = build_embedder(settings) if "text" in columns else None
        features = SoundFeatures(build_sound_encoder(settings, silently), words)
        return SoundJudge(fit_ridge(features.of(rows), targets), features)
    except ValueError as error:
        raise ManifestError(str(error)) from error


def _words_judge(embedder: Embedder, rows: Sequence[Row], targets: Sequence[str]) -> WordsJudge:
    texts = [str(row["text"]) for row in rows]
    vectors = np.concatenate([embedder.embed([text]) for text in watched(texts, "training texts")])
    return WordsJudge(fit_words(texts, vectors, targets)[0], embedder)
