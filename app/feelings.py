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
from fusion.feeling.prosody import QUIET_DB
from fusion.feeling.ridge import RidgeHead, fit_ridge
from fusion.feeling.sound import STATISTICS, SoundEncoder, beside_own, heard
from fusion.feeling.words import WordsHead, fit_words
from speech.engines import Recognizer

Floats = NDArray[np.float32]
Head = RidgeHead | WordsHead


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What is known of the rows of a manifest."""

    blocks: list[Floats]
    """(n, width) numbers, one array per modality."""
    texts: list[str]
    """Empty where there are none."""

    def at(self, places: Sequence[int]) -> Features:
        """Those of the rows at `places`."""
        blocks = [block[np.asarray(places)] for block in self.blocks]
        return Features(blocks, [self.texts[i] for i in places] if self.texts else [])


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


class Learner(Protocol):
    """Reads rows of a manifest into features, and trains heads on them."""

    def read(self, rows: Sequence[Row]) -> Features:
        """The features of `rows`."""
        ...

    def fit(self, features: Features, places: Sequence[int], targets: Sequence[str]) -> Head:
        """A head from the rows at `places`, one target each. ValueError where they are too few."""
        ...

    def probabilities(self, head: Head, features: Features, places: Sequence[int]) -> Floats:
        """(places, labels) of what `fit` made."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class WordsLearner:
    """Learns from words: their vectors and how they are spelt."""

    embedder: Embedder

    def read(self, rows: Sequence[Row]) -> Features:
        """The texts and their vectors."""
        texts = [str(row["text"]) for row in rows]
        vectors = [self.embedder.embed([text]) for text in watched(texts, "reading")]
        return Features([np.concatenate(vectors)], texts)

    def fit(self, features: Features, places: Sequence[int], targets: Sequence[str]) -> Head:
        """A head from the rows at `places`, one target each. ValueError where they are too few."""
        part = features.at(places)
        return fit_words(part.texts, part.blocks[0], targets)[0]

    def probabilities(self, head: Head, features: Features, places: Sequence[int]) -> Floats:
        """(places, labels) of what `fit` made."""
        assert isinstance(head, WordsHead)
        part = features.at(places)
        return head.probabilities(part.texts, part.blocks[0])


@dataclass(frozen=True, slots=True, eq=False)
class SoundLearner:
    """Learns from sound, and from the words' vectors beside it where there are any."""

    encoder: SoundEncoder
    embedder: Embedder | None = None
    """None where there are no words."""
    kept: Path | None = None
    """Folder of what was heard before."""
    speaker: str = ""
    """Column that says whose voice it is: each is then heard beside their own mean."""
    adapt: bool = False
    """Whether what is judged together is standardised by its own mean and deviation."""

    def read(self, rows: Sequence[Row]) -> Features:
        """Statistics of each recording, and vectors of the words."""
        sound = np.stack([self._heard(recording(row)) for row in watched(rows, "listening")])
        if self.speaker:
            sound = beside_own(sound, [str(row[self.speaker]) for row in rows])
        if self.embedder is None:
            return Features([sound], [])
        texts = [str(row["text"]) for row in rows]
        return Features([sound, self.embedder.embed(texts)], texts)

    def fit(self, features: Features, places: Sequence[int], targets: Sequence[str]) -> Head:
        """A head from the rows at `places`, one target each. ValueError where they are too few."""
        return fit_ridge(features.at(places).blocks, targets)

    def probabilities(self, head: Head, features: Features, places: Sequence[int]) -> Floats:
        """(places, labels) of what `fit` made."""
        assert isinstance(head, RidgeHead)
        return head.probabilities(features.at(places).blocks, adapt=self.adapt)

    def _heard(self, clip: AudioClip) -> Floats:
        if self.kept is None:
            return heard(self.encoder, clip)
        name = hashlib.sha256(clip.samples.tobytes()).hexdigest()[:24]
        folder = self.kept / f"{type(self.encoder).__name__}-{STATISTICS}-{QUIET_DB:g}dB"
        path = folder / f"{name}-{clip.rate}.npy"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, heard(self.encoder, clip))
        return np.asarray(np.load(path), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class TrainedJudge:
    """Judges with a head trained just now."""

    learner: Learner
    head: Head

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
        return self.learner.probabilities(self.head, self.learner.read(rows), range(len(rows)))


def shipped_judge(settings: Settings, task: str, columns: Sequence[str]) -> Judge:
    """The head that ships: it reads words, and of sound the words that are recognised.

    A head for sound itself does not ship: no recordings it was measured on allow it.
    """
    heads = FeelingHeads(build_embedder(settings), settings.models / "feeling")
    recognizer = None if "text" in columns else build_recognizer(settings, silently)
    return ShippedJudge(heads, task, recognizer)


def build_learner(
    settings: Settings, columns: Sequence[str], speaker: str = "", *, adapt: bool = False
) -> Learner:
    """What reads and learns from the manifest's `columns`; recordings heard once are kept on disk.

    For `speaker` and `adapt` see `SoundLearner`.
    """
    embedder = build_embedder(settings) if "text" in columns else None
    if "audio" not in columns:
        assert embedder is not None
        return WordsLearner(embedder)
    encoder, kept = build_sound_encoder(settings, silently), settings.var / "sound"
    return SoundLearner(encoder, embedder, kept, speaker, adapt)


def train_judge(learner: Learner, rows: Sequence[Row], targets: Sequence[str]) -> Judge:
    """A head trained on `rows`; ManifestError where they are too few to train one."""
    try:
        return TrainedJudge(learner, learner.fit(learner.read(rows), range(len(rows)), targets))
    except ValueError as error:
        raise ManifestError(str(error)) from error


def judged(judge: Judge, rows: Sequence[Row]) -> tuple[list[str], list[bool]]:
    """The class of each row, and whether the judge was sure."""
    return _named(judge, judge.probabilities(rows))


def cross_judged(
    learner: Learner,
    rows: Sequence[Row],
    targets: Sequence[str],
    folds: int,
    groups: Sequence[str] | None,
) -> tuple[list[str], list[bool]]:
    """The class of each row by a head not shown its part, and whether that head was sure.

    Rows of one group stay together; without groups every part has its share of each class.
    """
    named, trusted = [""] * len(rows), [False] * len(rows)
    features = learner.read(rows)
    try:
        for shown, kept in _parts(folds, targets, groups):
            head = learner.fit(features, shown, [targets[i] for i in shown])
            p = learner.probabilities(head, features, kept)
            for place, label, sure in zip(kept, *_named(head, p), strict=True):
                named[place], trusted[place] = label, sure
    except ValueError as error:
        raise ManifestError(str(error)) from error
    return named, trusted


def _named(judge: Judge | Head, p: Floats) -> tuple[list[str], list[bool]]:
    return [judge.labels[i] for i in p.argmax(axis=1)], (p.max(axis=1) >= judge.threshold).tolist()


def _parts(
    folds: int, targets: Sequence[str], groups: Sequence[str] | None
) -> Iterator[tuple[list[int], list[int]]]:
    blank, split = np.zeros(len(targets)), StratifiedKFold(folds, shuffle=True, random_state=0)
    parts = split if groups is None else GroupKFold(folds)
    for shown, kept in parts.split(blank, targets, groups):
        yield shown.tolist(), kept.tolist()
