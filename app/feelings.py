"""Judges of feeling for evaluation: the shipped heads, or heads trained on a manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, StratifiedKFold

from app.config import Settings
from app.engines import build_embedder, build_recognizer, build_sound_encoder, silently
from app.manifest import ManifestError
from app.samples import Row, recording, watched
from dialogue.engines import Embedder
from dialogue.types import AudioClip, Hints
from fusion.feeling.head import FeelingHeads
from fusion.feeling.ridge import RidgeHead, fit_ridge
from fusion.feeling.sound import STATISTICS, SoundEncoder, beside_own, pooled
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
    kept: Path | None = None
    """Folder of what was heard before."""
    speaker: str = ""
    """Column that says whose voice it is: each is then heard beside their own mean."""

    def of(self, rows: Sequence[Row]) -> list[Floats]:
        """One array (n, width) per modality."""
        sound = np.stack([self._heard(recording(row)) for row in watched(rows, "listening")])
        if self.speaker:
            sound = beside_own(sound, [str(row[self.speaker]) for row in rows])
        if self.embedder is None:
            return [sound]
        return [sound, self.embedder.embed([str(row["text"]) for row in rows])]

    def _heard(self, clip: AudioClip) -> Floats:
        if self.kept is None:
            return pooled(self.encoder.layers(clip))
        name = hashlib.sha256(clip.samples.tobytes()).hexdigest()[:24]
        folder = self.kept / f"{type(self.encoder).__name__}-{STATISTICS}"
        path = folder / f"{name}-{clip.rate}.npy"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, pooled(self.encoder.layers(clip)))
        return np.asarray(np.load(path), np.float32)


def shipped_judge(settings: Settings, task: str, columns: Sequence[str]) -> Judge:
    """The head that ships: it reads words, and of sound the words that are recognised.

    A head for sound itself does not ship: no recordings it was measured on allow it.
    """
    heads = FeelingHeads(build_embedder(settings), settings.models / "feeling")
    recognizer = None if "text" in columns else build_recognizer(settings, silently)
    return ShippedJudge(heads, task, recognizer)


def train_judge(
    settings: Settings,
    columns: Sequence[str],
    rows: Sequence[Row],
    targets: Sequence[str],
    speaker: str = "",
) -> Judge:
    """A head trained on `rows`; ManifestError where they are too few to train one."""
    try:
        if "audio" not in columns:
            return _words_judge(build_embedder(settings), rows, targets)
        words = build_embedder(settings) if "text" in columns else None
        features = sound_features(settings, words, speaker)
        return SoundJudge(fit_ridge(features.of(rows), targets), features)
    except ValueError as error:
        raise ManifestError(str(error)) from error


def sound_features(settings: Settings, words: Embedder | None, speaker: str = "") -> SoundFeatures:
    """Numbers of sound; those of recordings heard once are kept on disk."""
    kept = settings.var / "sound"
    return SoundFeatures(build_sound_encoder(settings, silently), words, kept, speaker)


def cross_judged(
    settings: Settings,
    columns: Sequence[str],
    rows: Sequence[Row],
    targets: Sequence[str],
    folds: int,
    groups: Sequence[str] | None,
    speaker: str = "",
) -> tuple[list[str], list[bool]]:
    """The class of each row by a head not shown its part, and whether that head was sure.

    Rows of one group stay together; without groups every part has its share of each class.
    """
    words = build_embedder(settings) if "text" in columns else None
    texts = [str(row.get("text", "")) for row in rows]
    named, trusted = [""] * len(rows), [False] * len(rows)
    try:
        if "audio" in columns:
            blocks = sound_features(settings, words, speaker).of(rows)
        else:
            blocks = [build_embedder(settings).embed(texts)]
        for shown, kept in _parts(folds, targets, groups):
            wanted = [targets[i] for i in shown]
            head: RidgeHead | WordsHead
            if "audio" in columns:
                head = fit_ridge([block[shown] for block in blocks], wanted)
                p = head.probabilities([block[kept] for block in blocks])
            else:
                head = fit_words([texts[i] for i in shown], blocks[0][shown], wanted)[0]
                p = head.probabilities([texts[i] for i in kept], blocks[0][kept])
            for place, row in zip(kept, p, strict=True):
                named[place] = head.labels[int(row.argmax())]
                trusted[place] = bool(row.max() >= head.threshold)
    except ValueError as error:
        raise ManifestError(str(error)) from error
    return named, trusted


def _parts(
    folds: int, targets: Sequence[str], groups: Sequence[str] | None
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    blank = np.zeros(len(targets))
    if groups is not None:
        yield from GroupKFold(folds).split(blank, targets, groups)
    else:
        yield from StratifiedKFold(folds, shuffle=True, random_state=0).split(blank, targets)


def _words_judge(embedder: Embedder, rows: Sequence[Row], targets: Sequence[str]) -> WordsJudge:
    texts = [str(row["text"]) for row in rows]
    vectors = np.concatenate([embedder.embed([text]) for text in watched(texts, "training texts")])
    return WordsJudge(fit_words(texts, vectors, targets)[0], embedder)
