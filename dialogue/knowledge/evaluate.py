"""Evaluation of the search on questions whose articles are known, with the intents as served."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dialogue.engines import Knowledge
from dialogue.types import Language, Understanding

DEPTH = 10
"""Articles looked at for the mean reciprocal rank."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a customer asks, and the articles that answer it."""

    text: str
    language: Language
    articles: frozenset[str]
    """Any of them will do; none where no article answers it."""


@dataclass(frozen=True, slots=True)
class RetrievalScores:
    """The figures of `lingxi eval retrieval`; None where no question tells."""

    n: int
    recall_at_1: float | None
    """Of the questions that an article answers, as are the next two."""
    recall_at_3: float | None
    mrr: float | None
    """Mean reciprocal rank of the first right article among ten."""
    answer_rate: float | None
    """Share of those questions for which an article is given at all."""
    false_answer_rate: float | None
    """Share of the other questions for which one is given."""


def evaluate(
    knowledge: Knowledge,
    questions: Sequence[Question],
    understand: Callable[[Question], Understanding],
    threshold: Mapping[Language, float],
    outside: str,
) -> RetrievalScores:
    """Scores of `knowledge`; what is understood as `outside` or not at all gets no answer."""
    ranks: list[float] = []
    given: dict[bool, list[bool]] = {True: [], False: []}
    for question in questions:
        meaning = understand(question)
        found = knowledge.search(question.text, question.language, meaning.intents, DEPTH)
        refused = meaning.abstained or meaning.intent == outside
        sure = bool(found) and found[0].score >= threshold[question.language]
        given[bool(question.articles)].append(sure and not refused)
        if question.articles:
            places = (i for i, p in enumerate(found, 1) if p.article in question.articles)
            ranks.append(1 / next(places, float("inf")))
    return RetrievalScores(
        n=len(questions),
        recall_at_1=_share([rank == 1 for rank in ranks]),
        recall_at_3=_share([rank >= 1 / 3 for rank in ranks]),
        mrr=sum(ranks) / len(ranks) if ranks else None,
        answer_rate=_share(given[True]),
        false_answer_rate=_share(given[False]),
    )


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None
