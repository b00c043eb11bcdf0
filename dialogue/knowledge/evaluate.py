"""Evaluation of the search on questions whose articles are known, with the intents as served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dialogue.engines import Knowledge
from dialogue.types import Language, ReplyPlan, Understanding

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
    right_rate: float | None
    """Share for which a right one is given."""
    false_answer_rate: float | None
    """Share of the other questions for which one is given."""
    sure_rate: float | None
    """As `answer_rate`, of answers given without "is this about …?"."""
    false_sure_rate: float | None
    """As `false_answer_rate`, of such answers."""


def evaluate(
    knowledge: Knowledge,
    questions: Sequence[Question],
    understand: Callable[[Question], Understanding],
    reply: Callable[[Question, Understanding], ReplyPlan | None],
) -> RetrievalScores:
    """Scores of `knowledge`, and of the first answers that `reply`, the line, gives with it."""
    ranks: list[float] = []
    right: list[bool] = []
    given: dict[bool, list[bool]] = {True: [], False: []}
    surely: dict[bool, list[bool]] = {True: [], False: []}
    for question in questions:
        meaning = understand(question)
        plan = reply(question, meaning)
        told = plan is not None and bool(plan.sources)
        given[bool(question.articles)].append(told)
        surely[bool(question.articles)].append(told and plan is not None and not plan.doubtful)
        if question.articles:
            found = knowledge.search(question.text, question.language, meaning.intents, DEPTH)
            places = (i for i, p in enumerate(found, 1) if p.article in question.articles)
            ranks.append(1 / next(places, float("inf")))
            right.append(plan is not None and bool(question.articles & set(plan.sources)))
    return RetrievalScores(
        n=len(questions),
        recall_at_1=_share([rank == 1 for rank in ranks]),
        recall_at_3=_share([rank >= 1 / 3 for rank in ranks]),
        mrr=sum(ranks) / len(ranks) if ranks else None,
        answer_rate=_share(given[True]),
        right_rate=_share(right),
        false_answer_rate=_share(given[False]),
        sure_rate=_share(surely[True]),
        false_sure_rate=_share(surely[False]),
    )


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None
