"""Hybrid search: nearness of meaning beside shared words, then a second look by article."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from dialogue.domain import PACK_INTENTS
from dialogue.engines import Embedder, Passage, Vectors, VectorsAwayError
from dialogue.knowledge.affinity import Affinity
from dialogue.knowledge.articles import Article
from dialogue.knowledge.bm25 import Bm25, words
from dialogue.knowledge.coverage import Coverage, Lexicon
from dialogue.types import LANGUAGES, Language, Posterior
from dialogue.vectors import KeptVectors, LocalVectors, name_of

log = logging.getLogger(__name__)

CANDIDATES = 1000
"""Texts whose nearness counts; the others are taken to be as far as the last of these."""
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
        self,
        articles: Sequence[Article],
        embedder: Embedder,
        vectors: Vectors | None = None,
        lexicons: Mapping[Language, Lexicon] = MappingProxyType({}),
    ) -> None:
        """`vectors` keeps the texts' vectors and finds the nearest; without it memory does.

        `lexicons` know what is said.
        """
        self._embedder = embedder
        places = vectors or LocalVectors()
        self._shelves: dict[Language, _Shelf] = {}
        for language in LANGUAGES:
            own = [a for a in articles if a.language == language]
            lexicon = lexicons.get(language) or Lexicon()
            self._shelves[language] = _Shelf(own, embedder, places, f"articles-{language}", lexicon)

    def search(
        self,
        query: str,
        language: Language,
        topics: Posterior = (),
        n: int = 3,
        within: str = "",
        naming: str = "",
    ) -> tuple[Passage, ...]:
        """The `n` best articles' passages, best first; `topics` are the intents, if known.

        With `within` only of articles that answer this intent, with `naming` only of sections that
        say this.
        """
        found = self._shelves[language].search(query, self._embedder, topics)
        kept = [(p, article) for p, article in found if not within or within in article.topics]
        if not naming:
            return tuple(p for p, _ in kept)[:n]
        said = (replace(p, text=s) for p, article in kept for s in _saying(article, naming))
        return tuple(said)[:n]


class _Shelf:
    """The articles of one language."""

    def __init__(
        self,
        articles: Sequence[Article],
        embedder: Embedder,
        vectors: Vectors,
        shelf: str,
        lexicon: Lexicon,
    ) -> None:
        self._articles = [article.name for article in articles]
        self._coverage = Coverage(articles, lexicon)
        self._entries = [e for article in articles for e in _entries(article)]
        names = [e.article.name for e in self._entries]
        places = {name: place for place, name in enumerate(dict.fromkeys(names))}
        self._article_of = np.array([places[name] for name in names], dtype=np.intp)
        self._own = [np.flatnonzero(self._article_of == n).tolist() for n in places.values()]
        """Which texts belong to each article."""
        texts = [e.text for e in self._entries]
        self._vectors, self._shelf = vectors, shelf
        self._names = [name_of(text) for text in texts]
        self._bm25 = Bm25(texts or [""])
        rows = KeptVectors(embedder, vectors, shelf).embed(texts) if texts else None
        self._affinity = None if rows is None else Affinity(rows, self._own)

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
        gains = dict(zip(self._articles, self._coverage.gains(query), strict=True))

        def passage(place: int, score: float) -> tuple[Passage, Article]:
            entry = self._entries[place]
            sure = _assurance(entry, score, usual, topics) + gains[entry.article.name]
            return _passage(entry, score, sure), entry.article

        return [passage(place, score) for place, score in found]

    def _scores(
        self, query: str, asked: NDArray[np.float32], topics: Posterior
    ) -> NDArray[np.float32]:
        near = self._near(asked)
        shared = self._bm25.scores(query) / self._bm25.most(query)
        likely = dict(topics)
        meant = [
            min(1.0, sum(likely.get(t, 0.0) for t in self._entries[own[0]].article.topics))
            for own in self._own
        ]
        on_topic = np.array(meant, dtype=np.float32)[self._article_of]
        scores: NDArray[np.float32] = near + _WORDS * shared + _TOPIC * on_topic
        return scores

    def _near(self, asked: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            found = self._vectors.nearest(self._shelf, asked, CANDIDATES)
        except VectorsAwayError as error:
            log.warning("articles are searched by words alone, without their vectors: %s", error)
            return np.zeros(len(self._names), np.float32)
        floor = min(found.values(), default=0.0)
        return np.array([found.get(name, floor) for name in self._names], np.float32)


def _saying(article: Article, naming: str) -> list[str]:
    """The sections of `article` that say `naming`; the short answer, mostly told before, last."""
    short, *rest = article.sections or (None,)
    told = [section.text for section in (*rest, short) if section]
    wanted = set(words(naming))
    return [text for text in told if naming in text or (wanted and wanted <= set(words(text)))]


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
