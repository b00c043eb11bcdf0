"""Planner: a decision becomes sentences, cards and quick replies in the form that fits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import UTC, datetime
from typing import Any

from dialogue.domain import Domain
from dialogue.engines import Knowledge
from dialogue.response.answers import Answers, Piece
from dialogue.response.cards import cards_for, product_card
from dialogue.response.form import shaped
from dialogue.response.keys import keys_for
from dialogue.response.mood import soothed
from dialogue.response.suggestions import suggestions_for
from dialogue.response.values import values_of
from dialogue.response.wording import Wording, sentences
from dialogue.state import QUESTIONS, upset
from dialogue.types import (
    Act,
    Card,
    Decision,
    Language,
    Posterior,
    ReplyPlan,
    State,
    Turn,
    Understanding,
)

_QUESTIONS = (Act.ASK, Act.CONFIRM)
_PRODUCT_TOPICS = ("picture.product", "about_product")


def _now() -> datetime:
    return datetime.now(UTC)


class Planner:
    """Words decisions with a pack's wording and articles (the seam `Responder`)."""

    def __init__(
        self, domain: Domain, knowledge: Knowledge, clock: Callable[[], datetime] = _now
    ) -> None:
        """`clock` tells the time with its zone, for "today at 6:30 pm"."""
        self._domain, self._clock = domain, clock
        self._wording = Wording(domain)
        self._answers = Answers(domain, knowledge, self._wording)

    def at(self, moment: datetime) -> Planner:
        """The same, words said so far included, to whom it is always `moment`."""
        there = copy(self)
        there._clock = lambda: moment
        return there

    @property
    def used(self) -> frozenset[str]:
        """Keys of the wording that were said so far."""
        return frozenset(self._wording.used)

    def plan(
        self,
        decision: Decision,
        turn: Turn,
        meaning: Understanding,
        state: State,
        left: float = math.inf,
    ) -> ReplyPlan:
        """The whole reply to `turn`, clause by clause; `left` seconds until it is late."""
        if decision.act is Act.SILENT:
            return ReplyPlan(state.language, (), ("text",), "a person owns the conversation")
        tone = self._tone(decision, meaning, state)
        plan = self._worded(decision, state, tone, turn.id, meaning.intents)
        angry = self._domain.is_angry(meaning)
        rules, text = self._domain.forms, meaning.text
        plan = shaped(plan, rules, decision, turn, state, text=text, left=left, angry=angry)
        if angry:
            return soothed(plan, self._domain, self._wording, decision, state)
        return plan

    def greet(self, decision: Decision, state: State) -> ReplyPlan:
        """The greeting of `manager.start`, before there is any turn."""
        return self._worded(decision, state, "warm", state.language)

    def _worded(
        self, decision: Decision, state: State, tone: str, seed: str, intents: Posterior = ()
    ) -> ReplyPlan:
        told = (*decision.before, decision)
        pieces = [self._piece(each, state, tone, seed, intents) for each in told]
        values = self._values(decision, state.language)
        return ReplyPlan(
            language=state.language,
            clauses=tuple(s for piece in pieces for s in _clauses(piece.text, decision.act)),
            forms=("text",),
            reason="text always",
            cards=tuple(card for piece in pieces for card in piece.cards),
            suggestions=suggestions_for(
                self._domain, self._wording, decision, state.language, values, state.listed
            ),
            tone=tone,
            sources=tuple(source for piece in pieces for source in piece.sources),
            grounds=pieces[0].grounds if len(pieces) == 1 else (),
            doubtful=any(piece.doubtful for piece in pieces),
        )

    def _piece(
        self, decision: Decision, state: State, tone: str, seed: str, intents: Posterior
    ) -> Piece:
        language = state.language
        if decision.act is Act.ANSWER:
            return self._answers.answer(decision, state, tone, seed, intents)
        if decision.act is Act.REPEAT and state.said:
            told = dict(decision.arguments).get("told") or state.said
            return Piece("\n".join(told))
        values, facts = self._values(decision, language), dict(decision.arguments)
        keys = keys_for(decision, state)
        if decision.act is Act.HANDOFF and not self._domain.people.there(self._clock()):
            keys = (*(key for key in ("handoff.closed",) if self._wording.has(key)), *keys)
        text = self._wording.say(keys, language, values, tone=tone, seed=seed, avoid=state.said)
        if tone == "sorry" and decision.act in _QUESTIONS:
            text = self._regretted(text, keys, values, state, seed)
        return Piece(text, self._cards(decision, facts, language))

    def _regretted(
        self, text: str, keys: Sequence[str], values: Mapping[str, str], state: State, seed: str
    ) -> str:
        """`text` of a question after an apology, where it holds none and none was just made."""
        sorry, language = "mood.sorry", state.language
        toned = self._wording.has_tone(keys, language, values, "sorry")
        if toned or state.anger > 1 or not self._wording.has(sorry):
            return text
        said = self._wording.say((sorry,), language, {}, seed=seed, avoid=state.said)
        return f"{said}\n{text}"

    def _cards(
        self, decision: Decision, facts: Mapping[str, Any], language: Language
    ) -> tuple[Card, ...]:
        if decision.act is Act.TELL and decision.topic in _PRODUCT_TOPICS:
            card = product_card(self._domain, str(facts.get("product")), language)
            return (card,) if card else ()
        addressed = decision.act is Act.CONFIRM and facts.get("address")
        if addressed or (decision.act is Act.TELL and ".done" in decision.topic):
            return cards_for(self._domain, self._wording, facts, language, self._clock())
        return ()

    def _values(self, decision: Decision, language: Language) -> dict[str, str]:
        return values_of(self._domain, self._wording, decision, language, self._clock())

    def _tone(self, decision: Decision, meaning: Understanding, state: State) -> str:
        """The pack's for what it is about; a flow is sorry in its first question, not in each."""
        if upset(self._domain, meaning):
            return "sorry"
        flow = self._domain.flows.get(decision.flow or "")
        topics = flow.intents if flow else (decision.topic,)
        found = [self._domain.intents[t].tone for t in topics if t in self._domain.intents]
        tone = found[0] if found else "plain"
        once = tone == "sorry" and decision.act in _QUESTIONS
        return "plain" if once and dict(state.asked).get(QUESTIONS, 0) > 1 else tone


def _clauses(text: str, act: Act) -> tuple[str, ...]:
    lines = text.split("\n")
    return tuple(lines) if act is Act.REPEAT else tuple(s for x in lines for s in sentences(x))
