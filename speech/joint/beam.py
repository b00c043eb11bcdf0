"""Beam: token passing through a lexicon's tree, frame by frame (Young et al. 1989)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.joint.ctc import BLANK, Frames
from speech.joint.lexicon import ROOT, Lexicon
from speech.joint.ngram import REACH, History

FAINTEST = 8.0
"""Nats against a phone in a frame, at most: a reader that is sure is not always right."""
BEHIND = 12.0
"""Nats behind the likeliest token at which one is given up."""
TOKENS = 1000
"""Tokens kept at each frame, at most."""
PATHS = 24
"""Sequences of whole words that go on at each frame, at most."""

Costs = NDArray[np.float64]
After = Callable[[str, History], float]
"""What a word costs after the words before; none open the sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class _Tokens:
    """Half-read sentences: whole words behind them, and a node in the next."""

    nodes: NDArray[np.int64]
    paths: NDArray[np.int64]
    costs: Costs
    """Nats, the least that the word begun can still cost included."""

    def kept(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> _Tokens:
        return _Tokens(self.nodes[which], self.paths[which], self.costs[which])

    def with_(self, other: _Tokens) -> _Tokens:
        pairs = zip((self.nodes, self.paths, self.costs),
                    (other.nodes, other.paths, other.costs), strict=True)  # fmt: skip
        return _Tokens(*map(np.concatenate, pairs))  # type: ignore[arg-type]


class Beam:
    """One search. Sentences are read from the first frame to the last."""

    def __init__(self, lexicon: Lexicon, after: After, ahead: Costs) -> None:
        """`ahead` (nodes,): the least that a word beyond each node costs."""
        self._lexicon, self._after, self._ahead = lexicon, after, ahead
        self._past: list[History] = [()]
        self._before = [0]
        self._numbers: dict[tuple[int, int], int] = {}

    def read(self, frames: Frames) -> list[tuple[list[str], float]]:
        """Word sequences with their cost, the end of the sentence not counted, best first."""
        costs = np.minimum(-frames.astype(np.float64), FAINTEST)
        tokens = _tokens([ROOT], [0], [0.0])
        between = tokens
        for frame in costs:
            tokens = self._onward(tokens, frame)
            between = self._ended(tokens)
            tokens = tokens.with_(between)
        order = np.argsort(between.costs)
        return [(self._words(int(between.paths[n])), float(between.costs[n])) for n in order]

    def _onward(self, tokens: _Tokens, frame: Costs) -> _Tokens:
        """Every token after one more frame: where it was, or in one of the nodes beyond."""
        units, ahead = self._lexicon.units, self._ahead
        again = np.where(
            tokens.nodes == ROOT, frame[BLANK], np.minimum(frame[units[tokens.nodes]], frame[BLANK])
        )
        first = (tokens.nodes != ROOT) | (tokens.paths == 0)  # silence belongs to the word before
        stayed = _Tokens(tokens.nodes, tokens.paths, tokens.costs + again).kept(first)
        owner, child = self._lexicon.children(tokens.nodes)
        further = ahead[child] - ahead[tokens.nodes[owner]] + frame[units[child]]
        moved = _Tokens(child, tokens.paths[owner], tokens.costs[owner] + further)
        return _best(stayed.with_(moved))

    def _ended(self, tokens: _Tokens) -> _Tokens:
        """The tokens at the end of a word, ready for the next."""
        at = np.flatnonzero(self._lexicon.ends[tokens.nodes])
        owner, word = self._lexicon.ending(tokens.nodes[at])
        paths = tokens.paths[at][owner]
        costs = tokens.costs[at][owner] - self._ahead[tokens.nodes[at]][owner]
        words, past, after = self._lexicon.words, self._past, self._after
        pairs = zip(word.tolist(), paths.tolist(), strict=True)
        costs += [after(words[number], past[path]) for number, path in pairs]
        near = np.flatnonzero(costs <= tokens.costs.min(initial=np.inf) + BEHIND)
        near = near[np.argsort(costs[near])[:PATHS]]
        pairs = zip(paths[near].tolist(), word[near].tolist(), strict=True)
        grown = [self._grown(path, number) for path, number in pairs]
        return _tokens([ROOT] * len(near), grown, costs[near].tolist())

    def _grown(self, path: int, word: int) -> int:
        found = self._numbers.get((path, word))
        if found is None:
            found = self._numbers[path, word] = len(self._past)
            self._past.append((*self._past[path], self._lexicon.words[word])[-REACH:])
            self._before.append(path)
        return found

    def _words(self, path: int) -> list[str]:
        words: list[str] = []
        while past := self._past[path]:
            words.insert(0, past[-1])
            path = self._before[path]
        return words


def _tokens(nodes: Sequence[int], paths: Sequence[int], costs: Sequence[float]) -> _Tokens:
    return _Tokens(np.array(nodes, np.int64), np.array(paths, np.int64), np.array(costs, float))


def _best(tokens: _Tokens) -> _Tokens:
    """The cheapest tokens, one for each node and path."""
    near = tokens.kept(tokens.costs <= tokens.costs.min(initial=np.inf) + BEHIND)
    near = near.kept(np.argsort(near.costs, kind="stable")[: 2 * TOKENS])
    _, first = np.unique(near.nodes << 32 | near.paths, return_index=True)
    return near.kept(np.sort(first)[:TOKENS])
