"""Expectations: what of a story's turn went otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.answering import Turned
from app.stories import Exchange
from dialogue.engines import Actions, Caller
from dialogue.types import State


def otherwise(exchange: Exchange, turned: Turned, state: State, shop: Actions) -> Iterator[str]:
    """A sentence for each thing that `exchange` wants and that is not so; `state` afterwards."""
    yield from _meant(exchange, turned, state)
    yield from _said(exchange, turned)
    yield from _done(exchange, shop)


def _meant(exchange: Exchange, turned: Turned, state: State) -> Iterator[str]:
    decisions = [turned.record["decision"], *turned.record["decision"]["before"]]
    done = [f"{d['act']} {d['topic']}".strip() for d in decisions]
    if exchange.intent and turned.perceived.meaning.intent != exchange.intent:
        yield f"intent {turned.perceived.meaning.intent}, not {exchange.intent}"
    if exchange.does and not {exchange.does} & {*done, decisions[0]["act"]}:
        yield f"does {', '.join(done)}, not {exchange.does} ({_reply(turned)})"
    slots = {slot.name: slot.value for slot in turned.perceived.meaning.slots}
    for name, value in (exchange.slots or {}).items():
        if slots.get(name) != value:
            yield f"{name} is {slots.get(name)!r}, not {value!r}"
    if exchange.flow is not None and (state.flow or "") != exchange.flow:
        yield f"flow {state.flow!r}, not {exchange.flow!r}"
    if exchange.language and state.language != exchange.language:
        yield f"answers in {state.language}, not {exchange.language}"


def _said(exchange: Exchange, turned: Turned) -> Iterator[str]:
    reply = _reply(turned)
    yield from (f"never says {text!r}: {reply}" for text in exchange.says if text not in reply)
    yield from (f"says {text!r}: {reply}" for text in exchange.never if text in reply)
    for pattern in exchange.matches:
        if not re.search(pattern, reply):
            yield f"nothing matches {pattern!r}: {reply}"
    forms = turned.record["forms"]
    yield from (f"form {form} is not chosen" for form in exchange.form if form not in forms)
    kinds = {part.card.kind for part in turned.parts if part.card}
    if exchange.card and exchange.card not in kinds:
        yield f"no {exchange.card} card"
    labels = {s.label for part in turned.parts for s in part.suggestions}
    yield from (f"does not suggest {text!r}" for text in exchange.suggests if text not in labels)


def _done(exchange: Exchange, shop: Actions) -> Iterator[str]:
    for asked, wanted in (exchange.shop or {}).items():
        action, _, order = asked.partition(" ")
        caller = Caller("rehearsal", "", (order,))
        result = shop.check(action, {"order_id": order}, caller)
        if wanted not in (result.code, result.outcome.value):
            yield f"the shop says {result.code or result.outcome.value} to {asked}, not {wanted}"


def _reply(turned: Turned) -> str:
    return "".join(part.text for part in turned.parts)
