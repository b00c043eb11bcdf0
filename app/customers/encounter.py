"""Encounter: one whole conversation of a simulated customer with the real line, and its audit."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from app.answering import Turned, answer
from app.customers.goals import KINDS, Goal, Sight, draw_goal, reached, slip
from app.customers.person import Person, Said, Traits
from app.customers.phrases import Phrases
from app.customers.world import World
from app.house import House
from app.standing import standing_state
from app.store.instants import utc_now
from app.store.ledger import Deed, Entry, complaints, deeds, entries, entry

Outcome = Literal["reached", "handed_off", "given_up"]
TURNS = 24
"""After so many the customer goes."""
LOOP = 3
"""The same reply so often in a row is a dead end."""
_ASIDES = ("question", "noise", "mumble", "repeat", "grumble", "photo_later")


@dataclass(slots=True)
class Encounter:
    """How a conversation went."""

    goal: Goal
    language: str
    traits: tuple[str, ...]
    outcome: Outcome = "given_up"
    turns: int = 0
    dead_ends: list[str] = field(default_factory=list)
    unconfirmed: list[str] = field(default_factory=list)
    """Irreversible actions without a yes to exactly that question, from the books."""
    leaks: list[str] = field(default_factory=list)
    """Orders shown or touched that are not the customer's."""
    same_words: int = 0
    """Questions put twice in a row in the same words."""
    lines: list[str] = field(default_factory=list)
    """What was said on both sides."""


@dataclass(slots=True)
class _Exchange:
    """One turn as both sides know it."""

    said: Said
    turned: Turned

    @property
    def decision(self) -> dict[str, Any]:
        """What was decided last in the turn."""
        found: dict[str, Any] = self.turned.record["decision"]
        return found

    @property
    def text(self) -> str:
        """The reply's words."""
        return "".join(part.text for part in self.turned.parts)


def meet(world: World, phrases: Phrases, chooser: random.Random, kind: str = "") -> Person:
    """Somebody with a goal (of `kind`, or any) and traits drawn by `chooser`."""
    goal = draw_goal(kind or chooser.choice(KINDS), world, phrases, chooser)
    if chooser.random() < 0.25:
        slip(goal, world, phrases, chooser)
    traits = Traits(
        patience=chooser.randint(1, 3),
        angry=chooser.random() < 0.15,
        hurried=chooser.random() < 0.4,
        thorough=chooser.random() < 0.4,
        pieces=chooser.random() < 0.1,
        asides=chooser.sample(_ASIDES, chooser.choice((0, 0, 0, 1, 1, 2))),
        wavers=chooser.random() < 0.08,
    )
    return Person(goal, traits, phrases, world, chooser)


def hold(house: House, person: Person, world: World) -> Encounter:
    """Holds the conversation to its end and audits it against the shop's books."""
    met = Encounter(person.goal, person.language, person.traits.names())
    exchanges: list[_Exchange] = []
    said, conversation = person.opens(), ""
    while met.turns < TURNS:
        turned = answer(house, person.language, said.text, conversation_id=conversation)
        conversation = turned.conversation_id
        exchanges.append(_Exchange(said, turned))
        met.turns += 1
        _write(met, exchanges[-1])
        if ended := _ended(house, person, exchanges, conversation):
            met.outcome = ended
            break
        said = person.answers(exchanges[-1].decision)
    _audit(met, house, exchanges, conversation, world)
    return met


def _ended(
    house: House, person: Person, exchanges: list[_Exchange], conversation: str
) -> Outcome | None:
    last, goal = exchanges[-1], person.goal
    standing = house.store.standing(conversation)
    sight = Sight(
        record=last.turned.record,
        deeds=deeds(house.database, conversation),
        entry=entry(house.database, goal.values.get("order_id", ""), utc_now()),
        owner=standing.owner,
        text=last.text,
        complaints=complaints(house.database, conversation),
    )
    if reached(goal, sight, _storage(house, goal, person)):
        return "reached"
    if standing.owner != "bot":
        angry = last.decision["topic"] == "anger" and "angry" in person.traits.names()
        return "handed_off" if angry else "given_up"
    gone = last.said.means == "no" and goal.kind == "stranger" and not standing_state(standing).flow
    return "reached" if gone else None


def _storage(house: House, goal: Goal, person: Person) -> str:
    product = house.engines.domain.products.get(goal.values.get("product", ""))
    return product.storage[person.language] if product else "\0"


def _write(met: Encounter, exchange: _Exchange) -> None:
    did = " + ".join(
        f"{d['act']} {d['topic']}".strip()
        for d in (*exchange.decision["before"], exchange.decision)
    )
    meaning = exchange.turned.perceived.meaning
    met.lines.append(f"> {exchange.said.text}")
    met.lines.append(f"  {exchange.text}  [{meaning.intent} {meaning.confidence:.2f}: {did}]")


def _audit(
    met: Encounter,
    house: House,
    exchanges: list[_Exchange],
    conversation: str,
    world: World,
) -> None:
    done = [d for d in deeds(house.database, conversation) if d.outcome == "done"]
    met.unconfirmed = list(_unconfirmed(house, exchanges, done))
    met.dead_ends = list(_dead_ends(house, exchanges, conversation))
    met.same_words = _repeated(exchanges)
    after = entries(house.database, utc_now())
    own = met.goal.values.get("order_id", "") if met.goal.kind != "stranger" else ""
    touched = {str(d.arguments.get("order_id") or own) for d in done}
    changed = {order for order in after if _books(after[order]) != _books(world.orders[order])}
    met.leaks = sorted((touched | changed) - {own})


def _books(found: Entry) -> tuple[object, ...]:
    return found.status, found.address, found.refunds, found.invoice, found.tickets


def _unconfirmed(house: House, exchanges: list[_Exchange], done: list[Deed]) -> Iterator[str]:
    """Deeds that cannot be undone without a yes, in the turn before, to exactly their values."""
    turns = {e.turned.record["id"]: n for n, e in enumerate(exchanges)}
    for deed in (d for d in done if d.action in house.engines.domain.irreversible):
        number = turns[deed.turn]
        first: dict[str, Any] = {"act": "", "topic": ""}
        asked = exchanges[number - 1].decision if number else first
        right = asked["act"] == "confirm" and asked["topic"] == deed.action
        values = dict(asked.get("arguments", {}))
        same = all(str(values.get(k, v)) == v for k, v in deed.arguments.items() if k != "reason")
        if not (right and same and exchanges[number].said.means == "yes"):
            yield f"{deed.action} {deed.arguments} after {asked['act']} {asked['topic']}"


def _dead_ends(house: House, exchanges: list[_Exchange], conversation: str) -> Iterator[str]:
    """Replies after which a customer cannot go on."""
    for exchange in exchanges:
        owned = exchange.decision["act"] == "silent"
        if not exchange.text.strip() and not owned:
            yield f"nothing said to {exchange.said.text!r}"
    texts = [e.text for e in exchanges]
    for n in range(len(texts) - LOOP + 1):
        if len(set(texts[n : n + LOOP])) == 1:
            yield f"{LOOP} times the same: {texts[n]!r}"
    last = exchanges[-1]
    state = standing_state(house.store.standing(conversation))
    if last.said.means == "person" and state.owner == "bot":
        yield "a person was asked for and none called"
    if state.flow and not state.expects:
        yield f"in {state.flow} nothing is asked"
    if len(exchanges) >= TURNS:
        yield f"{TURNS} turns and no end"


def _repeated(exchanges: list[_Exchange]) -> int:
    return sum(
        a.text == b.text and a.decision["act"] == "ask" and b.decision["act"] == "ask"
        for a, b in itertools.pairwise(exchanges)
    )
