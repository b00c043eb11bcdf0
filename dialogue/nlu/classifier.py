"""IntentClassifier: what is said and what is meant, weighed together, calibrated, in one file."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedKFold

from dialogue.domain import PACK_INTENTS
from dialogue.engines import Embedder
from dialogue.nlu.calibration import Calibration, calibrated, settled
from dialogue.nlu.deep import train_deep
from dialogue.nlu.examples import Example
from dialogue.nlu.features import Featurizer, Floats, rarity, weighted
from dialogue.nlu.head import Head, read_fingerprint, read_head, write_head
from dialogue.nlu.wide import train_wide
from dialogue.types import Posterior

log = logging.getLogger(__name__)

VERSION = 4
"""Part of the fingerprint: grows when features or training change."""
SEEDS = 2
FOLDS = 3
ENOUGH = 100
"""Unseen lines; fewer say less than folds do."""
PROBE = "你好, where is my order?"
SAME = 0.999
"""Cosine above which two embedders are the same one, rounding on another processor aside."""
OUT_OF_SCOPE = PACK_INTENTS[-1]


class IntentClassifier:
    """Gives intent posteriors of utterances in any of the pack's languages."""

    def __init__(self, head: Head, embedder: Embedder) -> None:
        self._head = head
        self._features = Featurizer(embedder)

    @classmethod
    def train(
        cls, examples: Sequence[Example], embedder: Embedder, unseen: Sequence[Example] = ()
    ) -> IntentClassifier:
        """A classifier of `examples`, calibrated by cross-validation. Minutes: mostly embedding.

        Enough `unseen` lines say better than folds how far it may be believed: where utterances
        were written to differ, each fold misses wordings that customers do use.
        """
        started = time.monotonic()
        features = Featurizer(embedder)
        texts = [example.text for example in examples]
        intents, labels = np.unique([example.intent for example in examples], return_inverse=True)
        meaning, spelling = features.meaning(texts), features.spelling(texts)
        idf = rarity(spelling)
        table = weighted(spelling, idf)
        head = Head(
            intents=tuple(map(str, intents)),
            idf=idf,
            wide=train_wide(table, labels),
            deep=tuple(train_deep(meaning, labels, seed) for seed in range(SEEDS)),
            calibration=_cross_validated(table, meaning, labels, intents),
            fingerprint=fingerprint(examples, unseen),
            probe=embedder.embed([PROBE])[0],
        )
        seconds = time.monotonic() - started
        log.info("trained on %d utterances in %.1f s", len(texts), seconds)
        return cls(head, embedder)._settled(unseen)

    @classmethod
    def load(cls, path: Path, embedder: Embedder) -> IntentClassifier:
        """The classifier that `save` wrote to `path`."""
        return cls(read_head(path), embedder)

    def save(self, path: Path) -> None:
        """Writes one file of about two megabytes."""
        write_head(self._head, path)

    @property
    def threshold(self) -> float:
        """Confidence below which an intent should not be acted on."""
        return self._head.calibration.threshold

    def fits(self, wanted: str, embedder: Embedder) -> bool:
        """Whether this has the `wanted` fingerprint and was trained with this embedder."""
        probe = embedder.embed([PROBE])[0]
        if self._head.fingerprint != wanted or probe.shape != self._head.probe.shape:
            return False
        return float(probe @ self._head.probe) > SAME

    def posteriors(self, texts: Sequence[str]) -> list[Posterior]:
        """One calibrated posterior per text, most probable intent first."""
        if not texts:
            return []
        return [_ranked(self._head.intents, row) for row in self.probabilities(texts)]

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """(n, intents) in the order of the head's intents."""
        return self._head.calibration.probabilities(*self._logits(texts))

    def _logits(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """(n, intents) of the wide and of the deep part."""
        head, features = self._head, self._features
        meaning = features.meaning(texts)
        wide = head.wide.logits(weighted(features.spelling(texts), head.idf))
        return wide, np.mean([part.logits(meaning) for part in head.deep], axis=0)

    def _settled(self, unseen: Sequence[Example]) -> IntentClassifier:
        """This classifier, calibrated on `unseen` lines if they are enough."""
        names = self._head.intents
        known = [line for line in unseen if line.intent in names]
        if len(known) < ENOUGH:
            return self
        truth = np.array([names.index(line.intent) for line in known])
        logits = self._logits([line.text for line in known])
        calibration = settled(self._head.calibration, logits, truth)
        self._head = replace(self._head, calibration=calibration)
        return self


def train_or_load(
    path: Path,
    examples: Sequence[Example],
    embedder: Embedder,
    shipped: Path | None = None,
    unseen: Sequence[Example] = (),
) -> IntentClassifier:
    """The classifier at `path`, or `shipped`, if trained with just these; else a new one, saved."""
    wanted = fingerprint(examples, unseen)
    for file in (path, shipped):
        if file is not None and file.is_file() and read_fingerprint(file) == wanted:
            found = IntentClassifier.load(file, embedder)
            if found.fits(wanted, embedder):
                return found
    trained = IntentClassifier.train(examples, embedder, unseen)
    trained.save(path)
    return trained


def fingerprint(examples: Sequence[Example], unseen: Sequence[Example] = ()) -> str:
    """Identifies the utterances, the lines beside them and this code's version."""
    told = json.dumps(
        [VERSION, *([(e.text, e.intent) for e in part] for part in (examples, unseen))]
    )
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _cross_validated(
    table: csr_matrix, meaning: Floats, labels: NDArray[np.int64], intents: NDArray[np.str_]
) -> Calibration:
    """Calibration by utterances that the parts did not see."""
    if np.bincount(labels).min() < FOLDS:
        return Calibration()
    wide = np.zeros((len(labels), len(intents)), np.float32)
    deep = wide.copy()
    for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(table, labels):
        wide[unseen] = train_wide(table[seen], labels[seen]).logits(table[unseen])
        deep[unseen] = train_deep(meaning[seen], labels[seen]).logits(meaning[unseen])
    outside = np.flatnonzero(intents == OUT_OF_SCOPE)
    return calibrated((wide, deep), labels, int(outside[0]) if len(outside) else None)


def _ranked(intents: Sequence[str], row: Floats) -> Posterior:
    return tuple((intents[i], float(row[i])) for i in np.argsort(-row))
