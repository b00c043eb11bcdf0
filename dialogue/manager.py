"""Manager: one event in, the next state and decision out; pure, without clock or I/O."""

from __future__ import annotations

from dataclasses import replace

from dialogue.asides import missed, skip_offer, with_flow
from dialogue.domain import Domain, options
from dialogue.evidence import own_words, requests, without_product
from dialogue.followups import SURE, asks_value, gone_on, leant_on, told_before
from dialogue.kinds import NOTHING, STOPPED, Move, MoveKind
from dialogue.moves import PIECE, YES_NO, read_move
from dialogue.outcomes import conclude
from dialogue.photos import picture, shown
from dialogue.policy import (
    Turned,
    ask,
    confirm,
    decide,
    flow_for,
    hand_off,
    not_sold,
    offer_person,
    others,
    serve,
    tell,
    told_apart,
)
from dialogue.queue import comes_back, overhear
from dialogue.rest import resumed
from dialogue.settling import settle
from dialogue.state import (
    OTHER,
    changes,
    drop,
    fill,
    forget,
    further,
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
)

REPEATS = 2
"""So often in a row the same is told again before a person is offered."""
REASON = "why"
"""Wording, and counter, of the reason of a refusal."""
HINTED = 0.6
"""Confidence from which a question that leans on the last topic may still start a flow."""


def start(language: Language, customer: str = "") -> tuple[State, Decision]:
    """A new conversation and its greeting; `customer` is whom the host site vouches for."""
    return State(language=language, customer=customer), tell("start", "a new conversation")


def step(domain: Domain, state: State, event: Understanding | ActionResult) -> Turned:
    """The state after `event` and what is done next."""
    if isinstance(event, ActionResult):
        after, decision = conclude(domain, state, event)
    elif state.owner == "bot" or comes_back(domain, state, event):
        after, decision = _listen(domain, replace(state, owner="bot"), event)
    else:
        return overhear(domain, state, event)
    return settle(domain, after, decision)


def _listen(domain: Domain, state: State, meaning: Understanding) -> Turned:
    move = read_move(domain, state, meaning)
    state = update(domain, state, meaning)
    if move.kind is not MoveKind.REPEAT:
        state = replace(state, asked=tuple(pair for pair in state.asked if pair[0] != "repeat"))
    state = replace(
        state,
        failures=_failures(state, move, meaning),
        waiting=further(domain, state, meaning),
    )
    if state.anger >= domain.mood.person_after and move.kind is not MoveKind.INFORM:
        return hand_off(domain, state, "anger")
    after, decision = _react(domain, state, move, meaning)
    after = resumed(state, after, decision)
    return after, decision if decision.reason else replace(decision, reason=move.reason)


def _failures(state: State, move: Move, meaning: Understanding) -> int:
    """Turns in a row not understood; a joke or a "hm" neither counts nor ends them."""
    joke = move.kind is MoveKind.OUTSIDE and meaning.confidence >= SURE
    if joke or (move.reason == NOTHING and state.flow is None):
        return state.failures
    lost = move.kind in (MoveKind.UNCLEAR, MoveKind.OUTSIDE)
    return state.failures + 1 if lost else 0


def _react(domain: Domain, state: State, move: Move, meaning: Understanding) -> Turned:
    match move.kind:
        case MoveKind.AFFIRM | MoveKind.DENY | MoveKind.CANCEL | MoveKind.CORRECT:
            return _steer(domain, state, move)
        case MoveKind.HUMAN:
            return hand_off(domain, state, "asked")
        case MoveKind.REPEAT:
            return _again(domain, state, move)
        case MoveKind.REASON | MoveKind.LACKS | MoveKind.QUESTION:
            return _explain(domain, state, move, meaning.text)
        case MoveKind.INFORM:
            return _inform(domain, state, meaning)
        case MoveKind.LANGUAGE:
            state = replace(state, language="en" if move.topic == "en" else "zh")
            return with_flow(domain, state, tell("language", move.reason))
        case MoveKind.PICTURE:
            return picture(domain, state, meaning)
        case MoveKind.OUTSIDE | MoveKind.UNCLEAR:
            return missed(domain, state, move, meaning)
        case MoveKind.REQUEST:
            return _request(domain, state, move.topic, meaning)


def _again(domain: Domain, state: State, move: Move) -> Turned:
    """The last answer once more; what was twice told in vain is for a person to tell."""
    times = dict(state.asked).get("repeat", 0) + 1
    if times > REPEATS and state.expects == "human_agent":
        return hand_off(domain, state, "failure")
    if times > REPEATS and state.expects not in YES_NO:
        decision = offer_person(state, f"asked to repeat {times} times")
    else:
        decision = Decision(Act.REPEAT, flow=state.flow, reason=move.reason)
    state = replace(state, asked=tuple({**dict(state.asked), "repeat": times}.items()))
    return state, decision


def _explain(domain: Domain, state: State, move: Move, words: str) -> Turned:
    """What is asked of a request; where a value is found; or which rule refused it, and what can
    be done: whom that does not satisfy a person may help."""
    if move.kind is MoveKind.QUESTION:
        asked = Decision(Act.ANSWER, move.topic, reason=move.reason, query=words)
        return with_flow(domain, state, asked)
    if move.kind is MoveKind.LACKS:
        key = f"lacks.{move.topic}"
        state = replace(state, asked=tuple({**dict(state.asked), key: 1}.items()))
        return with_flow(domain, state, tell(key, move.reason))
    if not state.ended:
        return state, offer_person(state, move.reason)
    if dict(state.asked).get(REASON):
        return state, offer_person(state, "the reason was told before")
    told = tell(f"{REASON}.{state.ended}", move.reason)
    counted = tuple({**dict(state.asked), REASON: 1}.items())
    return with_flow(domain, replace(state, asked=counted), told)


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
    if state.flow is None:
        return state, tell("deny", "nothing was under way, and no person is wanted")
    told = tell("stopped", "the customer dropped it", flow=state.flow)
    return replace(leave(domain, state), ended=STOPPED), told


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
    which = flow is not None and state.expects == "order_id" and "order_id" not in heard
    if which and (marked := told_apart(domain, state, meaning.text)) != state:
        return marked, decide(domain, marked)
    if flow and heard and not any(name in flow.takes for name in heard):
        state, flow = leave(domain, state), None
    progress = flow is not None and changes(state, flow, heard)
    state = fill(state, flow, domain, heard)
    ordered = "order_id" in heard
    if flow is None and len(options(heard.get("product", ""))) > 1 and not ordered:
        return state, ask(state, "product", "several fit", because="which", **heard)
    alone = set(heard) == {"product"}
    if flow is None and alone and heard["product"] in domain.unsold:
        return not_sold(state, heard["product"])
    if flow is None:
        topic = "about_product" if alone else "what_about"
        return state, tell(topic, "a value without a request", **heard)
    if progress:
        state = forget(state, PIECE)
        settled = {*heard, "aside"}
        state = replace(state, asked=tuple(p for p in state.asked if p[0] not in settled))
    if flow and meaning.intent in flow.begins and requests(domain, meaning):
        said = tuple((n, v) for n, v in heard.items() if n == "product")
        state = replace(state, waiting=((meaning.intent, meaning.text, said), *state.waiting))
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


def _request(domain: Domain, state: State, intent: str, meaning: Understanding) -> Turned:
    if intent not in domain.intents:
        return with_flow(domain, state, tell("unclear", f"unknown intent {intent}"))
    heard, words = heard_slots(domain, state, meaning), own_words(meaning)
    heard = shown(state, words, heard)
    flow = flow_for(domain, state, intent, words, heard)
    if OTHER not in heard and (answer := _leaning(domain, state, intent, meaning, bool(flow))):
        return with_flow(domain, state, answer)
    if flow:
        more = others(domain, state, flow, (intent, words, tuple(heard.items())))
        state = replace(state, waiting=(*more, *state.waiting))
        begun = serve(domain, state, intent, words, heard)
        aside = begun[1].topic == "not_sold"
        return with_flow(domain, state, begun[1]) if aside and state.flow else begun
    if not domain.intents[intent].line:
        words = without_product(domain, intent, words, meaning)
    if state.flow is None:
        state = fill(state, None, domain, heard)
        return serve(domain, state, intent, words, heard)
    first = serve(domain, state, intent, words, heard)[1]
    if first.topic == "which_product" and state.expects == "product":
        return state, decide(domain, state)
    if first.act is Act.ASK:
        return replace(leave(domain, state), last=intent), first
    looks_up = domain.flows[state.flow].identity == "none"
    if intent == "goodbye" or (intent == "thanks" and looks_up):
        return leave(domain, state), first
    return with_flow(domain, state, first)


def _leaning(
    domain: Domain, state: State, intent: str, meaning: Understanding, served: bool
) -> Decision | None:
    """The answer to a question that leans on the last topic, where the turn is one.

    `served` is whether a flow serves the intent.
    """
    words, own = own_words(meaning), intent == meaning.intent
    if domain.intents[intent].line and state.slot("product"):
        return None
    if naming := gone_on(domain, state, meaning) if own else "":
        values = (("within", state.topic), ("naming", naming))
        return Decision(Act.ANSWER, intent, values, reason=f"{state.topic} goes on", query=words)
    about = leant_on(domain, state, meaning) if own else ""
    if about and (told := told_before(state, words)):
        again = (("told", told),)
        return Decision(Act.REPEAT, intent, again, reason="the last answer told it")
    if about and not (served and meaning.confidence >= HINTED):
        lean = (("within", about), ("bare", asks_value(words)))
        return Decision(Act.ANSWER, intent, lean, reason=f"about {about}", query=words)
    return None
