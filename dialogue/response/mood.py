"""Mood: what is added to a reply to an angry customer, by the pack's own rules."""

from __future__ import annotations

from dataclasses import replace

from dialogue.domain import Domain
from dialogue.response.suggestions import worded
from dialogue.response.wording import Wording
from dialogue.types import Act, Decision, ReplyPlan, State


def soothed(
    plan: ReplyPlan, domain: Domain, wording: Wording, decision: Decision, state: State
) -> ReplyPlan:
    """`plan` with an apology before an article, and the offer of a person, each with its reason.

    Articles have no tone of their own; all other wording is chosen in the tone "sorry". Only the
    first of several angry turns gets the extra sentence.
    """
    reasons = [plan.reason, "sorry: an angry turn"]
    clauses, suggestions = plan.clauses, plan.suggestions
    if decision.act is Act.ANSWER and state.anger <= 1 and wording.has("mood.sorry"):
        clauses = (wording.say(("mood.sorry",), state.language, {}), *clauses)
        reasons.append("apology first")
    offered = tuple(worded(wording, "person", state.language, {}))
    if decision.act is not Act.HANDOFF and state.anger >= domain.mood.offer_after:
        suggestions = (*offered, *(s for s in suggestions if s not in offered))
        reasons.append(f"a person offered: {state.anger} angry turns in a row")
    return replace(plan, clauses=clauses, suggestions=suggestions, reason="; ".join(reasons))
