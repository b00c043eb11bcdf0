"""Spelling: English words that customers mistype, mended by the pack's own words."""

from __future__ import annotations

import re

from rapidfuzz import fuzz, process

from dialogue.domain import Domain

CLOSE = 85
"""Likeness of letters in percent from which a word counts as mistyped."""
LETTERS = 4
"""Shorter words are not guessed at."""

_WORD = re.compile(r"[a-z']+", re.IGNORECASE)


class Speller:
    """Knows the words of a pack's English wording and descriptions."""

    def __init__(self, domain: Domain) -> None:
        told = [v for styles in domain.wording.values() for v in styles.get("en", ())]
        told += [about.descriptions.get("en", "") for about in domain.intents.values()]
        words = {word.lower() for text in told for word in _WORD.findall(text)}
        self._words = sorted(word for word in words if len(word) >= LETTERS)
        self._known = frozenset(words)

    def knows(self, word: str) -> bool:
        """Whether `word` is one of the pack's own."""
        return word.lower() in self._known

    def mended(self, text: str) -> str:
        """`text` with every mistyped word replaced by the pack's word that it is nearest to."""
        return _WORD.sub(lambda match: self._mend(match[0]), text)

    def _mend(self, word: str) -> str:
        if len(word) < LETTERS or self.knows(word):
            return word
        close = process.extractOne(word.lower(), self._words, scorer=fuzz.ratio, score_cutoff=CLOSE)
        return close[0] if close and close[0][0] == word[0].lower() else word
