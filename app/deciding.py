"""Deciding: the manager stepped through one turn, asking the shop on the way."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field

from app.trace import Trace
from app.writing import Writing
from dialogue.again import told
from dialogue.domain import Domain
from dialogue.engines import Actions, Caller, Responder
from dialogue.manager import step
from dialogue.types import (
    Act,
    ActionResult,
    Decision,
    Outcome,
    ReplyPart,
    ReplyPlan,
    State,
    Turn,
    Understanding,
)

logger = logging.getLogger(__name__)

CALLS = 3
"""How often one turn may ask the shop."""


@dataclass(slots=True, eq=False)
class Answer:
    """What a turn came to, as far as it has got."""

    meaning: Understanding
    state: State
    decision: Decision
    results: list[ActionResult] = field(default_factory=list)
    plan: ReplyPlan | None = None
    said: list[ReplyPart] = field(default_factory=list)
    writing: Writing | None = None
    led: int = 0
    """Parts said before it was known what to say."""
    asked: str = ""
    """What came of asking a language model what was meant; "" where none was asked."""


class Decider:
    """Decides turns; whatever acts, acts here. Safe to share between threads."""

    def __init__(self, domain: Domain, actions: Actions) -> None:
        self._domain, self._actions = domain, actions

    def decide(
        self,
        turn: Turn,
        state: State,
        meaning: Understanding,
        trace: Trace,
        *,
        rehearsed: bool = False,
    ) -> Answer:
        """Steps the manager until it has something to say, asking the shop on the way."""
        domain = self._domain
        state = domain.forms.assigned(state, turn.conversation_id)
        with trace.span("policy"):
            answer = Answer(meaning, *step(domain, state, meaning))
        while answer.decision.act in (Act.CALL, Act.CHECK) and len(answer.results) < CALLS:
            with trace.span("shop"):
                result = self._act(turn, answer, len(answer.results), rehearsed=rehearsed)
            answer.results.append(result)
            with trace.span("policy"):
                answer.state, answer.decision = step(domain, answer.state, result)
        return answer

    def worded(
        self, answer: Answer, responder: Responder, turn: Turn, left: float = math.inf
    ) -> ReplyPlan:
        """The reply to `turn`; `answer` becomes another where the same was told often enough."""
        plan = responder.plan(answer.decision, turn, answer.meaning, answer.state, left)
        before = answer.decision
        answer.state, answer.decision = told(self._domain, answer.state, before, plan.clauses)
        if answer.decision is before:
            return plan
        return responder.plan(answer.decision, turn, answer.meaning, answer.state, left)

    def _act(self, turn: Turn, answer: Answer, number: int, *, rehearsed: bool) -> ActionResult:
        decision, state = answer.decision, answer.state
        key = f"{turn.conversation_id}:{turn.id}:{number}"
        caller = Caller(turn.conversation_id, key, state.verified, state.language, state.customer)
        doing = decision.act is Act.CALL and not rehearsed
        ask = self._actions.run if doing else self._actions.check
        try:
            return ask(decision.topic, dict(decision.arguments), caller)
        except ValueError:
            logger.exception("the shop could not be asked for %s", decision.topic)
            return ActionResult(decision.topic, Outcome.FAILED, "unreachable")
