"""Grammar: in what order the utterances of a pack put their words and the values of its choices.

A bigram whose words are the utterances' own and one class a slot, with Witten–Bell smoothing
(Witten and Bell 1991).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from itertools import pairwise

from dialogue.nlu.examples import Example

START, END = "<s>", "</s>"
UNSEEN = 0.1
"""Count of a word that no utterance holds, among `SPARE` such words."""
SPARE = 200
CLASS_FLOOR = 0.02
"""Least share of a class anywhere: values may be said in any order."""
_WORD = re.compile(r"\{\w+\}|[a-z']+|\d+")


class Grammar:
    """What may follow what in the utterances that hold a value of `slots`."""

    def __init__(self, examples: Iterable[Example], slots: Collection[str]) -> None:
        self._after: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._words: Counter[str] = Counter()
        for example in examples:
            if any(name in slots for name, _ in example.slots):
                said = [START, *_classed(example, slots), END]
                self._words.update(said[1:])
                for before, word in pairwise(said):
                    self._after[before][word] += 1
        self._total = self._words.total() + UNSEEN * SPARE

    @property
    def words(self) -> tuple[str, ...]:
        """The utterances' own words, classes and marks left out."""
        return tuple(word for word in self._words if word[0] not in "{<")

    def cost(self, before: str, word: str) -> float:
        """-ln P(word | before); `{slot}` stands for any value of a slot."""
        alone = (self._words[word] + UNSEEN) / self._total
        if word.startswith("{"):
            alone = max(alone, CLASS_FLOOR)
        seen = self._after.get(before)
        if not seen:
            return -math.log(alone)
        kinds = len(seen) + 2
        return -math.log((seen[word] + kinds * alone) / (seen.total() + kinds))


def _classed(example: Example, slots: Collection[str]) -> list[str]:
    """The utterance's words, each value of `slots` as one `{slot}`."""
    rest, said = example.text.lower(), ""
    for name, words in example.slots:
        before, _, rest = rest.partition(words.lower())
        said += before + (f" {{{name}}} " if name in slots else words.lower())
    parts = re.split(r"(\{\w+\})", said + rest)
    return [word for part in parts for word in ([part] if part[:1] == "{" else _WORD.findall(part))]
