"""Turns composed of real single-modality data, and what each modality's head says of them.

Kinds of turns. `agree`: a sentence and a voice of one tone, half of them with a photo; parts are
spoiled and go missing. `odds`: sentence and voice of different tones (`conflict.truth`). `asked`:
a sentence that names a product, or leaves it to the photo, by `fusion.data.compose`.

Every head that answers on a training turn was fitted without its sentence, speaker or photo.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from conflict import VOICES, truth
from frozen import PRODUCTS
from numpy.typing import NDArray

from fusion.data.compose import Mix, compose
from fusion.feeling.kernel import fit_kernel
from fusion.feeling.ridge import fit_ridge
from fusion.softmax import calibrate, fit_head

Floats = NDArray[np.float32]

TONES = ("negative", "neutral", "positive")
SPLITS = ("train", "validation", "report")
FOLDS = 5
MISSING, SPOILED, PHOTO = 0.2, 0.2, 0.5
WRONG = 0.15
"""Photos of something else than is named: the words are believed."""
VALIDATION_ACTORS, REPORT_ACTORS = ("3", "10"), ("4", "8", "12")
BELIEVED = 0.95
"""Of a name found in the words."""
VERSIONS = ("clean", "spoiled")


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Values of one modality."""

    values: dict[str, Floats]
    """By version; (n, …)."""
    quality: Floats
    """(n, versions)"""
    labels: list[str]
    split: list[str]
    group: list[int]
    """Fold: what belongs together is in one."""
    answers: dict[str, Floats] = field(default_factory=dict)
    """By version (n, classes), of heads not shown the value."""

    def where(self, split: str, label: str | None = None) -> list[int]:
        """Numbers of the values of one part, of one label if named."""
        pairs = enumerate(zip(self.split, self.labels, strict=True))
        return [i for i, (s, named) in pairs if s == split and label in (None, named)]


@dataclass(frozen=True, slots=True)
class Turn:
    """Which values make a turn; (number, version) of each that is there."""

    sentiment: str | None = None
    product: str | None = None
    sentence: tuple[int, str] | None = None
    asked: tuple[int, str] | None = None
    voice: tuple[int, str] | None = None
    photo: tuple[int, str] | None = None


def load_voices(path: Path) -> Parts:
    """Recordings; speakers apart where they are named, recordings where not."""
    kept = np.load(path)
    tones = [VOICES.get(label) for label in kept["label"]]
    here = [i for i, tone in enumerate(tones) if tone]
    actors = [str(kept["speaker"][i]) for i in here]
    split, group = [], []
    order = sorted(set(actors) - {*VALIDATION_ACTORS, *REPORT_ACTORS})
    for number, actor in zip(here, actors, strict=True):
        if actor:
            split.append(_by_actor(actor))
            group.append(order.index(actor) % FOLDS if actor in order else 0)
        else:
            split.append(SPLITS[(1, 2, 0, 0, 2, 0, 0, 0)[number % 8]])
            group.append(number // 8 % FOLDS)
    values = {v: kept[v][here].astype(np.float32) for v in VERSIONS}
    labels = [str(tones[i]) for i in here]
    return Parts(values, kept["quality"][here], labels, split, group)


def _by_actor(actor: str) -> str:
    if actor in REPORT_ACTORS:
        return "report"
    return "validation" if actor in VALIDATION_ACTORS else "train"


def load_words(path: Path, column: str, language: str, shares: tuple[float, float]) -> Parts:
    """Sentences of one language, drawn apart; `shares` of training and validation."""
    kept = np.load(path)
    here = np.flatnonzero(kept["language"] == language)
    rng = random.Random(7)
    drawn = [rng.random() for _ in here]
    split = [SPLITS[(x >= shares[0]) + (x >= sum(shares))] for x in drawn]
    values = {v: kept[v][here] for v in VERSIONS}
    labels = [str(label) for label in kept[column][here]]
    group = [rng.randrange(FOLDS) for _ in here]
    return Parts(values, kept["quality"][here], labels, split, group)


def load_photos(path: Path) -> Parts:
    """Photos; those of the source's validation report."""
    kept = np.load(path)
    rng = random.Random(7)
    split = ["report" if s == "val" else SPLITS[rng.random() < 0.1] for s in kept["split"]]
    values = {v: kept[v] for v in VERSIONS}
    labels = [str(label) for label in kept["label"]]
    return Parts(values, kept["quality"], labels, split, [rng.randrange(FOLDS) for _ in labels])


def answer(parts: Parts, classes: int, fit: Callable[[list[int], list[int]], list[Floats]]) -> None:
    """Fills `parts.answers`: training values by heads of the other folds, the rest by one of all.

    `fit(shown, asked)` gives (asked, classes) of each version.
    """
    for version in VERSIONS:
        parts.answers[version] = np.zeros((len(parts.labels), classes), np.float32)
    shown = parts.where("train")
    rounds = [([i for i in range(len(parts.labels)) if parts.split[i] != "train"], shown)]
    for fold in range(FOLDS):
        asked = [i for i in shown if parts.group[i] == fold]
        rounds.append((asked, [i for i in shown if parts.group[i] != fold]))
    for asked, known in rounds:
        for version, p in zip(VERSIONS, fit(known, asked), strict=True):
            parts.answers[version][asked] = p


def hear(voices: Parts) -> None:
    """Ridge over the statistics, as `lingxi eval sentiment --train` fits it, noisy copies too."""

    def fit(known: list[int], asked: list[int]) -> list[Floats]:
        rows = np.concatenate([voices.values[v][known] for v in VERSIONS])
        head = fit_ridge([rows], [voices.labels[i] for i in known] * len(VERSIONS))
        return [head.probabilities([voices.values[v][asked]]) for v in VERSIONS]

    answer(voices, len(TONES), fit)


def read(words: Parts, texts: dict[str, list[str]]) -> None:
    """The kernel of the shipped feeling heads, fitted anew."""

    def fit(known: list[int], asked: list[int]) -> list[Floats]:
        said = [texts["clean"][i] for i in known]
        wanted = [words.labels[i] for i in known]
        heads, _ = fit_kernel(said, words.values["clean"][known], {"tone": wanted})
        return [
            heads.probabilities("tone", [texts[v][i] for i in asked], words.values[v][asked])
            for v in VERSIONS
        ]

    answer(words, len(TONES), fit)


def look(photos: Parts, products: Sequence[str]) -> None:
    """A softmax head over frozen features, blurred copies too."""

    def fit(known: list[int], asked: list[int]) -> list[Floats]:
        rows = np.concatenate([photos.values[v][known] for v in VERSIONS])
        wanted = [photos.labels[i] for i in known] * len(VERSIONS)
        head = fit_head(rows, wanted, labels=products)
        unseen = photos.where("validation")
        truth_ = [photos.labels[i] for i in unseen]
        head = calibrate(head, photos.values["clean"][unseen], truth_)
        return [head.probabilities(photos.values[v][asked]) for v in VERSIONS]

    answer(photos, len(products), fit)


def find_names(asked: Parts, texts: dict[str, list[str]], language: str) -> list[str]:
    """Fills the answers of `asked` by names in the words; the product ids, in order."""
    with PRODUCTS.open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    products = [row["id"] for row in rows]
    named: dict[str, set[int]] = defaultdict(set)
    for number, row in enumerate(rows):
        for name in (row[f"name_{language}"], *row[f"synonyms_{language}"].split("|")):
            if name:
                named[name.casefold()].add(number)
    for version in VERSIONS:
        p = np.full((len(asked.labels), len(products)), 1 / len(products), np.float32)
        for row, text in zip(p, texts[version], strict=True):
            found = [name for name in named if name in text.casefold()]
            if found:
                meant = sorted(named[max(found, key=len)])
                row[:] = (1 - BELIEVED) / len(products)
                row[meant] += BELIEVED / len(meant)
        asked.answers[version] = p
    return products


def tones(
    words: Parts, voices: Parts, photos: Parts, split: str, count: int, rng: random.Random
) -> list[Turn]:
    """Turns whose sentence and voice agree."""
    turns = []
    for number in range(count):
        tone = TONES[number % len(TONES)]
        gone = rng.random() < MISSING, rng.random() < MISSING
        gone = (False, False) if all(gone) else gone
        photo = _drawn(photos.where(split), rng) if rng.random() < PHOTO else None
        turns.append(
            Turn(
                tone,
                photos.labels[photo[0]] if photo else None,
                sentence=None if gone[0] else _drawn(words.where(split, tone), rng),
                voice=None if gone[1] else _drawn(voices.where(split, tone), rng),
                photo=photo,
            )
        )
    return turns


def odds(words: Parts, voices: Parts, split: str, times: int, rng: random.Random) -> list[Turn]:
    """Each recording, as it is, with `times` sentences of each other tone."""
    turns = []
    for voice in voices.where(split):
        own = voices.labels[voice]
        for tone in (tone for tone in TONES if tone != own):
            for _ in range(times):
                said = rng.choice(words.where(split, tone))
                felt = truth(own, tone)
                turns.append(Turn(felt, sentence=(said, "clean"), voice=(voice, "clean")))
    return turns


def about(asked: Parts, photos: Parts, split: str, count: int, rng: random.Random) -> list[Turn]:
    """Turns about a product, by `fusion.data.compose`; the words are believed."""
    texts = [{"text": str(i), "product": _id(asked.labels[i])} for i in asked.where(split)]
    this = [row for row in texts if not row["product"]]
    pictures = [{"image": str(i), "product": photos.labels[i]} for i in photos.where(split)]
    some = compose([t for t in texts if t["product"]], pictures, "product", count,
                   Mix(WRONG, MISSING, SPOILED), rng)  # fmt: skip
    turns = []
    for row in some:
        version = VERSIONS[rng.random() < SPOILED]
        words = (int(row["text"]), version) if "text" in row else None
        if words and rng.random() < MISSING and "image" in row and row["match"] == "yes":
            words = (int(rng.choice(this)["text"]), version)
        photo = (int(row["image"]), VERSIONS["noise" in row]) if "image" in row else None
        turns.append(Turn(product=row.get("named") or row.get("shown"), asked=words, photo=photo))
    return turns


def _id(named: str) -> str:
    return named.partition(":")[0]


def _drawn(numbers: Sequence[int], rng: random.Random) -> tuple[int, str]:
    return rng.choice(numbers), VERSIONS[rng.random() < SPOILED]


def answers(turns: Sequence[Turn], part: str, parts: Parts) -> Floats:
    """(n, classes) what the head of one part says of each turn; NaN where the part is missing."""
    width = next(iter(parts.answers.values())).shape[1]
    found = np.full((len(turns), width), np.nan, np.float32)
    for row, turn in zip(found, turns, strict=True):
        place: Any = getattr(turn, part)
        if place is not None:
            row[:] = parts.answers[place[1]][place[0]]
    return found


def qualities(turns: Sequence[Turn], part: str, parts: Parts) -> Floats:
    """(n,) of one part; 0 where it is missing."""
    places: list[Any] = [getattr(turn, part) for turn in turns]
    return np.array(
        [parts.quality[p[0], VERSIONS.index(p[1])] if p else 0.0 for p in places], np.float32
    )
