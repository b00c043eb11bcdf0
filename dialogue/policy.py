"""Policy: the next step of a flow, and how a request is first served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dialogue import cues
from dialogue.dates import DAY, day_meant
from dialogue.domain import Domain, Flow, arguments_of, options
from dialogue.followups import opened, says, worded
from dialogue.goods import goods_in, thing_named
from dialogue.stages import EXCEPT, STAGE, another_meant, stage_meant
from dialogue.state import OTHER, drop, enter, fact, forget, leave, note, verified
from dialogue.types import Act, Decision, State, Waiting

ASKS = 3
"""So often one thing is asked before a person is offered."""
BARE = 4
"""Words or characters up to which "how much?" needs no product to be about one."""
ELLIPTIC = 8
"""Words or characters up to which a question may leave its product unsaid: 能放几天."""
BRIEF = 5
"""Words or characters of a question that cannot be answered without a product."""
UNSOLD = 12
"""Words or characters of a question how to keep goods that the shop does not carry."""
LISTED = "listed"
"""Fact of a flow for which the customer's own orders were looked up."""

Turned = tuple[State, Decision]


def decide(domain: Domain, state: State) -> Decision:
    """The next step of the flow under way: identity, slots, offers, check, confirmation, action."""
    flow = domain.flows[state.flow or ""]
    if flow.identity == "order" and not verified(state):
        return _identify(domain, state, flow)
    missing = next((name for name in flow.slots if not state.slot(name)), None)
    if missing and flow.check and not fact(state, "possible"):
        return _check(state, flow)
    if missing:
        return ask(state, missing, "a required slot is missing")
    several = next((n for n in flow.slots if domain.open_choice(flow, n, state.slot(n) or "")), "")
    if several:
        return ask(state, several, "several products fit", because="which")
    return _act(domain, state, flow)


def ask(state: State, slot: str, reason: str, /, **because: Any) -> Decision:
    """Asks for `slot`, or offers a person when it was asked for too often."""
    if dict(state.asked).get(slot, 0) >= ASKS:
        return offer_person(state, f"{slot} was asked for {ASKS} times")
    values = tuple({**dict(state.slots), **because}.items())
    return Decision(Act.ASK, slot, values, state.flow, reason)


def offer_person(state: State, reason: str) -> Decision:
    """Asks whether a person should take over."""
    return Decision(Act.CONFIRM, "human_agent", flow=state.flow, reason=reason)


def hand_off(domain: Domain, state: State, topic: str) -> Turned:
    """The conversation waits for a person from now on."""
    gone = replace(leave(domain, state), owner="queue", waiting=(), failures=0, anger=0)
    decision = Decision(Act.HANDOFF, topic, state.slots, state.flow, f"hand-off: {topic}")
    return gone, decision


def confirm(domain: Domain, state: State) -> State:
    """`state` with exactly these arguments of the flow's action confirmed by the customer."""
    flow = domain.flows[state.flow or ""]
    return note(state, "confirmed", dict(_arguments(state, flow)))


def tell(topic: str, reason: str, /, **values: Any) -> Decision:
    """Says the fixed wording `topic`."""
    return Decision(Act.TELL, topic, tuple(values.items()), reason=reason)


def flow_for(
    domain: Domain, state: State, intent: str, query: str, heard: Mapping[str, str]
) -> Flow | None:
    """The flow that serves `intent`, if any; the price of a product has one: "how much is it"."""
    if heard.get(OTHER):
        return domain.flows[domain.comparison.flow]
    if asked := worded(domain, query):
        return asked if state.customer else domain.flow_of(asked.intents[0])
    about = domain.intents[intent]
    flow = domain.flow_of(intent)
    takes = flow is None or flow.identity == "order"
    at_hand = takes and (heard.get("order_id") or state.slot("order_id"))
    unsold = heard.get("product") in domain.unsold
    if says(query, about.general) and not (at_hand or unsold):
        return None
    if not about.product_flow:
        return flow
    short = ELLIPTIC if state.slot("product") else BARE
    meant = "product" in heard or cues.points(query) or cues.units(query) <= short
    priced = meant and says(query, about.product_words)
    return domain.flows[about.product_flow] if priced else flow


def serve(domain: Domain, state: State, intent: str, query: str, heard: dict[str, str]) -> Turned:
    """Starts what `intent` asks for: a flow, a fixed sentence, or an answer from the articles."""
    if "product" not in heard and not _still_meant(query):
        state = drop(state, "product") if state.flow is None else state
    if flow := flow_for(domain, state, intent, query, heard):
        return _begun(domain, state, intent, flow, query, heard)
    if domain.fixed(intent):
        return state, tell(intent, f"fixed wording for {intent}")
    before, state = state.topic, replace(state, topic=intent, ended="")
    if _which_product(domain, state, intent, query, heard):
        return replace(state, last=intent), tell("which_product", "no product was named")
    product = heard.get("product") or state.slot("product")
    about = "product" in heard or bool(domain.intents[intent].line)
    most = UNSOLD if domain.intents[intent].line else BRIEF
    if product in domain.unsold and about and cues.units(query) <= most:
        return not_sold(state, product or "")
    values: tuple[tuple[str, Any], ...] = (("product", product),) if product else ()
    if before != intent and cues.leans(query):
        values = (*values, ("beside", before))
    if product and domain.intents[intent].line:
        state = replace(state, last=intent)
        if len(options(product)) > 1 and not domain.alike(product, state.language):
            return state, ask(state, "product", "several fit", product=product, because="which")
    answer = Decision(Act.ANSWER, intent, values, reason=f"{intent} is answered", query=query)
    return state, answer


def _begun(
    domain: Domain, state: State, intent: str, flow: Flow, query: str, heard: dict[str, str]
) -> Turned:
    """`flow` under way; goods that the shop does not carry need none."""
    if flow.opening and flow.opening not in heard and (story := opened(state, flow, query)):
        heard = {**heard, flow.opening: story}
    # One put off is taken up by the same request.
    waiting = tuple(w for w in state.waiting if w[0] != intent or w[1])
    state = replace(state, topic=intent, ended="", waiting=waiting)
    if flow.identity == "none" and "product" in flow.takes:
        state = replace(state, last=flow.intents[0])
        if named := _not_carried(domain, query, heard):
            return not_sold(state, named[0], **named[1])
    started = enter(domain, _put_off(domain, state, flow), flow, heard)
    if flow.identity == "order" and "order_id" not in heard:
        started = told_apart(domain, started, query)
    return started, decide(domain, started)


def told_apart(domain: Domain, state: State, words: str) -> State:
    """`state` of a flow about the order that `words` tell from others by its day or by how far it
    is; the customer's own are looked at anew."""
    day, stage = day_meant(domain, state, words), stage_meant(domain, state, words)
    another = state.slot("order_id") if another_meant(state, words) else None
    if not (day or stage or another):
        return state
    state = drop(state, "order_id") if state.customer else state
    state = note(state, DAY, day) if day else state
    state = note(state, STAGE, stage) if stage else state
    state = note(state, EXCEPT, another) if another else state
    return forget(state, LISTED)


def _not_carried(
    domain: Domain, query: str, heard: Mapping[str, str]
) -> tuple[str, dict[str, str]] | None:
    """What is asked for and known not to be sold, or not known at all; None for what is there."""
    if product := heard.get("product"):
        return (product, {}) if product in domain.unsold and OTHER not in heard else None
    thing = thing_named(domain, query) if "tell.not_sold.unknown" in domain.wording else ""
    return (thing, {"because": "unknown"}) if thing else None


def others(domain: Domain, state: State, flow: Flow, request: Waiting) -> tuple[Waiting, ...]:
    """The same `request` for each further product in its words: "milk and eggs were bad"."""
    intent, words, heard = request
    if not flow.several or "product" not in dict(heard):
        return ()
    first = options(dict(heard)["product"])
    without = tuple((name, "declined") for name in flow.offer)
    return tuple(
        (intent, domain.product_name(product, state.language), (("product", product), *without))
        for product in goods_in(domain, words)
        if product not in first
    )


def not_sold(state: State, product: str, **because: str) -> Turned:
    """Says that the shop does not carry `product`."""
    told = tell("not_sold", "not in the range", product=product, **because)
    return drop(state, "product"), told


def _still_meant(query: str) -> bool:
    """Whether a question without a product may be about the one spoken of before."""
    return not query or cues.points(query) or cues.units(query) <= ELLIPTIC


def _which_product(
    domain: Domain, state: State, intent: str, query: str, heard: Mapping[str, str]
) -> bool:
    """Whether a question about a product names none: "how do I store it"."""
    named = heard.get("product") or state.slot("product")
    return bool(domain.intents[intent].line and query and not named) and cues.units(query) <= BRIEF


def _put_off(domain: Domain, state: State, flow: Flow) -> State:
    """`state` with the flow under way kept for later while `flow` only looks something up."""
    old = domain.flows.get(state.flow or "")
    looks_up = flow.identity != "order" or verified(state)
    if old is None or old == flow or not looks_up or flow.confirm:
        return state
    kept = (old.intents[0], "", state.slots)
    rest = tuple(w for w in state.waiting if w[0] != old.intents[0])
    return replace(state, waiting=(kept, *rest))


def _identify(domain: Domain, state: State, flow: Flow) -> Decision:
    order, tail = state.slot("order_id"), state.slot("phone_tail")
    for name, value in state.unsure:
        if state.slot(name) == value:
            return Decision(
                Act.CONFIRM, f"read_back.{name}", ((name, value),), flow.name, f"is {name} right"
            )
    if not order and state.customer and fact(state, LISTED) is None and (own := domain.own_orders):
        return Decision(Act.CALL, own.action, (), flow.name, "whose orders they are is known")
    if not order:
        dated = fact(state, DAY) and not (state.customer or dict(state.asked).get("order_id"))
        because = {"because": "dated"} if dated else {}
        return ask(state, "order_id", "identity needs an order number", **because)
    if not tail:
        first = not dict(state.asked).get("phone_tail")
        foreign = first and bool(state.customer) and order in state.foreign
        because = {"because": "foreign"} if foreign else {}
        return ask(state, "phone_tail", "identity needs the phone tail", **because)
    if fact(state, "rejected") == [order, tail]:
        left = fact(state, "tries_left")
        return ask(
            state, "phone_tail", "identity did not match", because="mismatch", tries_left=left
        )
    arguments = (("order_id", order), ("phone_tail", tail))
    return Decision(Act.CALL, "verify_order", arguments, flow.name, "identity first")


def _offer(domain: Domain, state: State, flow: Flow, slot: str) -> Decision:
    if dict(state.asked).get(slot, 0) >= 2:
        return decide(domain, state.with_slot(slot, "declined"))
    return Decision(Act.ASK, slot, state.slots, flow.name, f"{slot} is offered once")


def _act(domain: Domain, state: State, flow: Flow) -> Decision:
    arguments = _arguments(state, flow)
    if flow.check and not fact(state, "checked"):
        return _check(state, flow)
    offered = next((name for name in flow.offer if not state.slot(name)), None)
    if offered:
        return _offer(domain, state, flow, offered)
    if flow.confirm and fact(state, "confirmed") != dict(arguments):
        known = {**(fact(state, "checked") or {}), **dict(state.slots), **dict(flow.arguments)}
        return Decision(
            Act.CONFIRM, flow.action, tuple(known.items()), flow.name, "irreversible: confirm first"
        )
    return Decision(Act.CALL, flow.action, arguments, flow.name, "everything is known")


def _check(state: State, flow: Flow) -> Decision:
    arguments = _arguments(state, flow)
    return Decision(Act.CHECK, flow.action, arguments, flow.name, "could it be done at all")


def _arguments(state: State, flow: Flow) -> tuple[tuple[str, Any], ...]:
    """The action's arguments; an order that was not asked for goes along only if verified."""
    slots = dict(state.slots)
    if "order_id" in flow.optional and not verified(state):
        slots.pop("order_id", None)
    return arguments_of(flow, slots)
