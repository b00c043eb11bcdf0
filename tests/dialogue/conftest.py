"""What the dialogue's tests share: the demo pack and a customer who talks to a scripted shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from dialogue.domain import Domain
from dialogue.manager import start, step
from dialogue.nlu.slots import SlotReader
from dialogue.pack import load_domain
from dialogue.types import (
    Act,
    ActionResult,
    Decision,
    Language,
    Outcome,
    Request,
    Sighting,
    State,
    Understanding,
)

FRESH = Path(__file__).parents[2] / "data" / "domains" / "fresh"
ORDER = {"order_id": "FD2024051", "status": "paid", "total": "58.00"}
DONE: dict[str, dict[str, Any]] = {
    "verify_order": {"order_id": "FD2024051"},
    "track_order": ORDER,
    "order_status": ORDER,
    "cancel_order": {"order_id": "FD2024051", "amount": "58.00", "refund_id": "RF1"},
    "change_address": {"order_id": "FD2024051", "address": "建国路88号3号楼502"},
    "request_refund": {"order_id": "FD2024051", "amount": "9.90", "refund_id": "RF1", "days": 3},
}


@dataclass
class FakeShop:
    """Answers every action with DONE unless a refusal is scripted; records what had effect."""

    refusals: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    ran: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)

    def answer(self, decision: Decision) -> ActionResult:
        arguments = dict(decision.arguments)
        if decision.act is Act.CHECK:
            self.checked.append(decision.topic)
        else:
            self.ran.append((decision.topic, arguments))
        if decision.topic in self.refusals:
            code, facts = self.refusals[decision.topic]
            return ActionResult(decision.topic, Outcome.REFUSED, code, facts)
        facts = DONE.get(decision.topic, {})
        return ActionResult(decision.topic, Outcome.DONE, facts.get("status", ""), facts)


class Customer:
    """Talks to the manager as `app.conversation` would let a customer talk."""

    def __init__(self, domain: Domain, language: Language, shop: FakeShop) -> None:
        self.domain, self.shop = domain, shop
        self.state, _ = start(language)
        self.reader = SlotReader(domain)
        self.calls = 0

    def says(
        self,
        text: str,
        intent: str = "out_of_scope",
        sure: float = 0.95,
        *,
        anger: float = 0.0,
        also: tuple[Request, ...] = (),
        sightings: tuple[Sighting, ...] = (),
        spoken: bool = False,
    ) -> Decision:
        meaning = Understanding(
            text=text,
            language=self.state.language,
            intents=((intent, sure),),
            slots=tuple(
                replace(slot, source="voice" if spoken else slot.source)
                for slot in self.reader.read(text, self.state)
            ),
            sentiment=(("negative", anger),) if anger > 0.5 else (("neutral", 0.5),),
            emotion=(("angry", anger), ("neutral", 1 - anger))[:: 1 if anger > 0.5 else -1],
            confidence=sure,
            abstained=sure < 0.4,
            also=also,
            sightings=sightings,
        )
        self.state, decision = step(self.domain, self.state, meaning)
        self.calls = 0
        while decision.act in (Act.CALL, Act.CHECK):
            self.calls += 1
            result = self.shop.answer(decision)
            self.state, decision = step(self.domain, self.state, result)
        return decision

    def knows(self, **slots: str) -> Mapping[str, str]:
        known: State = self.state
        for name, value in slots.items():
            known = known.with_slot(name, value)
        self.state = known
        return dict(known.slots)


@pytest.fixture(scope="session")
def fresh() -> Domain:
    """The demo shop's pack."""
    return load_domain(FRESH)


@pytest.fixture
def shop() -> FakeShop:
    """A shop that says yes to everything."""
    return FakeShop()


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> Language:
    """Both languages, one after the other."""
    return request.param


@pytest.fixture
def customer(fresh: Domain, language: Language, shop: FakeShop) -> Customer:
    """A customer at the start of a conversation."""
    return Customer(fresh, language, shop)
