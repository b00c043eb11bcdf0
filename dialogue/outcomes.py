"""Outcomes: what the shop answered, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dialogue.dates import DAY, made_on
from dialogue.domain import OPTION, Domain, Flow, options
from dialogue.policy import LISTED, Turned, ask, decide, not_sold, tell
from dialogue.stages import EXCEPT, STAGE
from dialogue.state import OTHER, drop, fact, leave, note, verified
from dialogue.types import ActionResult, Outcome, State


def conclude(domain: Domain, state: State, result: ActionResult) -> Turned:
    """The state after `result` and what is said or asked about it."""
    flow = domain.flows.get(state.flow or "")
    if flow is None:
        return _told(domain, state, result)
    if result.action == "verify_order":
        return _identified(domain, state, result)
    if result.action != flow.action:
        return _listed(domain, state, result)
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


def _listed(domain: Domain, state: State, result: ActionResult) -> Turned:
    """The customer's own orders are there to choose from; the only one is meant."""
    flow = domain.flows[state.flow or ""]
    orders = _fitting(domain, flow, state, result.facts.get("orders") or [])
    state = note(state, LISTED, len(orders))
    state = replace(state, listed=tuple(str(order["order_id"]) for order in orders))
    if len(orders) == 1:
        state = state.with_slot("order_id", state.listed[0])
    if len(orders) < 2:
        return state, decide(domain, state)
    return state, ask(state, "order_id", "one of their orders", because="mine", orders=orders)


def _fitting(
    domain: Domain, flow: Flow, state: State, orders: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Those of `orders` that the request may be about, by their day, what is in them and how far
    they are; all of them where none fits."""
    day = fact(state, DAY)
    orders = [o for o in orders if o.get("order_id") != fact(state, EXCEPT)] or orders
    orders = [o for o in orders if made_on(str(o.get("placed_at")), domain) == day] or orders
    orders = [o for o in orders if o.get("status") == fact(state, STAGE)] or orders
    wanted = set(options(state.slot("product") or ""))
    with_it = [o for o in orders if wanted & {str(i.get("product")) for i in o.get("items", ())}]
    likely = with_it or orders
    return [o for o in likely if o.get("status") in flow.states] or likely


def _refused(domain: Domain, state: State, result: ActionResult) -> Turned:
    flow = domain.flows[state.flow or ""]
    retry = dict(flow.retry).get(result.code)
    if retry:
        return _retry(state, retry, result)
    product = state.slot("product") if flow.identity == "none" else None
    if product and result.code == "not_found" and "tell.not_sold" in domain.wording:
        return not_sold(leave(domain, state), product)
    if result.code == "not_verified" and verified(state):
        order = state.slot("order_id") or ""
        seen = tuple(v for v in state.verified if v != order)
        foreign = tuple(dict.fromkeys((*state.foreign, order)))
        state = drop(replace(state, verified=seen, foreign=foreign), "phone_tail")
        return state, decide(domain, state)
    return _told(domain, state, result)


def _told(domain: Domain, state: State, result: ActionResult) -> Turned:
    parts = [result.action, result.outcome.value, *([result.code] if result.code else [])]
    values = {**dict(state.slots), **result.facts}
    decision = tell(".".join(parts), f"the shop answered {result.outcome.value}", **values)
    if orders := result.facts.get("orders"):
        state = replace(state, listed=tuple(str(order["order_id"]) for order in orders))
        state = state.with_slot("order_id", state.listed[0]) if len(orders) == 1 else state
    if state.slot(OTHER):
        told = [each.get("product") for each in result.facts.get("products") or ()]
        two = [p for p in told if p] or [state.slot("product"), state.slot(OTHER)]
        state = state.with_slot("product", OPTION.join(map(str, two)))
    final = result.outcome is Outcome.REFUSED or result.action in domain.irreversible
    ended = decision.topic if final else ""
    return replace(leave(domain, state), ended=ended), replace(decision, flow=state.flow)


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
