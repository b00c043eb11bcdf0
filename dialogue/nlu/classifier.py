"""IntentClassifier: which utterances a text is like in meaning and in words, calibrated."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dialogue.domain import PACK_INTENTS
from dialogue.engines import Embedder
from dialogue.nlu.calibration import calibrated, settled
from dialogue.nlu.examples import Example
from dialogue.nlu.features import Featurizer, Floats, rarity, weighted
from dialogue.nlu.head import Head, read_fingerprint, read_head, write_head
from dialogue.nlu.kernel import compared, train_kernel
from dialogue.types import Posterior
from dialogue.vectors import PROBE, SAME, KeptVectors

log = logging.getLogger(__name__)

VERSION = 5
"""Part of the fingerprint: grows when features or training change."""
ENOUGH = 100
"""Unseen lines; fewer say less than utterances left out do."""
OUT_OF_SCOPE = PACK_INTENTS[-1]


class IntentClassifier:
    """Gives intent posteriors of utterances in any of the pack's languages."""

    def __init__(self, head: Head, embedder: Embedder) -> None:
        self._head = head
        self._features = Featurizer(embedder)

    @classmethod
    def train(
        cls,
        examples: Sequence[Example],
        embedder: Embedder,
        unseen: Sequence[Example] = (),
        kept: Path | None = None,
    ) -> IntentClassifier:
        """A classifier of `examples`, calibrated by leaving out each. Mostly embedding, which the
        file `kept` remembers for the next time. ValueError for fewer than two intents.

        Enough `unseen` lines say better than utterances how far it may be believed: these were
        written to differ, so that one left out is harder than what customers say.
        """
        started = time.monotonic()
        features = Featurizer(embedder if kept is None else KeptVectors(embedder, kept))
        texts = [example.text for example in examples]
        intents, labels = np.unique([example.intent for example in examples], return_inverse=True)
        if len(intents) < 2:
            raise ValueError("telling intents apart takes utterances of two or more")
        meaning, spelling = features.meaning(texts), features.spelling(texts)
        idf, rows = rarity(spelling), compared(len(texts))
        table = weighted(spelling[rows], idf)
        kernel, left_out = train_kernel(meaning[rows], table, labels[rows], len(intents))
        outside = np.flatnonzero(intents == OUT_OF_SCOPE)
        head = Head(
            intents=tuple(map(str, intents)),
            idf=idf,
            kernel=kernel,
            calibration=calibrated(
                left_out, labels[rows], int(outside[0]) if len(outside) else None
            ),
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
        """Writes one file of about six megabytes."""
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
        return self._head.calibration.probabilities(self._logits(texts))

    def _logits(self, texts: Sequence[str]) -> Floats:
        """(n, intents)."""
        features = self._features
        table = weighted(features.spelling(texts), self._head.idf)
        return self._head.kernel.logits(features.meaning(texts), table)

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
    vectors = path.with_suffix(".vectors.npz")
    trained = IntentClassifier.train(examples, embedder, unseen, vectors)
    trained.save(path)
    return trained


def fingerprint(examples: Sequence[Example], unseen: Sequence[Example] = ()) -> str:
    """Identifies the utterances, the lines beside them and this code's version."""
    told = json.dumps(
        [VERSION, *([(e.text, e.intent) for e in part] for part in (examples, unseen))]
    )
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _ranked(intents: Sequence[str], row: Floats) -> Posterior:
    return tuple((intents[i], float(row[i])) for i in np.argsort(-row))
