"""Lexicon: a tree of words by their phones, for a search that goes frame by frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
ROOT = 0


class Lexicon:
    """Words and the units they are made of; words with the same beginning share its nodes."""

    def __init__(self, words: Mapping[str, Sequence[int]]) -> None:
        """Words without any unit cannot be found."""
        self.words = [word for word, units in words.items() if units]
        told, onward, ending = [-1], [{}], [[]]  # type: ignore[var-annotated]
        parents = [ROOT]
        for number, word in enumerate(self.words):
            node = ROOT
            for unit in words[word]:
                if unit not in onward[node]:
                    onward[node][unit] = len(told)
                    parents.append(node)
                    told.append(unit)
                    onward.append({})
                    ending.append([])
                node = onward[node][unit]
            ending[node].append(number)
        self.units: Numbers = np.array(told)
        """The unit of each node; the root has none."""
        self._parents: Numbers = np.array(parents)
        self._children = _Lists.of_lists([list(each.values()) for each in onward])
        self._words = _Lists.of_lists(ending)

    @property
    def ends(self) -> Numbers:
        """How many words end in each node."""
        return self._words.counts

    def children(self, nodes: Numbers) -> tuple[Numbers, Numbers]:
        """(which of `nodes`, child) of every child of each."""
        return self._children.of(nodes)

    def ending(self, nodes: Numbers) -> tuple[Numbers, Numbers]:
        """(which of `nodes`, word's number) of every word that ends in each."""
        return self._words.of(nodes)

    def least(self, costs: NDArray[np.float64]) -> NDArray[np.float64]:
        """(nodes,) the least of the words' `costs` beyond each node; 0 at the root."""
        found = np.full(len(self.units), np.inf)
        owner, word = self.ending(np.arange(len(self.units)))
        np.minimum.at(found, owner, costs[word])
        for node in range(len(self.units) - 1, ROOT, -1):  # children have higher numbers
            parent = self._parents[node]
            found[parent] = min(found[parent], found[node])
        found[ROOT] = 0.0
        return found

    def beside(self, others: Lexicon) -> Lexicon:
        """The words of this and, numbered after them, of `others`."""
        both = copy(self)
        nodes, words = len(self.units), len(self.words)
        both.words = [*self.words, *others.words]
        both.units = np.concatenate([self.units, others.units[1:]])
        # The other root's children become this root's; its other nodes move up.
        both._parents = np.concatenate([self._parents, _moved(others._parents[1:], nodes - 1)])
        both._children = self._children.beside(others._children.plus(nodes - 1))
        both._words = self._words.beside(others._words.plus(words))
        return both


def _moved(parents: Numbers, by: int) -> Numbers:
    return np.asarray(np.where(parents == ROOT, ROOT, parents + by))


@dataclass(frozen=True, slots=True, eq=False)
class _Lists:
    """Many short lists of numbers in one."""

    counts: Numbers
    starts: Numbers
    held: Numbers

    @classmethod
    def of_lists(cls, lists: Sequence[Sequence[int]]) -> _Lists:
        counts = np.array([len(each) for each in lists], np.int64)
        held = np.fromiter(chain.from_iterable(lists), np.int64)
        return cls(counts, np.cumsum(counts) - counts, held)

    def of(self, which: Numbers) -> tuple[Numbers, Numbers]:
        """(which of `which`, number) of every number in each of these lists."""
        counts = self.counts[which]
        owner = np.repeat(np.arange(len(which)), counts)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        return owner, self.held[self.starts[which][owner] + within]

    def plus(self, number: int) -> _Lists:
        """The same lists of numbers so much higher."""
        return replace(self, held=self.held + number)

    def beside(self, others: _Lists) -> _Lists:
        """These lists and all but the first of `others`, which is put behind the first of these."""
        _, mine = self.of(np.zeros(1, np.int64))
        _, theirs = others.of(np.zeros(1, np.int64))
        held = np.concatenate([self.held, others.held, mine, theirs])
        counts = np.concatenate([self.counts, others.counts[1:]])
        starts = np.concatenate([self.starts, others.starts[1:] + len(self.held)])
        counts[0], starts[0] = len(mine) + len(theirs), len(self.held) + len(others.held)
        return _Lists(counts, starts, held)
