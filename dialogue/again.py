"""Again: an answer that would be told for the third time in a row, and what is said instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dialogue.domain import Domain
from dialogue.policy import Turned, ask, offer_person
from dialogue.settling import settle
from dialogue.state import drop, enter
from dialogue.types import Act, Decision, State

TIMES = 2
"""So often in a row the same is told; who then asks once more wants something else."""
SAME = "same"
"""Why a person is offered: `confirm.human_agent.same`."""
OTHER_ORDER = "other"
"""Why an order number is asked for: `ask.order_id.other`."""
_OWN_WORDS = ("not_sold", "which_product", "what_about")
"""Sentences told about something that was named, as outcomes are."""


def told(domain: Domain, state: State, decision: Decision, clauses: Sequence[str]) -> Turned:
    """What is told after all: `decision`, worded as `clauses`, or, where that was told twice and
    nothing else since, an honest word and the offer of a person."""
    content = _content(decision, clauses)
    if decision.act is Act.REPEAT:
        return state, decision
    times = state.times + 1 if content and content == state.told else 1
    if times <= TIMES:
        state = replace(state, told=content, times=times)
        return _refused_again(domain, state, decision) if times > 1 else (state, decision)
    # Whoever wants no person is told it once more before a person is offered again.
    state = replace(state, told=content, times=1)
    reason = f"the same was told {TIMES} times"
    offered = replace(offer_person(state, reason), arguments=(("because", SAME),))
    return settle(domain, replace(state, waiting=()), offered)


def _refused_again(domain: Domain, state: State, decision: Decision) -> Turned:
    """Whether another order is meant, where the same is refused of the same order once more."""
    flow, order = domain.flows.get(decision.flow or ""), state.slot("order_id")
    key = f"ask.order_id.{OTHER_ORDER}"
    # Only where it depends on how far an order is will another one fare better.
    of_order = flow is not None and bool(flow.states) and ".refused" in decision.topic
    if flow is None or not (of_order and order and key in domain.wording):
        return state, decision
    state = enter(domain, drop(state, "order_id"), flow, {})
    values = {"order_id": order, "because": OTHER_ORDER}
    return settle(domain, state, ask(state, "order_id", "the same was refused before", **values))


def _content(decision: Decision, clauses: Sequence[str]) -> str:
    """What an answer amounts to, in whatever words; "" for what is no answer to a question."""
    if decision.act is Act.ANSWER:
        return "\n".join(clauses)
    about = "." in decision.topic or decision.topic in _OWN_WORDS
    if decision.act is not Act.TELL or not about:
        return ""
    return repr((decision.topic, decision.arguments, [d.topic for d in decision.before]))
