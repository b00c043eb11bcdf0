"""Hybrid search: nearness of meaning beside shared words, then a second look by article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dialogue.domain import PACK_INTENTS
from dialogue.engines import Embedder, Passage
from dialogue.knowledge.affinity import Affinity
from dialogue.knowledge.articles import Article
from dialogue.knowledge.bm25 import Bm25
from dialogue.types import LANGUAGES, Language, Posterior
from dialogue.vectors import KeptVectors

_WORDS = 0.2
"""Weight of shared words beside nearness of meaning."""
_TOPIC = 0.01
"""What an article gains when it surely answers the intent: a wrong one must not outweigh words."""
_AFFINITY = 0.2
"""What an article gains when all texts together say that the question is its own."""
_KIN = 5
"""An article is judged by its best text and by the mean of so many of its best,"""
_KINSHIP = 2.0
"""which counts so much more."""
_NEXT, _LAST = 4, 10
"""An answer is the surer the further it stands above the articles on these places."""
_OUTSIDE, _MEANT = 0.3, 0.04
"""What the intent's being outside takes from that, and its being the article's topic adds."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One searchable text and the answer it leads to."""

    article: Article
    text: str
    answer: str


class KnowledgeIndex:
    """Implements `Knowledge` over the articles of a pack, in memory."""

    def __init__(
        self, articles: Sequence[Article], embedder: Embedder, cache: Path | None = None
    ) -> None:
        """`cache` is a folder that keeps vectors between starts."""
        self._embedder = embedder
        self._shelves: dict[Language, _Shelf] = {}
        for language in LANGUAGES:
            file = cache and cache / f"articles-{language}.npz"
            kept = KeptVectors(embedder, file) if file else embedder
            self._shelves[language] = _Shelf([a for a in articles if a.language == language], kept)

    def search(
        self,
        query: str,
        language: Language,
        topics: Posterior = (),
        n: int = 3,
        within: str = "",
    ) -> tuple[Passage, ...]:
        """The `n` best articles' passages, best first; `topics` are the intents, if known.

        With `within` only of articles that answer this intent.
        """
        found = self._shelves[language].search(query, self._embedder, topics)
        return tuple(p for p, article in found if not within or within in article.topics)[:n]


class _Shelf:
    """The articles of one language."""

    def __init__(self, articles: Sequence[Article], embedder: Embedder) -> None:
        self._entries = [e for article in articles for e in _entries(article)]
        names = [e.article.name for e in self._entries]
        places = {name: place for place, name in enumerate(dict.fromkeys(names))}
        self._article_of = np.array([places[name] for name in names], dtype=np.intp)
        self._own = [np.flatnonzero(self._article_of == n).tolist() for n in places.values()]
        """Which texts belong to each article."""
        texts = [e.text for e in self._entries]
        self._vectors = embedder.embed(texts) if texts else np.zeros((0, 1), np.float32)
        self._bm25 = Bm25(texts or [""])
        self._affinity = Affinity(self._vectors, self._own) if texts else None

    def search(
        self, query: str, embedder: Embedder, topics: Posterior
    ) -> list[tuple[Passage, Article]]:
        """The best passage of each article, best first."""
        if not self._entries:
            return []
        asked = embedder.embed([query])[0]
        scores = self._scores(query, asked, topics)
        assert self._affinity is not None
        claims = _AFFINITY * self._affinity.scores(asked)
        judged = (_judged(own, scores) for own in self._own)
        found = [(best, score + float(c)) for (best, score), c in zip(judged, claims, strict=True)]
        found.sort(key=lambda pair: -pair[1])
        rest = [score for _, score in found[_NEXT:_LAST]] or [found[-1][1]]
        usual = sum(rest) / len(rest)
        entries = ((self._entries[i], score) for i, score in found)
        return [
            (_passage(entry, score, _assurance(entry, score, usual, topics)), entry.article)
            for entry, score in entries
        ]

    def _scores(
        self, query: str, asked: NDArray[np.float32], topics: Posterior
    ) -> NDArray[np.float32]:
        near = self._vectors @ asked
        shared = self._bm25.scores(query) / self._bm25.most(query)
        likely = dict(topics)
        meant = [
            min(1.0, sum(likely.get(t, 0.0) for t in self._entries[own[0]].article.topics))
            for own in self._own
        ]
        on_topic = np.array(meant, dtype=np.float32)[self._article_of]
        scores: NDArray[np.float32] = near + _WORDS * shared + _TOPIC * on_topic
        return scores


def _judged(own: Sequence[int], scores: NDArray[np.float32]) -> tuple[int, float]:
    """The best text of an article, and the article's score: near texts vouch for each other."""
    ranked = sorted(own, key=lambda i: -scores[i])
    kin = float(np.mean([scores[i] for i in ranked[:_KIN]]))
    return ranked[0], (float(scores[ranked[0]]) + _KINSHIP * kin) / (1 + _KINSHIP)


def _entries(article: Article) -> list[_Entry]:
    """An entry per section, and one per written question that leads to the short answer."""
    short = article.sections[0].text if article.sections else ""
    asked = [_Entry(article, q, short) for q in (article.title, *article.questions)]
    told = [
        _Entry(article, f"{article.title} {s.heading} {s.text}", s.text) for s in article.sections
    ]
    return asked + told


def _assurance(entry: _Entry, score: float, usual: float, topics: Posterior) -> float:
    """How surely it answers: by itself, above others, on the intent, and not outside."""
    likely = dict(topics)
    outside = likely.get(PACK_INTENTS[-1], 0.0)
    meant = min(1.0, sum(likely.get(topic, 0.0) for topic in entry.article.topics))
    return score + (score - usual) - _OUTSIDE * outside + _MEANT * meant


def _passage(entry: _Entry, score: float, assurance: float) -> Passage:
    article = entry.article
    return Passage(article.name, article.title, entry.answer, score, article.image, assurance)
