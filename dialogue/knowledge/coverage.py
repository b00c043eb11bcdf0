"""Coverage: how much of a question's wording an article, and what customers say of its topic, know.

A question near the trade that no article answers ("do you deliver by drone") is near in meaning
and sure in intent; what gives it away is the word that nobody says of this topic.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from dialogue.domain import PACK_INTENTS
from dialogue.knowledge.articles import Article
from dialogue.knowledge.bm25 import words

_KNOWN = 0.5
"""What an answer gains when every word of the question is known on its topic, rare ones most,"""
_FOREIGN = 0.06
"""and loses per nat by which the words are likelier outside the trade than inside."""


class Lexicon:
    """The words of customers' lines, by what the lines want."""

    def __init__(self, lines: Iterable[tuple[str, str]] = ()) -> None:
        """`lines` are texts and their intents, in one language."""
        self.known: dict[str, set[str]] = defaultdict(set)
        """Intent to the words said of it."""
        self.inside: Counter[str] = Counter()
        self.outside: Counter[str] = Counter()
        self.lines, self.strange = 0, 0
        """How many lines are the business's own, and how many are outside."""
        for text, intent in lines:
            own = _words(text)
            outside = intent == PACK_INTENTS[-1]
            (self.outside if outside else self.inside).update(own)
            self.known[intent] |= own
            self.strange += outside
            self.lines += not outside


class Coverage:
    """Judges answers by the words of the question; 0 for all where no lines are known."""

    def __init__(self, articles: Sequence[Article], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        told = [_words(" ".join(_texts(article))) for article in articles]
        topics = [set().union(*(lexicon.known.get(t, ()) for t in a.topics)) for a in articles]
        self._known = [own | said for own, said in zip(told, topics, strict=True)]
        """Per article."""
        self._count = lexicon.inside + Counter(word for own in told for word in own)
        self._size = lexicon.lines + len(articles)

    def gains(self, question: str) -> list[float]:
        """What `question`'s words add to the assurance of each article."""
        asked = _words(question)
        if not asked or not self._lexicon.lines:
            return [0.0] * len(self._known)
        weights = {word: self._rarity(word) for word in asked}
        all_of_it = sum(weights.values())
        foreign = sum(self._foreign(word) for word in asked) / len(asked)
        known = (sum(w for word, w in weights.items() if word in own) for own in self._known)
        return [_KNOWN * part / all_of_it - _FOREIGN * foreign for part in known]

    def _rarity(self, word: str) -> float:
        return math.log(1 + (self._size + 0.5) / (self._count[word] + 0.5))

    def _foreign(self, word: str) -> float:
        """Log of how much likelier `word` is in a line outside the trade than inside."""
        outside = (self._lexicon.outside[word] + 0.5) / (self._lexicon.strange + 1)
        return math.log(outside / ((self._count[word] + 0.5) / (self._size + 1)))


def _words(text: str) -> set[str]:
    """The words of `text`; single Chinese characters say nothing."""
    return {word for word in words(text) if len(word) > 1 or word.isascii()}


def _texts(article: Article) -> list[str]:
    sections = (f"{section.heading} {section.text}" for section in article.sections)
    return [article.title, *article.questions, *sections]
