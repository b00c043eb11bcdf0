"""Chinese: characters are heard, words are meant, and syllables are what they share."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

import jieba
import numpy as np
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin

from speech.joint.tongue import Match, Matcher

TONE = 0.1
"""Distance of another tone: recognizers choose characters by sense more than by tone."""
ANOTHER = 1.6
"""Distance of an initial or final that nobody confuses."""
LIMIT = 0.9
"""Mean distance per syllable above which a word was not said."""
LONGEST = 6
"""Syllables."""

_PIECE = re.compile(r"[㐀-鿿]|[a-z']+|\d+", re.IGNORECASE)
_HAN = re.compile(r"[㐀-鿿]+")
_INITIAL = re.compile(r"zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?")
_COARSE = dict(
    zip(
        ["zh", "ch", "sh", "n", "r", "f", "q", "x", "j"],
        ["z", "c", "s", "l", "l", "h", "c", "s", "z"],
        strict=True,
    )
)
_NASAL = re.compile(r"(?<!o)ng")
_NEAR = "zh/z ch/c sh/s n/l"
_FAR = (
    "f/h l/r c/q s/x z/j zh/j ch/q sh/x b/p d/t g/k z/c j/q zh/ch y/ w/ r/y g/h k/h f/w m/b n/m "
    "sh/ch s/c x/q r/n"
)
_NEAR_FINALS = "in/ing en/eng an/ang ian/iang uan/uang ong/eng ong/un"
_FAR_FINALS = (
    "an/en ang/eng ie/i ai/ei ao/ou u/ou o/uo e/uo e/o i/e i/ei u/o a/ai a/an ou/iu ian/an ian/in "
    "uan/un ui/ei uo/ou iao/ao ia/a ua/a ue/ie i/ui a/ang e/a v/u v/i en/ei an/ai ao/o e/en i/in "
    "ong/ou u/i ian/ie uan/an"
)


class Chinese:
    """Mandarin with the English words that are mixed into it."""

    joiner = ""

    def __init__(self) -> None:
        jieba.setLogLevel(logging.WARNING)
        jieba.initialize()
        self._total = float(jieba.dt.total)

    def units(self, text: str) -> list[str]:
        """Characters; a run of letters or digits is one."""
        return [piece.lower() for piece in _PIECE.findall(text)]

    def words(self, text: str) -> list[str]:
        """Words by jieba's dictionary; a run of letters or digits is one."""
        found: list[str] = []
        for piece in re.findall(r"[㐀-鿿]+|[a-z']+|\d+", text.lower()):
            found += jieba.lcut(piece, HMM=False) if _HAN.match(piece) else [piece]
        return found

    def probability(self, word: str) -> float:
        """Of `word` in jieba's dictionary."""
        return float(jieba.dt.FREQ.get(word) or 0) / self._total

    def matcher(self, words: Iterable[str]) -> Matcher:
        """What finds words of at most six syllables by pinyin with confusable sounds."""
        return _Syllables(word for word in words if _HAN.fullmatch(word))

    def tracks(self, text: str) -> tuple[list[str], ...]:
        """Syllables, syllables with confusable sounds made one, their initials, their finals."""
        units = self.units(text)
        pinyin = syllables("".join(_opaque(units)))
        plain = [
            spoken.rstrip("012345") if _HAN.fullmatch(unit) else unit
            for unit, spoken in zip(units, pinyin, strict=True)
        ]
        parts = [_parts(syllable) for syllable in plain]
        initials = [_COARSE.get(initial, initial) for initial, _ in parts]
        finals = [_NASAL.sub("n", final) for _, final in parts]
        coarse = [a + b for a, b in zip(initials, finals, strict=True)]
        return plain, coarse, initials, finals


class _Syllables:
    """Compares every stretch of syllables with every known word at once."""

    def __init__(self, words: Iterable[str]) -> None:
        shapes: dict[int, list[str]] = defaultdict(list)
        for word in words:
            if len(word) <= LONGEST:
                shapes[len(word)].append(word)
        spoken = {word: syllables(word) for group in shapes.values() for word in group}
        self._known = tuple(sorted({s for each in spoken.values() for s in each}))
        number = {syllable: n for n, syllable in enumerate(self._known)}
        self._groups = [
            (length, group, np.array([[number[s] for s in spoken[w]] for w in group]))
            for length, group in shapes.items()
        ]

    def __call__(self, units: Sequence[str]) -> list[Match]:
        costs = np.array(
            [_row(s, self._known) for s in syllables("".join(_opaque(units)))], np.float32
        )
        found: list[Match] = []
        for length, group, table in self._groups:
            for start in range(len(units) - length + 1):
                total = sum(costs[start + k][table[:, k]] for k in range(length))
                near = np.flatnonzero(total <= LIMIT * length)
                found += [Match(start, start + length, group[n], float(total[n])) for n in near]
        return found


def syllables(text: str) -> list[str]:
    """Pinyin with tone digit of each Chinese character, in the context of its word."""
    return lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True)


def _opaque(units: Sequence[str]) -> list[str]:
    """One character per unit, so that syllables count like units; 0 sounds like nothing."""
    return [unit if _HAN.fullmatch(unit) else "〇" for unit in units]


@cache
def _row(heard: str, known: tuple[str, ...]) -> NDArray[np.float32]:
    return np.array([distance(heard, syllable) for syllable in known], np.float32)


@cache
def distance(a: str, b: str) -> float:
    """How differently two syllables sound: 0 the same, .1 another tone, .3 zh and z."""
    if a == b:
        return 0.0
    tone = TONE if a[-1:] != b[-1:] else 0.0
    (a_initial, a_final), (b_initial, b_final) = _parts(a), _parts(b)
    return tone + _confused(a_initial, b_initial, _INITIALS) + _confused(a_final, b_final, _FINALS)


def _parts(syllable: str) -> tuple[str, str]:
    plain = syllable.rstrip("012345")
    found = _INITIAL.match(plain)
    initial = found[0] if found else ""
    return initial, plain[len(initial) :]


def _confused(a: str, b: str, table: dict[frozenset[str], float]) -> float:
    return 0.0 if a == b else table.get(frozenset((a, b)), ANOTHER)


def _table(near: str, far: str, distances: tuple[float, float]) -> dict[frozenset[str], float]:
    return {
        frozenset(pair.split("/")): cost
        for pairs, cost in ((far, distances[1]), (near, distances[0]))
        for pair in pairs.split()
    }


_INITIALS = _table(_NEAR, _FAR, (0.3, 0.6))
_FINALS = _table(_NEAR_FINALS, _FAR_FINALS, (0.3, 0.7))
