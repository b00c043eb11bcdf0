"""A head over words: what a sentence means (its vector) and how it is spelt (its n-grams)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import normalize

from fusion.softmax import SoftmaxHead, best_temperature, least_sure, prepare, softmax, unit

Floats = NDArray[np.float32]

FOLDS = 5
WANTED = 0.88
"""Share of answers that must be right; below the probability that gives it, the head abstains."""
SCALE = 40.0
"""Brings centred e5 vectors to about unit deviation per number."""
SOFTNESS, SPELLING_SOFTNESS = 0.03, 3.0
"""Inverse weights of the L2 penalties, for meaning and for spelling."""
BUCKETS = 2**14
"""For characters, and again as many for words."""
WORD = r"[^\W\d_\u4e00-\u9fff][^\W\d_\u4e00-\u9fff']*|\d+|[\u4e00-\u9fff]|[?!]"
"""A Chinese character counts as a word; so do the marks of asking and shouting."""

_VECTORIZERS = tuple(
    HashingVectorizer(n_features=BUCKETS, norm=None, **options)
    for options in (
        {"analyzer": "char_wb", "ngram_range": (1, 4)},
        {"token_pattern": WORD, "ngram_range": (1, 2)},
    )
)


@dataclass(frozen=True, slots=True, eq=False)
class WordsHead:
    """Class probabilities from sentences and their vectors."""

    meaning: SoftmaxHead
    """Holds the temperature and the threshold of the whole."""
    spelling: Floats
    """(2 * BUCKETS, classes)"""

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes."""
        return self.meaning.labels

    @property
    def threshold(self) -> float:
        """Least probability of the best class at which an answer is given."""
        return self.meaning.threshold

    def probabilities(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """(n, classes) calibrated probabilities of `texts`, given their (n, width) `vectors`."""
        return softmax(self.logits(texts, vectors) / self.meaning.temperature)

    def logits(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """(n, classes) before temperature: two models trained apart, their log odds added."""
        spelt = ngrams(texts) @ self.spelling
        return np.asarray(self.meaning.logits(vectors) + spelt, dtype=np.float32)


def fit_words(
    texts: Sequence[str], vectors: Floats, targets: Sequence[str], seed: int = 0
) -> tuple[WordsHead, Floats]:
    """A calibrated head, and (n, classes) probabilities of every text by a head not shown it.

    ValueError where a class has fewer than `FOLDS` texts, or there is only one class.
    """
    labels = sorted(set(targets))
    rarest = min(labels, key=targets.count)
    if len(labels) < 2 or targets.count(rarest) < FOLDS:
        raise ValueError(f"a head needs two classes of {FOLDS} texts; {rarest!r} is too rare")
    table, truth = ngrams(texts), np.array(targets)
    unseen = np.zeros((len(texts), len(labels)), np.float32)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for shown, kept in folds.split(vectors, targets):
        part = _fit(table[shown], vectors[shown], truth[shown])
        unseen[kept] = part.logits([texts[i] for i in kept], vectors[kept])
    temperature = best_temperature(unseen, labels, targets)
    p = softmax(unseen / temperature)
    threshold = least_sure(p.max(axis=1), np.array(labels)[p.argmax(axis=1)] == truth, WANTED)
    head = _fit(table, vectors, truth)
    meaning = replace(head.meaning, temperature=temperature, threshold=threshold)
    return replace(head, meaning=meaning), p


def ngrams(texts: Sequence[str]) -> csr_matrix:
    """(n, 2 * BUCKETS) signed counts of character and word n-grams, each half of unit length."""
    plain = [_plain(text) for text in texts]
    halves = [normalize(v.transform(plain)) for v in _VECTORIZERS]
    return csr_matrix(hstack(halves), dtype=np.float32)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"\d+", "0", folded)


def _fit(table: csr_matrix, vectors: Floats, targets: NDArray[np.str_]) -> WordsHead:
    centre = unit(vectors).mean(axis=0)
    meaning = _logistic(SOFTNESS, prepare(vectors, centre, SCALE), targets)
    spelling = _logistic(SPELLING_SOFTNESS, table, targets)
    labels = tuple(str(label) for label in sorted(set(targets)))
    bias = meaning[1] + spelling[1]
    return WordsHead(SoftmaxHead(labels, meaning[0], bias, centre, SCALE), spelling[0].T)


def _logistic(
    softness: float, table: csr_matrix | Floats, targets: NDArray[np.str_]
) -> tuple[Floats, Floats]:
    """Weights (classes, width) and bias (classes,)."""
    model = LogisticRegression(C=softness, class_weight="balanced", max_iter=2000)
    model.fit(table, targets)
    weight, bias = model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
    if len(weight) == 1:  # of two classes scikit-learn describes only the second
        weight = np.vstack([-weight, weight]).astype(np.float32) / 2
        bias = np.concatenate([-bias, bias]).astype(np.float32) / 2
    return weight, bias


def save_words(head: WordsHead, path: Path) -> None:
    """Keeps `head` in the safetensors file `path`, numbers in half precision."""
    kept = {name: getattr(head.meaning, name) for name in ("weight", "bias", "centre")}
    kept["spelling"] = head.spelling
    tensors = {name: np.ascontiguousarray(t, dtype=np.float16) for name, t in kept.items()}
    told = ("labels", "scale", "temperature", "threshold")
    notes = {name: getattr(head.meaning, name) for name in told}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, str(path), metadata={"head": json.dumps(notes)})
    path.chmod(0o644)  # safetensors makes files that only their owner may read


def load_words(path: Path) -> WordsHead:
    """The head kept in the safetensors file `path`."""
    with safe_open(str(path), framework="numpy") as file:
        tensors = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
        notes = json.loads(file.metadata()["head"])
    spelling = tensors.pop("spelling")
    return WordsHead(SoftmaxHead(labels=tuple(notes.pop("labels")), **tensors, **notes), spelling)
