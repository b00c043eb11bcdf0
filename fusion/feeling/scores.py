"""Scores of a classifier: F1 and recall over the classes, abstentions, who is taken for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.metrics import confusion_matrix, f1_score, recall_score


@dataclass(frozen=True, slots=True)
class ClassScores:
    """How well classes were told apart; a doubtful guess counts as the guess it is."""

    n: int
    macro_f1: float
    uar: float
    """Unweighted average recall, over the classes that occur."""
    abstained: float
    """Share of the answers that the product would not have trusted."""
    confusion: dict[str, Any]
    """`labels`, and `rows_are_truth`: counts, the true one down, the named one across."""


def score_classes(
    truth: Sequence[str], named: Sequence[str], trusted: Sequence[bool]
) -> ClassScores:
    """The scores of the answers `named`, of which some were `trusted`."""
    labels = sorted({*truth, *named})
    occurring = sorted(set(truth))
    return ClassScores(
        n=len(truth),
        macro_f1=float(f1_score(truth, named, labels=labels, average="macro", zero_division=0)),
        uar=float(recall_score(truth, named, labels=occurring, average="macro", zero_division=0)),
        abstained=1.0 - sum(trusted) / len(trusted),
        confusion={
            "labels": labels,
            "rows_are_truth": confusion_matrix(truth, named, labels=labels).tolist(),
        },
    )
