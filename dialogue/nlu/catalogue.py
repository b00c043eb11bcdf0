"""Catalogue: finds products by name in running text, longest match first, small typos allowed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from dialogue.domain import Product
from dialogue.types import Slot

TYPO = 0.84
"""Similarity (difflib ratio) at which an English word counts as a misspelling."""
TYPO_LETTERS = 5
"""Shorter words are not guessed at: pear and pea differ by one letter."""

_WORD = re.compile(r"[a-z][a-z'-]*")


class Catalogue:
    """The products' names and synonyms, ready for lookup."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._names: dict[str, str] = {}
        for product in products:
            for name in (*product.names.values(), *product.synonyms):
                self._names.setdefault(_plain(name), product.id)
        self._han = sorted((n for n in self._names if not n.isascii()), key=len, reverse=True)
        ascii_names = (n for n in self._names if n.isascii())
        self._latin = {tuple(map(_singular, _WORD.findall(n))): self._names[n] for n in ascii_names}
        self._latin.pop((), None)
        self._longest = max(map(len, self._latin), default=0)
        self._singles = [key[0] for key in self._latin if len(key) == 1]

    def find(self, text: str) -> Slot | None:
        """The product named in `text` by the longest name, or None."""
        plain = _plain(text)
        han = next((name for name in self._han if name in plain), None)
        if han:
            return self._slot(self._names[han], text, plain.index(han), len(han), 1.0)
        words = list(_WORD.finditer(plain))
        for length in range(self._longest, 0, -1):
            for i in range(len(words) - length + 1):
                found = self._latin.get(tuple(_singular(w[0]) for w in words[i : i + length]))
                if found is not None:
                    start, end = words[i].start(), words[i + length - 1].end()
                    return self._slot(found, text, start, end - start, 1.0)
        return self._misspelt(text, words)

    def _misspelt(self, text: str, words: list[re.Match[str]]) -> Slot | None:
        for word in words:
            if len(word[0]) < TYPO_LETTERS:
                continue
            close = get_close_matches(_singular(word[0]), self._singles, 1, TYPO)
            if close:
                found = self._latin[(close[0],)]
                return self._slot(found, text, word.start(), len(word[0]), 0.7)
        return None

    def _slot(self, product: str, text: str, start: int, length: int, sure: float) -> Slot:
        end = start + length
        return Slot("product", product, text[start:end], start, end, confidence=sure)


def _plain(text: str) -> str:
    """Lower case and narrow, letter for letter so that offsets stay."""
    return "".join(unicodedata.normalize("NFKC", ch)[:1].lower() or ch for ch in text)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("oes", "ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
