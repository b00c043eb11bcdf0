"""Outcomes: what the shop answered, and what follows from it."""

from __future__ import annotations

from dataclasses import replace

from dialogue.domain import Domain
from dialogue.policy import Turned, ask, decide, tell
from dialogue.state import drop, fact, leave, note, verified
from dialogue.types import ActionResult, Outcome, State


def conclude(domain: Domain, state: State, result: ActionResult) -> Turned:
    """The state after `result` and what is said or asked about it."""
    flow = domain.flows.get(state.flow or "")
    if flow is None:
        return _told(domain, state, result)
    if result.action == "verify_order":
        return _identified(domain, state, result)
    if result.outcome is Outcome.REFUSED:
        return _refused(domain, state, result)
    checking = flow.check and not fact(state, "checked")
    if checking and result.outcome is Outcome.DONE:
        state = _settled(domain, state, result)
        if any(not state.slot(name) for name in flow.slots):
            state = note(state, "possible", result.facts or {"ok": True})
            return state, decide(domain, state)
        state = note(state, "checked", result.facts or {"ok": True})
        return state, decide(domain, state)
    return _told(domain, state, result)


def _identified(domain: Domain, state: State, result: ActionResult) -> Turned:
    order = state.slot("order_id") or ""
    if result.outcome is Outcome.DONE:
        state = replace(state, verified=tuple(dict.fromkeys((*state.verified, order))))
        return state, decide(domain, state)
    if result.outcome is Outcome.REFUSED and result.code in ("mismatch", "not_found"):
        if state.verified and fact(state, "own_tail") != order:  # it was given for another order
            state = note(drop(state, "phone_tail"), "own_tail", order)
            return state, decide(domain, state)
        state = note(state, "rejected", [order, state.slot("phone_tail")])
        state = note(state, "tries_left", result.facts.get("tries_left"))
        return state, decide(domain, state)
    return _told(domain, drop(state, "order_id", "phone_tail"), result)


def _refused(domain: Domain, state: State, result: ActionResult) -> Turned:
    flow = domain.flows[state.flow or ""]
    retry = dict(flow.retry).get(result.code)
    if retry:
        return _retry(state, retry, result)
    if result.code == "not_verified" and verified(state):
        seen = tuple(v for v in state.verified if v not in ("*", state.slot("order_id")))
        state = drop(replace(state, verified=seen), "phone_tail")
        return state, decide(domain, state)
    return _told(domain, state, result)


def _told(domain: Domain, state: State, result: ActionResult) -> Turned:
    parts = [result.action, result.outcome.value, *([result.code] if result.code else [])]
    values = {**dict(state.slots), **result.facts}
    decision = tell(".".join(parts), f"the shop answered {result.outcome.value}", **values)
    return leave(domain, state), replace(decision, flow=state.flow)


def _retry(state: State, slot: str, result: ActionResult) -> Turned:
    """Another value of `slot` may mend the refusal: asks for it again, saying why."""
    retried = drop(state, slot)
    values = {name: value for name, value in result.facts.items() if name != slot}
    because = {**values, "because": result.code}
    return retried, ask(retried, slot, f"refused: {result.code}", **because)


def _settled(domain: Domain, state: State, result: ActionResult) -> State:
    """`state` with the product that the shop found to be meant: the only apple of an order."""
    for name, spec in domain.slots.items():
        if spec.type == "catalogue" and state.slot(name) and result.facts.get(name):
            state = state.with_slot(name, str(result.facts[name]))
    return state
