"""Lexicon: which words may have been said where, by their phones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.joint.ctc import BLANK, Frames

FAINTEST = 8.0
"""Nats against a phone in a frame, at most: a reader that is sure is not always right."""
ENTRY = 4.5
"""Nats against a word's first phone above which the word does not begin here."""
LOST = 9.0
"""Nats behind the best phones at which a word is given up."""
SLACK = 1.6
"""Nats behind the best phones, per phone, that a word may end with."""
HERE = 40
"""Words that may begin in one frame."""


@dataclass(frozen=True, slots=True)
class Arc:
    """A word that may lie between two frames."""

    start: int
    end: int
    """Frames, end exclusive."""
    word: str
    cost: float
    """−ln P(phones | frames), nats."""


class Lexicon:
    """Words and the units they are made of."""

    def __init__(self, words: Mapping[str, Sequence[int]]) -> None:
        said = {word: units for word, units in words.items() if units}
        self._words = list(said)
        self._lengths = np.array([len(units) for units in said.values()], np.int64)
        self._units = np.zeros((len(said), int(self._lengths.max(initial=1))), np.int64)
        for row, units in zip(self._units, said.values(), strict=True):
            row[: len(units)] = units
        starts: dict[int, list[int]] = defaultdict(list)
        for number, units in enumerate(said.values()):
            starts[units[0]].append(number)
        self._starting = {unit: np.array(numbers) for unit, numbers in starts.items()}

    def arcs(self, frames: Frames) -> list[list[Arc]]:
        """Every word that fits somewhere, by the frame it starts in, the likeliest first.

        Words begin and end in frames that say something; inside them a frame may be blank or
        go on with the same phone: the Viterbi path of CTC.
        """
        costs = np.minimum(-frames, FAINTEST)
        best = np.concatenate([[0.0], np.cumsum(costs.min(axis=1))])
        found: list[dict[tuple[int, int], float]] = [{} for _ in costs]
        words = np.zeros(0, np.int64)
        starts = np.zeros(0, np.int64)
        reached = np.zeros((0, self._units.shape[1]), np.float64)
        for t, frame in enumerate(costs):
            reached, arrived = self._step(reached, frame, words)
            begun = self._beginning(frame)
            first = np.full((len(begun), reached.shape[1]), np.inf)
            first[:, 0] = frame[self._units[begun, 0]]
            words = np.concatenate([words, begun])
            starts = np.concatenate([starts, np.full(len(begun), t)])
            arrived = np.concatenate([arrived, first[:, 0] + _only(self._lengths[begun])])
            reached = np.concatenate([reached, first])
            behind = arrived - (best[t + 1] - best[starts])
            for n in np.flatnonzero(behind <= SLACK * self._lengths[words]):
                found[starts[n]][t + 1, int(words[n])] = float(arrived[n])
            alive = reached.min(axis=1) - (best[t + 1] - best[starts]) <= LOST
            words, starts, reached = words[alive], starts[alive], reached[alive]
        return [list(self._kept(t, ends, best)) for t, ends in enumerate(found)]

    def _beginning(self, frame: NDArray[np.floating]) -> NDArray[np.int64]:
        near = [
            self._starting[unit]
            for unit in np.flatnonzero(frame <= ENTRY).tolist()
            if unit != BLANK and unit in self._starting
        ]
        return np.concatenate(near) if near else np.zeros(0, np.int64)

    def _step(
        self, reached: NDArray[np.float64], frame: NDArray[np.floating], words: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """One frame further; and what it costs to end each word with this frame's sound."""
        units = frame[self._units[words]]
        again = reached + np.minimum(units, frame[BLANK])
        onward = np.full_like(reached, np.inf)
        onward[:, 1:] = reached[:, :-1] + units[:, 1:]
        last = (np.arange(len(words)), self._lengths[words] - 1)
        arrived = np.minimum(onward[last], reached[last] + units[last])
        return np.minimum(again, onward), arrived

    def _kept(
        self, start: int, ends: Mapping[tuple[int, int], float], best: NDArray[np.floating]
    ) -> Iterator[Arc]:
        behind = {key: cost - (best[key[0]] - best[start]) for key, cost in ends.items()}
        for end, word in sorted(ends, key=lambda key: behind[key] / self._lengths[key[1]])[:HERE]:
            yield Arc(start, end, self._words[word], ends[end, word])


def _only(lengths: NDArray[np.int64]) -> NDArray[np.float64]:
    """0 where a word is one phone long, so that its first is its last; else no end yet."""
    return np.where(lengths == 1, 0.0, np.inf)
