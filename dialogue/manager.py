"""Manager: one event in, the next state and decision out; pure, without clock or I/O."""

from __future__ import annotations

from dataclasses import replace

from dialogue import cues
from dialogue.asides import missed, skip_offer, with_flow
from dialogue.domain import Domain, options
from dialogue.followups import SURE, leant_on
from dialogue.moves import PIECE, Move, MoveKind, read_move
from dialogue.outcomes import conclude
from dialogue.policy import (
    Turned,
    ask,
    confirm,
    decide,
    flow_for,
    hand_off,
    serve,
    settle,
    tell,
)
from dialogue.state import (
    changes,
    drop,
    fill,
    forget,
    heard_slots,
    leave,
    note,
    update,
)
from dialogue.types import (
    Act,
    ActionResult,
    Decision,
    Language,
    State,
    Understanding,
    Waiting,
)

WAITING = 3
"""Requests kept for later."""
HINTED = 0.6
"""Confidence from which a question that leans on the last topic may still start a flow."""


def start(language: Language, verified: tuple[str, ...] = ()) -> tuple[State, Decision]:
    """A new conversation and its greeting; `verified` holds what the host site vouches for."""
    return State(language=language, verified=verified), tell("start", "a new conversation")


def step(domain: Domain, state: State, event: Understanding | ActionResult) -> Turned:
    """The state after `event` and what is done next."""
    if isinstance(event, ActionResult):
        after, decision = conclude(domain, state, event)
    elif state.owner == "bot":
        after, decision = _listen(domain, state, event)
    else:
        return _overhear(domain, state, event)
    return settle(domain, after, decision)


def _overhear(domain: Domain, state: State, meaning: Understanding) -> Turned:
    state = update(domain, state, meaning)
    if state.owner == "queue" and cues.says_back(meaning.text):
        return replace(state, owner="bot", asked=()), tell("back_to_bot", "no person is wanted now")
    if state.owner == "queue" and not state.asked and "tell.queued" in domain.wording:
        return replace(state, asked=(("queue", 1),)), tell("queued", "nobody has taken over yet")
    return state, Decision(Act.SILENT, reason=f"the conversation belongs to the {state.owner}")


def _listen(domain: Domain, state: State, meaning: Understanding) -> Turned:
    move = read_move(domain, state, meaning)
    state = update(domain, state, meaning)
    state = replace(
        state,
        failures=_failures(state, move, meaning),
        waiting=_waiting(domain, state, meaning),
    )
    if state.anger >= domain.mood.person_after and move.kind is not MoveKind.INFORM:
        return hand_off(domain, state, "anger")
    after, decision = _react(domain, state, move, meaning)
    return after, decision if decision.reason else replace(decision, reason=move.reason)


def _failures(state: State, move: Move, meaning: Understanding) -> int:
    """Turns in a row not understood; a joke that was asked for neither counts nor ends them."""
    if move.kind is MoveKind.OUTSIDE and meaning.confidence >= SURE:
        return state.failures
    lost = move.kind in (MoveKind.UNCLEAR, MoveKind.OUTSIDE)
    return state.failures + 1 if lost else 0


def _waiting(domain: Domain, state: State, meaning: Understanding) -> tuple[Waiting, ...]:
    """What is still to be served with the turn's further requests, none of them twice."""
    kept = {intent: (intent, text, said) for intent, text, said in state.waiting}
    begun = domain.flow_of(meaning.intent)
    for request in meaning.also:
        flow = domain.flow_of(request.intent)
        same = request.intent == meaning.intent or (flow and begun and flow.action == begun.action)
        if request.intent in domain.intents and not same:
            said = tuple((s.name, s.value) for s in request.slots if s.name in domain.slots)
            kept[request.intent] = (request.intent, request.text, said)
    return tuple(kept.values())[:WAITING]


def _react(domain: Domain, state: State, move: Move, meaning: Understanding) -> Turned:
    match move.kind:
        case MoveKind.AFFIRM | MoveKind.DENY | MoveKind.CANCEL | MoveKind.CORRECT:
            return _steer(domain, state, move)
        case MoveKind.HUMAN:
            return hand_off(domain, state, "asked")
        case MoveKind.REPEAT:
            return state, Decision(Act.REPEAT, flow=state.flow, reason=move.reason)
        case MoveKind.INFORM:
            return _inform(domain, state, meaning)
        case MoveKind.LANGUAGE:
            state = replace(state, language="en" if move.topic == "en" else "zh")
            return with_flow(domain, state, tell("language", move.reason))
        case MoveKind.PICTURE:
            return _picture(domain, state, meaning)
        case MoveKind.OUTSIDE | MoveKind.UNCLEAR:
            return missed(domain, state, move, meaning)
        case MoveKind.REQUEST:
            return _request(domain, state, move.topic, meaning)


def _steer(domain: Domain, state: State, move: Move) -> Turned:
    if move.kind is MoveKind.AFFIRM:
        return _affirm(domain, state)
    if move.kind is MoveKind.DENY:
        return _deny(domain, state)
    if move.kind is MoveKind.CORRECT:
        return _correct(state, move.topic)
    return _stop(domain, state)


def _affirm(domain: Domain, state: State) -> Turned:
    if state.expects == "human_agent":
        return hand_off(domain, state, "failure")
    if state.flow is None:
        return serve(domain, state, "affirm", "", {})
    if state.expects == "read_back":
        state = replace(state, unsure=())
    if state.expects == "confirm":
        state = confirm(domain, state)
    return state, decide(domain, state)


def _deny(domain: Domain, state: State) -> Turned:
    if state.expects == "read_back":
        state = replace(drop(state, *dict(state.unsure)), unsure=())
        return state, decide(domain, state)
    flow = domain.flows.get(state.flow or "")
    if flow and state.expects in flow.offer:
        declined = state.with_slot(state.expects or "", "declined")
        return declined, decide(domain, declined)
    return _stop(domain, state)


def _stop(domain: Domain, state: State) -> Turned:
    return leave(domain, state), tell("stopped", "the customer dropped it", flow=state.flow or "")


def _correct(state: State, slot: str) -> Turned:
    if not slot:
        return state, ask(state, "correction", "something is wrong, but what")
    state = drop(state, slot)
    return state, ask(state, slot, f"{slot} is corrected")


def _inform(domain: Domain, state: State, meaning: Understanding) -> Turned:
    heard = heard_slots(domain, state, meaning)
    flow = domain.flows.get(state.flow or "")
    if piece := next((s.value for s in meaning.slots if s.name == PIECE), ""):
        return _piece(domain, state, piece)
    if flow and heard and not any(name in flow.takes for name in heard):
        state, flow = leave(domain, state), None
    progress = flow is not None and changes(state, flow, heard)
    state = fill(state, flow, domain, heard)
    ordered = "order_id" in heard
    if flow is None and len(options(heard.get("product", ""))) > 1 and not ordered:
        return state, ask(state, "product", "several fit", because="which", **heard)
    if flow is None:
        topic = "about_product" if set(heard) == {"product"} else "what_about"
        return state, tell(topic, "a value without a request", **heard)
    if progress:
        state = forget(state, PIECE)
        settled = {*heard, "aside"}
        state = replace(state, asked=tuple(p for p in state.asked if p[0] not in settled))
    return state, decide(domain, skip_offer(domain, state))


def _piece(domain: Domain, state: State, digits: str) -> Turned:
    """Keeps the beginning of a number and asks for the rest; starts over when it got too long."""
    slot = state.expects or ""
    missing = domain.slots[slot].digits - len(digits)
    if missing < 0:
        values = {"digits": digits, "because": "too_long"}
        state = forget(state, PIECE)
        return state, ask(state, slot, "too many digits", **values)
    state = note(state, PIECE, digits)
    state = replace(state, asked=tuple(pair for pair in state.asked if pair[0] != slot))
    values = {"digits": digits, "missing": str(missing), "because": "more"}
    return state, ask(state, slot, "digits are missing", **values)


def _picture(domain: Domain, state: State, meaning: Understanding) -> Turned:
    heard = heard_slots(domain, state, meaning)
    state = fill(state, None, domain, heard)
    if state.flow:
        return with_flow(domain, state, tell("picture.kept", "a picture in the middle of a flow"))
    if "order_id" in heard:
        return state, tell("picture.order", "an order number was read", **heard)
    if len(options(heard.get("product", ""))) > 1:
        return state, tell("picture.which", "a picture of one of several products", **heard)
    if "product" in heard:
        return state, tell("picture.product", "a product was recognised", **heard)
    return state, tell("picture.unknown", "nothing was recognised")


def _request(domain: Domain, state: State, intent: str, meaning: Understanding) -> Turned:
    if intent not in domain.intents:
        return with_flow(domain, state, tell("unclear", f"unknown intent {intent}"))
    heard, words = heard_slots(domain, state, meaning), _own_words(meaning)
    flow = flow_for(domain, state, intent, words, heard)
    about = leant_on(domain, state, meaning) if intent == meaning.intent else ""
    if about and not (flow and meaning.confidence >= HINTED):
        values = (("within", about),)
        answer = Decision(Act.ANSWER, intent, values, reason=f"about {about}", query=words)
        return with_flow(domain, state, answer)
    if flow:
        said = cues.units(words) >= flow.opening_units
        if flow.opening and flow.opening not in heard and said:
            heard[flow.opening] = words
        return serve(domain, state, intent, words, heard)
    if not domain.intents[intent].line:
        words = _without_product(words, meaning)
    if state.flow is None:
        state = fill(state, None, domain, heard)
        return serve(domain, state, intent, words, heard)
    first = serve(domain, state, intent, words, heard)[1]
    if first.topic == "which_product" and state.expects == "product":
        return state, decide(domain, state)
    if first.act is Act.ASK:
        return replace(leave(domain, state), last=intent), first
    return with_flow(domain, state, first)


def _without_product(words: str, meaning: Understanding) -> str:
    """`words` without the product they name: 退掉苹果 asks for returns, not for apples."""
    named = next((s.text for s in meaning.slots if s.name == "product" and s.text), "")
    rest = words.replace(named, " ").strip() if named else words
    return rest if cues.units(rest) >= 2 else words


def _own_words(meaning: Understanding) -> str:
    """What was said of the first request, where there are several."""
    end = meaning.text.find(meaning.also[0].text) if meaning.also else -1
    return meaning.text[:end] if end > 0 else meaning.text
