"""IntentClassifier: a linear model over meaning and spelling, calibrated, saved as one file."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from dialogue.domain import PACK_INTENTS
from dialogue.engines import Embedder
from dialogue.nlu.examples import Example
from dialogue.nlu.features import Featurizer, rarity, rows
from dialogue.types import Posterior

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]

VERSION = 1
"""Part of the fingerprint: grows when features or training change."""
STRENGTH = 1.0
"""Inverse regularisation (scikit-learn's C)."""
FOLDS = 3
REFUSED = 0.03
"""Share of rightly understood in-scope utterances that the threshold may give up."""
PROBE = "你好, where is my order?"
SAME = 0.999
"""Cosine above which two embedders are the same one, rounding on another processor aside."""
OUT_OF_SCOPE = PACK_INTENTS[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The trained numbers."""

    intents: tuple[str, ...]
    weights: Floats
    """(width + buckets, intents)."""
    bias: Floats
    """(intents,)."""
    centre: Floats
    """(width,) mean embedding of the training utterances."""
    idf: Floats
    """(buckets,)."""
    temperature: float
    threshold: float
    """Confidence below which the classifier would rather not say."""
    fingerprint: str
    probe: Floats
    """(width,) what the embedder made of one fixed sentence."""


class IntentClassifier:
    """Gives intent posteriors of utterances in any of the pack's languages."""

    def __init__(self, head: Head, embedder: Embedder) -> None:
        self._head = head
        self._features = Featurizer(embedder)

    @classmethod
    def train(cls, examples: Sequence[Example], embedder: Embedder) -> IntentClassifier:
        """A classifier of `examples`, calibrated by cross-validation. Minutes: mostly embedding."""
        started = time.monotonic()
        features = Featurizer(embedder)
        texts = [example.text for example in examples]
        meaning, spelling = features.meaning(texts), features.spelling(texts)
        idf, centre = rarity(spelling), meaning.mean(axis=0)
        table = rows(meaning, centre, spelling, idf)
        labels = np.array([example.intent for example in examples])
        model = _fit(table, labels)
        temperature, threshold = _calibrate(table, labels)
        head = Head(
            intents=tuple(map(str, model.classes_)),
            weights=np.asarray(model.coef_.T, dtype=np.float32),
            bias=np.asarray(model.intercept_, dtype=np.float32),
            centre=centre,
            idf=idf,
            temperature=temperature,
            threshold=threshold,
            fingerprint=fingerprint(examples),
            probe=embedder.embed([PROBE])[0],
        )
        seconds = time.monotonic() - started
        log.info("trained on %d utterances in %.1f s", len(texts), seconds)
        return cls(head, embedder)

    @classmethod
    def load(cls, path: Path, embedder: Embedder) -> IntentClassifier:
        """The classifier that `save` wrote to `path`."""
        with np.load(path, allow_pickle=False) as stored:
            about = json.loads(str(stored["about"]))
            numbers = ("weights", "bias", "centre", "idf", "probe")
            arrays = {name: stored[name].astype(np.float32) for name in numbers}
        about["intents"] = tuple(about["intents"])
        return cls(Head(**about, **arrays), embedder)

    def save(self, path: Path) -> None:
        """Writes one file of about a megabyte."""
        head = self._head
        names = ("intents", "temperature", "threshold", "fingerprint")
        about = json.dumps({name: getattr(head, name) for name in names})
        arrays = {n: getattr(head, n).astype(np.float16) for n in ("weights", "idf")}
        path.parent.mkdir(parents=True, exist_ok=True)
        # A start that is cut off must not leave half a file behind.
        partial = path.with_suffix(".partial.npz")
        arrays |= {n: getattr(head, n) for n in ("bias", "centre", "probe")}
        np.savez_compressed(partial, allow_pickle=False, about=np.array(about), **arrays)
        partial.replace(path)

    @property
    def threshold(self) -> float:
        """Confidence below which an intent should not be acted on."""
        return self._head.threshold

    def fits(self, examples: Sequence[Example], embedder: Embedder) -> bool:
        """Whether this was trained with just these utterances and this embedder."""
        probe = embedder.embed([PROBE])[0]
        if self._head.fingerprint != fingerprint(examples) or probe.shape != self._head.probe.shape:
            return False
        return float(probe @ self._head.probe) > SAME

    def posteriors(self, texts: Sequence[str]) -> list[Posterior]:
        """One calibrated posterior per text, most probable intent first."""
        if not texts:
            return []
        return [_ranked(self._head.intents, row) for row in self.probabilities(texts)]

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """(n, intents) in the order of the head's intents."""
        head, features = self._head, self._features
        meaning, spelling = features.meaning(texts), features.spelling(texts)
        table = rows(meaning, head.centre, spelling, head.idf)
        logits = table @ head.weights + head.bias
        return np.asarray(softmax(logits / head.temperature, axis=1), dtype=np.float32)


def train_or_load(
    path: Path, examples: Sequence[Example], embedder: Embedder, shipped: Path | None = None
) -> IntentClassifier:
    """The classifier at `path`, or `shipped`, if trained with just these; else a new one, saved."""
    for file in (path, shipped):
        if file is not None and file.is_file():
            found = IntentClassifier.load(file, embedder)
            if found.fits(examples, embedder):
                return found
    trained = IntentClassifier.train(examples, embedder)
    trained.save(path)
    return trained


def fingerprint(examples: Sequence[Example]) -> str:
    """Identifies the utterances and this code's version."""
    told = json.dumps([VERSION, [(e.text, e.intent) for e in examples]])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _fit(table: Floats, labels: NDArray[np.str_]) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=60, tol=1e-3).fit(table, labels)


def _calibrate(table: Floats, labels: NDArray[np.str_]) -> tuple[float, float]:
    """Temperature (Guo et al. 2017) and threshold from utterances the model did not see."""
    smallest = min(np.unique(labels, return_counts=True)[1])
    if smallest < FOLDS:
        return 1.0, 0.3
    classes = np.unique(labels)
    logits = np.zeros((len(labels), len(classes)))
    for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(table, labels):
        logits[unseen] = _fit(table[seen], labels[seen]).decision_function(table[unseen])
    truth = np.searchsorted(classes, labels)
    found = minimize_scalar(
        lambda t: _surprise(logits, truth, t), bounds=(0.2, 5), method="bounded"
    )
    sure = softmax(logits / found.x, axis=1)
    right = (sure.argmax(axis=1) == truth) & (labels != OUT_OF_SCOPE)
    return float(found.x), float(np.quantile(sure.max(axis=1)[right], REFUSED))


def _surprise(logits: NDArray[np.float64], truth: NDArray[np.int64], temperature: float) -> float:
    logs = log_softmax(logits / temperature, axis=1)
    return -float(logs[np.arange(len(truth)), truth].mean())


def _ranked(intents: Sequence[str], row: Floats) -> Posterior:
    return tuple((intents[i], float(row[i])) for i in np.argsort(-row))
