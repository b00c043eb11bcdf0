"""Catalogue: finds products by name in running text, longest match first, small typos allowed."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable

from rapidfuzz import fuzz, process

from dialogue.domain import OPTION, Product
from dialogue.types import Slot

TYPO = 84
"""Likeness of letters in percent at which an English word counts as a misspelling."""
TYPO_LETTERS = 5
"""Shorter words are not guessed at: pear and pea differ by one letter."""

_WORD = re.compile(r"[a-z][a-z'-]*")
_CALLED = re.compile(r"[老小姓叫行大阿]$")
_TITLE = re.compile(r"先生|女士|小姐|师傅|老师|某|总|白")
"""Around a single character these make it a surname: 李白, 老李, 姜女士."""

Ids = tuple[str, ...]


class Catalogue:
    """The products' names and synonyms, ready for lookup."""

    def __init__(
        self, products: Iterable[Product], ordinary: Callable[[str], bool] = lambda _word: False
    ) -> None:
        """`ordinary` tells words that are right as they stand: "price" is no misspelt rice."""
        self._ordinary = ordinary
        self._names = _named(products)
        self._han = sorted((n for n in self._names if not n.isascii()), key=len, reverse=True)
        ascii_names = (n for n in self._names if n.isascii())
        self._latin = {latin_key(n): self._names[n] for n in ascii_names}
        self._latin.pop((), None)
        self._longest = max(map(len, self._latin), default=0)
        self._singles = [key[0] for key in self._latin if len(key) == 1]

    def find(self, text: str) -> Slot | None:
        """What `text` names by the longest name; every product it fits, joined by `OPTION`."""
        plain = plain_letters(text)
        for han in self._han:
            if (start := _place(han, plain)) >= 0:
                return _slot(self._names[han], text, start, len(han), 1.0)
        words = list(_WORD.finditer(plain))
        for length in range(self._longest, 0, -1):
            for i in range(len(words) - length + 1):
                found = self._latin.get(tuple(_singular(w[0]) for w in words[i : i + length]))
                if found is not None:
                    start, end = words[i].start(), words[i + length - 1].end()
                    return _slot(found, text, start, end - start, 1.0)
        return self._misspelt(text, words)

    def _misspelt(self, text: str, words: list[re.Match[str]]) -> Slot | None:
        for word in words:
            single = _singular(word[0])
            if len(single) < TYPO_LETTERS or self._ordinary(word[0]) or self._ordinary(single):
                continue
            close = process.extractOne(single, self._singles, scorer=fuzz.ratio, score_cutoff=TYPO)
            if close and close[0][0] == single[0]:
                found = self._latin[(close[0],)]
                return _slot(found, text, word.start(), len(word[0]), 0.7)
        return None


def _place(name: str, plain: str) -> int:
    """Where `plain` names the product `name`; -1 for nowhere."""
    start = plain.find(name)
    if start < 0 or len(name) > 1:
        return start
    surname = _CALLED.search(plain[:start]) or _TITLE.match(plain, start + 1)
    return -1 if surname else start


def plain_letters(text: str) -> str:
    """Lower case and narrow, letter for letter so that offsets stay."""
    return "".join(unicodedata.normalize("NFKC", ch)[:1].lower() or ch for ch in text)


def latin_key(name: str) -> tuple[str, ...]:
    """The words of an English name in the singular."""
    return tuple(map(_singular, _WORD.findall(plain_letters(name))))


def _named(products: Iterable[Product]) -> dict[str, Ids]:
    """Every name and whom it fits; the name a product bears itself is its alone."""
    shared: dict[str, list[str]] = defaultdict(list)
    own: dict[str, Ids] = {}
    for product in products:
        for name in map(plain_letters, product.names.values()):
            own.setdefault(name, (product.id,))
        for name in map(plain_letters, product.synonyms):
            shared[name].append(product.id)
    return {name: tuple(dict.fromkeys(ids)) for name, ids in shared.items()} | own


def _slot(products: Ids, text: str, start: int, length: int, sure: float) -> Slot:
    end = start + length
    return Slot("product", OPTION.join(products), text[start:end], start, end, confidence=sure)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("oes", "ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
