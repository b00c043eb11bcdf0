"""Repairer: what else the sound of a sentence may have said, in words that the business knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from speech.joint.ngram import NGram
from speech.joint.tongue import Match, Tongue

BEAM = 12
"""Half-read sentences that are kept at each unit."""
CLARITY = 5.0
"""How much one unit of distance costs, in nats."""
ASIDE = 1.0
"""Nats that leaving the recognizer's own spelling costs, per word."""
LONGEST = 40
"""Units; a longer speech is left as it was heard."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of what was heard."""

    text: str
    fit: float
    """ln P(words) by the language of the business less the cost of the sounds changed, in nats."""


class Repairer:
    """Noisy-channel reading of one hypothesis: known words compete by sound (Shannon 1948)."""

    def __init__(self, tongue: Tongue, sentences: Iterable[str], words: Iterable[str] = ()) -> None:
        """`sentences` teach how customers talk; `words` are the names that may be said."""
        named = [piece for word in words for piece in tongue.words(word)]
        heard = [[_shape(word) for word in tongue.words(text)] for text in sentences]
        self._tongue = tongue
        self._language = NGram(heard, named, tongue.probability)
        self._matches = tongue.matcher(sorted(self._language.words))

    def units(self, text: str) -> list[str]:
        """The smallest pieces of `text` that are heard apart."""
        return self._tongue.units(text)

    def plain(self, text: str) -> str:
        """`text` in lower case without punctuation, as candidates are written."""
        return self._tongue.joiner.join(self._tongue.units(text))

    def candidates(self, text: str, n: int) -> list[Candidate]:
        """At most `n` readings of `text`, the likeliest first; as it was heard is among them."""
        units = self._tongue.units(text)
        literal = Candidate(self.plain(text), self.fit(text))
        if not 0 < len(units) <= LONGEST:
            return [literal]
        best = {c.text: c for c in reversed(self._read(units))}
        best[literal.text] = literal
        ranked = sorted(best.values(), key=lambda c: -c.fit)[:n]
        return ranked if literal in ranked else [*ranked[: n - 1], literal]

    def fit(self, text: str) -> float:
        """ln P(words of `text`)."""
        path: tuple[str, ...] = ()
        total = 0.0
        for word in [*self._tongue.words(text), ""]:
            total += self._step(path, word)
            path = (*path, word)
        return total

    def _step(self, path: Sequence[str], word: str) -> float:
        return self._language.logprob(_shape(word), _shape(path[-1]) if path else None)

    def _read(self, units: Sequence[str]) -> list[Candidate]:
        """Beam search over the words that the units may be, from left to right."""
        arcs = _arcs(units, self._spelt(units), self._matches(units))
        beams: list[dict[tuple[str, ...], float]] = [{} for _ in range(len(units) + 1)]
        beams[0] = {(): 0.0}
        for at, arcs_here in enumerate(arcs):
            for path, fit in _widest(beams[at]):
                for end, word, cost in arcs_here:
                    longer = (*path, word)
                    reached = fit + self._step(path, word) - cost
                    beams[end][longer] = max(reached, beams[end].get(longer, reached))
        ended = {path: fit + self._step(path, "") for path, fit in beams[-1].items()}
        texts: dict[str, float] = {}
        for path, fit in sorted(ended.items(), key=lambda item: item[1]):
            texts[self._tongue.joiner.join(path)] = fit
        return [Candidate(text, fit) for text, fit in reversed(texts.items())][:BEAM]

    def _spelt(self, units: Sequence[str]) -> list[tuple[int, int, str]]:
        """The words as the recognizer spelt them, unit by unit and as the language joins them."""
        found = [(n, n + 1, unit) for n, unit in enumerate(units)]
        if self._tongue.joiner:
            return found
        at = 0
        for word in self._tongue.words("".join(units)):
            length = len(self._tongue.units(word))
            found.append((at, at + length, word))
            at += length
        return found


def _arcs(
    units: Sequence[str], spelt: Iterable[tuple[int, int, str]], matches: Iterable[Match]
) -> list[list[tuple[int, str, float]]]:
    """(end, word, cost) by the unit they start at; a word twice is as cheap as its best."""
    best: list[dict[tuple[int, str], float]] = [{} for _ in units]
    for match in matches:
        best[match.start][match.end, match.word] = CLARITY * match.distance + ASIDE
    for start, end, word in spelt:
        best[start][end, word] = 0.0
    return [[(end, word, cost) for (end, word), cost in here.items()] for here in best]


def _widest(beam: dict[tuple[str, ...], float]) -> list[tuple[tuple[str, ...], float]]:
    return sorted(beam.items(), key=lambda item: -item[1])[:BEAM]


def _shape(word: str) -> str:
    """Which number it is says nothing about the words around it."""
    return "0" if word.isdigit() else word
