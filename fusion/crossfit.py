"""Cross-fitted answers: what heads say of rows they were not shown, for a model that joins them.

A join that is trained on answers to rows the heads know learns to believe them too much: every row
is answered by a head fitted without it and without what belongs to it (Wolpert 1992, stacking).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Head(Protocol):
    """Tells classes apart by features."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Classes, in the order of its answers."""
        ...

    def probabilities(self, blocks: Sequence[Floats]) -> Floats:
        """(n, classes) of features in one array (n, width) or more."""
        ...


Fit = Callable[[Sequence[Floats], Sequence[str]], Head]


def cross_answers(
    fit: Fit,
    features: Floats,
    targets: Sequence[str],
    groups: Sequence[Hashable],
    folds: int = 5,
) -> tuple[Head, list[dict[str, float]]]:
    """A head fitted on all rows, and each row's answer by one that saw nothing of its group.

    `groups` say what belongs together: speaker, patient, machine. Answers are probabilities by
    label, as a manifest's `answers` takes them. ValueError with fewer groups than folds.
    """
    order = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    if len(order) < folds:
        raise ValueError(f"{folds} folds need as many groups; there are {len(order)}")
    fold = np.array([order[group] % folds for group in groups])
    said: list[dict[str, float]] = [{} for _ in targets]
    for number in range(folds):
        shown, asked = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        head = fit([features[shown]], [targets[i] for i in shown.tolist()])
        for place, p in zip(asked.tolist(), head.probabilities([features[asked]]), strict=True):
            said[place] = {label: float(x) for label, x in zip(head.labels, p, strict=True)}
    return fit([features], targets), said
