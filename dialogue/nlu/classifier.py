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
from dialogue.nlu.calibration import Calibration, calibrated, settled, temperature
from dialogue.nlu.examples import Example
from dialogue.nlu.features import Featurizer, Floats, rarity, weighted
from dialogue.nlu.head import Head, read_fingerprint, read_head, write_head
from dialogue.nlu.kernel import compared, train_kernel
from dialogue.nlu.mixture import Judged
from dialogue.nlu.wide import left_out_by_folds, train_wide
from dialogue.types import Posterior
from dialogue.vectors import PROBE, SAME, KeptVectors, LocalVectors

log = logging.getLogger(__name__)

VERSION = 6
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
        texts = [example.text for example in examples]
        intents, labels = np.unique([example.intent for example in examples], return_inverse=True)
        if len(intents) < 2:
            raise ValueError("telling intents apart takes utterances of two or more")
        # Only the examples are kept: what customers ask later is nobody's training set.
        remembered = (
            KeptVectors(embedder, LocalVectors(kept.parent), kept.stem) if kept else embedder
        )
        features = Featurizer(remembered)
        meaning, spelling = features.meaning(texts), features.spelling(texts)
        idf, rows = rarity(spelling), compared(len(texts))
        table, known = weighted(spelling[rows], idf), labels[rows]
        kernel, left_out = train_kernel(meaning[rows], table, known, len(intents))
        head = Head(
            intents=tuple(map(str, intents)),
            idf=idf,
            kernel=kernel,
            wide=train_wide(table, known),
            calibration=Calibration(),
            alone=Calibration(),
            fingerprint=fingerprint(examples, unseen),
            probe=embedder.embed([PROBE])[0],
        )
        taught = Judged(left_out, left_out_by_folds(table, known, len(intents)), known)
        seconds = time.monotonic() - started
        log.info("trained on %d utterances in %.1f s", len(texts), seconds)
        return cls(head, embedder)._settled(taught, unseen)

    @classmethod
    def load(cls, path: Path, embedder: Embedder) -> IntentClassifier:
        """The classifier that `save` wrote to `path`."""
        return cls(read_head(path), embedder)

    def save(self, path: Path) -> None:
        """Writes one file of about eight megabytes."""
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

    def readings(self, texts: Sequence[str]) -> list[Posterior]:
        """The same by the kernel alone, for guesses at what was said: n-grams believe misheard
        words too readily."""
        if not texts:
            return []
        found = self._head.alone.probabilities(self._said(texts)[0])
        return [_ranked(self._head.intents, row) for row in found]

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """(n, intents) in the order of the head's intents."""
        kernel, wide = self._said(texts)
        return self._head.calibration.probabilities(kernel + wide)

    def _said(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """(n, intents) of the kernel, and of the n-grams beside it."""
        table = weighted(self._features.spelling(texts), self._head.idf)
        meaning = self._features.meaning(texts)
        return self._head.kernel.logits(meaning, table), self._head.wide.logits(table)

    def _settled(self, taught: Judged, unseen: Sequence[Example]) -> IntentClassifier:
        """This classifier, mixed and calibrated on `unseen` lines if they are enough, else on
        those it was `taught` and left out of."""
        names = self._head.intents
        known = [line for line in unseen if line.intent in names]
        judge = taught
        if len(known) >= ENOUGH:
            truth = np.array([names.index(line.intent) for line in known])
            judge = Judged(*self._said([line.text for line in known]), truth)
        share = judge.share()
        outside = names.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in names else None
        calibration = calibrated(taught.mixed(share), taught.truth, outside)
        self._head = replace(
            self._head,
            wide=self._head.wide.scaled(share),
            calibration=settled(calibration, judge.mixed(share), judge.truth),
            alone=Calibration(temperature(judge.kernel, judge.truth)),
        )
        log.info("n-grams beside the kernel count %.2f", share)
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
