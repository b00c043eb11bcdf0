"""Evaluation of intent classifiers on a manifest, beside a bag-of-words baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.pipeline import make_pipeline, make_union

from dialogue.domain import PACK_INTENTS
from dialogue.nlu.examples import Example
from dialogue.types import Posterior

OUT_OF_SCOPE = PACK_INTENTS[-1]
BINS = 15


@dataclass(frozen=True, slots=True)
class NluScores:
    """The figures of `lingxi eval nlu`; None where the manifest cannot tell."""

    n: int
    accuracy: float
    macro_f1: float
    oos_recall: float | None
    """Share of out-of-scope utterances recognised as such or abstained on."""
    oos_auroc: float | None
    ece: float
    """Expected calibration error over 15 bins."""
    baseline_accuracy: float | None
    """Bag of words: tf-idf of words and characters with logistic regression."""


def evaluate(
    manifest: Sequence[Example],
    posteriors: Sequence[Posterior],
    threshold: float,
    training: Sequence[Example] = (),
) -> NluScores:
    """Scores of a classifier's `posteriors` of `manifest`, which it would rather not give below
    its `threshold`; `training` trains the baseline."""
    truth = np.array([example.intent for example in manifest])
    named = np.array([ranked[0][0] for ranked in posteriors])
    sure = np.array([ranked[0][1] for ranked in posteriors])
    if OUT_OF_SCOPE in truth and OUT_OF_SCOPE not in dict(posteriors[0]):
        # One that was never shown the label says it by abstaining.
        named = np.where(sure < threshold, OUT_OF_SCOPE, named)
    recall, auroc = _outside(posteriors, truth, threshold)
    return NluScores(
        n=len(manifest),
        accuracy=float((named == truth).mean()),
        macro_f1=float(f1_score(truth, named, average="macro", zero_division=0)),
        oos_recall=recall,
        oos_auroc=auroc,
        ece=_calibration_error(sure, named == truth),
        baseline_accuracy=_baseline(training, manifest),
    )


def _outside(
    posteriors: Sequence[Posterior], truth: NDArray[np.str_], threshold: float
) -> tuple[float | None, float | None]:
    outside = truth == OUT_OF_SCOPE
    if not outside.any():
        return None, None
    caught = [r[0][0] == OUT_OF_SCOPE or r[0][1] < threshold for r in posteriors]
    # Who was shown the label says how likely it is; who was not can only be unsure.
    strange = [dict(ranked).get(OUT_OF_SCOPE, 1 - ranked[0][1]) for ranked in posteriors]
    recall = float(np.array(caught)[outside].mean())
    if outside.all():
        return recall, None
    return recall, float(roc_auc_score(outside, strange))


def _calibration_error(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [
        abs(right[bins == b].mean() - sure[bins == b].mean()) * (bins == b).sum()
        for b in np.unique(bins)
    ]
    return float(sum(gaps) / len(sure))


def _baseline(training: Sequence[Example], manifest: Sequence[Example]) -> float | None:
    if len({example.intent for example in training}) < 2:
        return None
    bags = make_union(
        TfidfVectorizer(token_pattern=r"(?u)\b\w+\b"),  # noqa: S106
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3)),
    )
    model = make_pipeline(bags, LogisticRegression(C=10.0, max_iter=60, tol=1e-3))
    model.fit([e.text for e in training], [e.intent for e in training])
    return float(model.score([e.text for e in manifest], [e.intent for e in manifest]))
