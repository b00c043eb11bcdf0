"""Comparison: two products that a question sets against each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_JOINED = re.compile(r"\S[和跟与比]\S|还是\S|\b(?:and|or|vs|versus|than)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How customers compare, and the flow that answers."""

    flow: str = ""
    """"" where the business compares nothing."""
    words: tuple[str, ...] = ()
    """Regular expressions, one of which is found in such a question."""
    intents: tuple[str, ...] = ()
    """One of which it has, where it has any."""
    extremes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What is sought in a whole family, and its words: cheapest, "cheapest", 最便宜."""

    def asked(self, text: str, intent: str, *, sure: bool) -> bool:
        """Whether `text` compares; a question that is `sure` of another intent does not."""
        if not self.flow or (sure and intent not in self.intents):
            return False
        return any(re.search(word, text, re.IGNORECASE) for word in self.words)

    def sought(self, text: str, intent: str, *, sure: bool) -> str:
        """Which of a whole family `text` asks for: "which milk is cheapest"; "" for none."""
        if not self.flow or (sure and intent not in self.intents):
            return ""
        found = (n for n, words in self.extremes if any(re.search(w, text, re.I) for w in words))
        return next(found, "")

    @staticmethod
    def names(text: str) -> bool:
        """Whether `text` sets things against each other that it names: 北京和上海有什么区别."""
        return bool(_JOINED.search(text))


def named_in(products: Mapping[str, tuple[str, ...]], text: str) -> tuple[str, ...]:
    """Ids of the products of which `text` has a name, in its order.

    `products` gives each id its names. The longest name wins where two overlap, and of several
    products of one name the first stands for all.
    """
    called: dict[str, str] = {}
    for product, names in products.items():
        for name in names:
            called.setdefault(name.lower(), product)
    left, found = text.lower(), {}
    for name in sorted((name for name in called if name in left), key=len, reverse=True):
        for match in list(re.finditer(_bounded(name), left)):
            found[match.start()] = called[name]
            left = left[: match.start()] + " " * len(match[0]) + left[match.end() :]
    return tuple(dict.fromkeys(found[at] for at in sorted(found)))


def _bounded(name: str) -> str:
    latin = name.isascii()
    return rf"\b{re.escape(name)}s?\b" if latin else re.escape(name)
