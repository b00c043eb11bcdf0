"""State kept up to date: what a turn adds to it, and its JSON form."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any, Literal

from dialogue import cues, outcries
from dialogue.domain import OPTION, PACK_INTENTS, Domain, Flow, options
from dialogue.goods import compared, sought
from dialogue.stages import stage_meant
from dialogue.types import Act, Decision, Sighting, Slot, State, Understanding, Waiting

Identity = Literal["anonymous", "claimed", "verified"]
"""Nothing known; an order number without proof; a phone tail matched, or the host vouched."""
CALM = 0.8
"""Confidence from which something outside ("tell me a joke") is no outburst."""
SEEN = 0.5
"""Probability from which a product in a picture fills the product slot."""
GLIMPSED = 0.08
"""Probability from which it is offered as a choice when none reaches `SEEN`."""
CHOICES = 4
COURTESY = 3
"""Words or characters up to which a yes or a thank-you does not tell the language."""
RESTS = ("possible", "checked", "confirmed")
"""Facts that rest on the slots."""
OTHER = "other"
"""Slot of the second of two products that are compared, or of what is sought in a family."""
QUESTIONS = "questions"
"""Under which `State.asked` counts all questions of a flow."""
WAITING = 3
"""Requests kept for later."""
_LATIN_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?:['’][^\W\d_]+)?(?!\w)")
BY_EAR = ("voice", "state")
"""Sources of a number that is read back before it is used."""


def update(domain: Domain, state: State, meaning: Understanding) -> State:
    """`state` after hearing `meaning`: language, mood and the turn's own counters."""
    language = meaning.language if _shows_language(meaning) else state.language
    if language not in domain.languages:
        language = state.language
    return replace(
        state,
        language=language,
        anger=state.anger + 1 if upset(domain, meaning) else 0,
        unsure=_unsure(domain, state, meaning),
        calls=0,
        held=(),
        earlier="",
    )


def further(domain: Domain, state: State, meaning: Understanding) -> tuple[Waiting, ...]:
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


def upset(domain: Domain, meaning: Understanding) -> bool:
    """Whether the customer is angry or swears at somebody; small talk, things outside are not."""
    if outcries.swears(meaning.text):
        return not domain.is_composed(meaning)
    if not domain.is_angry(meaning):
        return False
    outside = meaning.intent == PACK_INTENTS[-1] and meaning.confidence >= CALM
    return not (outside or domain.fixed(meaning.intent))


def mood(domain: Domain, meaning: Understanding) -> str:
    """The emotion that a turn shows, "angry" by the business's own rule; "" where none is sure."""
    if upset(domain, meaning):
        return "angry"
    if not meaning.emotion or "emotion" in meaning.unfelt:
        return ""
    name, _ = meaning.emotion[0]
    return name if name != "angry" else ""


def heard_slots(domain: Domain, state: State, meaning: Understanding) -> dict[str, str]:
    """Every slot value the turn carries: words first, then what its pictures show."""
    slots = [s for s in meaning.slots if s.name in domain.slots and not _refuses(domain, s)]
    values = {slot.name: _plain(domain, slot) for slot in slots}
    if "photo" in domain.slots and any(not s.fault for s in meaning.sightings):
        values["photo"] = "sent"
    # A photo of what a flow is already about is evidence, not another product.
    settled = state.flow and state.slot("product") and state.expects != "product"
    for sighting in meaning.sightings:
        if "product" not in values and not settled and (seen := _seen(sighting)):
            values["product"] = seen
        if "order_id" not in values and (order := _read_order(domain, sighting)):
            values["order_id"] = order
    # "That one" may be an order only just listed; how far it is says which is meant.
    spelt = any(ch.isdigit() for s in slots if s.name == "order_id" for ch in s.text)
    if "order_id" in values and not spelt and stage_meant(domain, state, meaning.text):
        del values["order_id"]
    spoken_of = options(state.slot("product") or "")
    if two := compared(domain, meaning, spoken_of):
        return values | dict(zip(("product", OTHER), two, strict=True))
    family = options(values.get("product", "")) or spoken_of
    if len(family) > 1 and (extreme := sought(domain, meaning)):
        return values | {"product": OPTION.join(family), OTHER: extreme}
    return values


def fill(state: State, flow: Flow | None, domain: Domain, heard: Mapping[str, str]) -> State:
    """`state` with the slots that `flow` takes; a changed value undoes check and confirmation."""
    takes = flow.takes if flow else tuple(n for n, spec in domain.slots.items() if spec.keep)
    known = dict(state.slots)
    changed = {n: v for n, v in heard.items() if n in takes and known.get(n) != v}
    if not changed:
        return state
    state = replace(state, slots=tuple({**known, **changed}.items()))
    return forget(state, *RESTS) if set(changed) - {"photo"} else state


def changes(state: State, flow: Flow, heard: Mapping[str, str]) -> bool:
    """Whether the turn gives `flow` a value it does not have yet."""
    return any(name in flow.takes and state.slot(name) != value for name, value in heard.items())


def drop(state: State, *names: str) -> State:
    """`state` without the slots `names`, and without what rested on them."""
    slots = tuple((n, v) for n, v in state.slots if n not in names)
    return forget(replace(state, slots=slots), *RESTS)


def fact(state: State, name: str) -> Any:
    """What is remembered of this flow under `name`, or None."""
    return dict(state.facts).get(name)


def note(state: State, name: str, value: Any) -> State:
    """`state` remembering the JSON value `value` in this flow."""
    return replace(state, facts=tuple({**dict(state.facts), name: value}.items()))


def forget(state: State, *names: str) -> State:
    """`state` without the facts `names`."""
    return replace(state, facts=tuple((n, v) for n, v in state.facts if n not in names))


def leave(domain: Domain, state: State) -> State:
    """`state` outside any flow, with only the slots that outlive one."""
    kept = tuple(
        (n, v)
        for n, v in state.slots
        if n in domain.slots and domain.slots[n].keep and v not in domain.unsold
    )
    flow = domain.flows.get(state.flow or "")
    story = (state.slot(flow.opening) if flow and flow.opening else "") or state.story
    return replace(state, flow=None, expects=None, slots=kept, story=story, asked=(), facts=())


def enter(domain: Domain, state: State, flow: Flow, said: Mapping[str, str]) -> State:
    """`state` at the start of `flow`; a sibling flow of the same action keeps its slots."""
    old = domain.flows.get(state.flow or "")
    sibling = old is not None and old.action == flow.action
    kept = state if sibling else leave(domain, state)
    # Who is asked for the same in flow after flow is asked too often all the same.
    again = state.expects if state.expects in flow.takes and state.expects not in said else None
    asked = tuple(pair for pair in state.asked if pair[0] == again)
    slots = tuple((n, v) for n, v in kept.slots if sibling or n not in flow.anew)
    fresh = replace(kept, flow=flow.name, expects=None, slots=slots, asked=asked, facts=())
    return fill(fresh, flow, domain, said)


def verified(state: State) -> bool:
    """Whether the order spoken of was proved, or may be asked for by whom the host vouched for.

    Whether it is theirs only the shop knows: it answers `not_verified` where it is not.
    """
    order = state.slot("order_id")
    if not order or order in state.verified:
        return bool(order)
    misheard = dict(state.unsure).get("order_id") == order
    return bool(state.customer) and order not in state.foreign and not misheard


def identity(state: State) -> Identity:
    """How far it is known who the customer is."""
    if state.customer or state.verified:
        return "verified"
    return "claimed" if state.slot("order_id") else "anonymous"


def remember(state: State, said: tuple[str, ...], now: datetime | None = None) -> State:
    """`state` knowing which sentences the customer was told, for "say that again", and when."""
    return replace(state, said=said, at=now.isoformat() if now else state.at)


def to_json(state: State) -> str:
    """`state` as JSON, for the store."""
    return json.dumps(asdict(state), ensure_ascii=False)


def from_json(text: str) -> State:
    """The state that `to_json` wrote; unknown keys of a newer version are ignored."""
    raw = json.loads(text)
    names = {field.name for field in fields(State)}
    known: dict[str, Any] = {
        n: _tuples(v) if n != "facts" else _pairs(v) for n, v in raw.items() if n in names
    }
    # A version before kept the intents alone.
    known["waiting"] = tuple(w for w in known.get("waiting", ()) if isinstance(w, tuple))
    known["held"] = tuple(_decision(table) for table in raw.get("held", ()))
    return State(**known)


def _refuses(domain: Domain, slot: Slot) -> bool:
    """Whether what was taken for free words only says that something is wrong: 抬头不对."""
    free = domain.slots[slot.name].type == "text" and slot.name != "reason"
    return free and cues.units(slot.value) <= COURTESY and cues.contradicts(slot.value)


def _plain(domain: Domain, slot: Slot) -> str:
    """A slot's value; what was told in free words less the please after it."""
    free = domain.slots[slot.name].type == "text" and slot.name != "reason"
    return cues.without_courtesy(slot.value) if free else slot.value


def _seen(sighting: Sighting) -> str:
    """The product in a picture, or those that it may be; "" when it shows none."""
    likely = [product for product, p in sighting.products[:CHOICES] if p >= GLIMPSED]
    sure = bool(sighting.products) and sighting.products[0][1] >= SEEN
    return likely[0] if sure else OPTION.join(likely)


def _unsure(domain: Domain, state: State, meaning: Understanding) -> tuple[tuple[str, str], ...]:
    """Numbers to be read back: an order number heard by ear, any number put together."""
    known = dict(state.unsure)
    for slot in meaning.slots:
        spec = domain.slots.get(slot.name)
        if spec is None or not spec.digits:
            continue
        known.pop(slot.name, None)
        by_ear = slot.source in BY_EAR if slot.name == "order_id" else slot.source == "state"
        if by_ear and slot.value not in state.verified:
            known[slot.name] = slot.value
    return tuple(known.items())


def _read_order(domain: Domain, sighting: Sighting) -> str:
    """An order number among the lines of a picture; "" for none."""
    spec = domain.slots.get("order_id")
    found = re.search(spec.pattern, re.sub(r"\s", "", " ".join(sighting.lines))) if spec else None
    return found[0] if found else ""


def _decision(table: dict[str, Any]) -> Decision:
    before = tuple(_decision(inner) for inner in table["before"])
    arguments = _pairs(table["arguments"])
    return Decision(**{**table, "act": Act(table["act"]), "arguments": arguments, "before": before})


def _pairs(rows: list[list[Any]]) -> tuple[tuple[str, Any], ...]:
    return tuple((name, value) for name, value in rows)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


def _shows_language(meaning: Understanding) -> bool:
    """Whether a turn is long enough, and not just a value or a yes, to tell its language."""
    text = meaning.text
    courtesy = meaning.intent in ("affirm", "deny", "thanks") and cues.units(text) <= COURTESY
    if courtesy or cues.says_yes(text) or cues.says_no(text) or _is_value(meaning):
        return False
    han = any("\u4e00" <= ch <= "\u9fff" for ch in text)
    return han or len(_LATIN_WORD.findall(text)) >= 2


def _is_value(meaning: Understanding) -> bool:
    """Whether the turn is mostly one value, such as an address: its script says nothing."""
    said = max((cues.units(s.text) for s in meaning.slots if s.name != "reason"), default=0)
    return said * 2 > cues.units(meaning.text)
