"""Where a conversation stands and what is done next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

from dialogue.types.turn import Language

Owner = Literal["bot", "queue", "operator"]
Waiting = tuple[str, str, tuple[tuple[str, str], ...]]
"""A request to be served later: intent, the customer's words, the slots in them."""


@dataclass(frozen=True, slots=True)
class State:
    """All that the dialogue remembers; replaced, never changed in place."""

    version: int = 0
    """Grows by one with each stored change; a stale write is refused."""
    language: Language = "zh"
    owner: Owner = "bot"
    """Who answers: the bot, nobody yet (waiting for a person), or an operator."""
    flow: str | None = None
    """The flow under way."""
    expects: str | None = None
    """What was just asked for: a slot's name, "confirm", or None."""
    slots: tuple[tuple[str, str], ...] = ()
    """Values known in this flow and those that outlive it (order number, phone)."""
    verified: tuple[str, ...] = ()
    """Order numbers this customer proved to know."""
    customer: str = ""
    """The shop's id of the customer whom the host site vouched for; "" for nobody."""
    foreign: tuple[str, ...] = ()
    """Order numbers that the shop says are not that customer's."""
    listed: tuple[str, ...] = ()
    """The customer's own orders as they were last told, for "the second one"."""
    asked: tuple[tuple[str, int], ...] = ()
    """How often each slot was asked in this flow; wording and hand-off depend on it."""
    unsure: tuple[tuple[str, str], ...] = ()
    """Numbers heard by ear or put together from pieces, until the customer says they are right."""
    waiting: tuple[Waiting, ...] = ()
    """Requests of an earlier clause or turn still to be served."""
    last: str = ""
    """The question about a product answered last, for "and lemons?"."""
    topic: str = ""
    """The intent served last, for "and how long does that take?"."""
    earlier: str = ""
    """The one served before it in the same turn."""
    ended: str = ""
    """What that came to, for "why not" and "i do want it": "stopped", or what the shop refused
    and why ("cancel_order.refused.already_delivered")."""
    story: str = ""
    """What happened, as told for an earlier request: "report him" needs no second telling."""
    today: str = ""
    """The day it is where the business is, ISO 8601; "" where nobody knows."""
    facts: tuple[tuple[str, Any], ...] = ()
    """What the shop answered in this flow, JSON values only."""
    failures: int = 0
    """Turns in a row that were not understood."""
    anger: int = 0
    """Angry turns in a row."""
    said: tuple[str, ...] = ()
    """The sentences of the last reply, for "say that again"."""
    told: str = ""
    """What the last answer amounted to, in whatever words; "" for no answer."""
    times: int = 0
    """So often in a row it was told."""
    at: str = ""
    """When the last reply was given, ISO 8601 with a zone; "" before the first."""
    arms: tuple[tuple[str, str], ...] = ()
    """Experiment and the arm of it that this conversation is in, for good."""
    calls: int = 0
    """Questions put to the shop (CHECK or CALL) in this turn."""
    held: tuple[Decision, ...] = ()
    """What is already decided in this turn and will be said once the shop has answered."""

    def slot(self, name: str) -> str | None:
        """The value of slot `name`, or None."""
        return dict(self.slots).get(name)

    def with_slot(self, name: str, value: str) -> State:
        """This state with slot `name` set to `value`."""
        return replace(self, slots=tuple({**dict(self.slots), name: value}.items()))


class Act(StrEnum):
    """What the bot does next."""

    ASK = "ask"
    CONFIRM = "confirm"
    CHECK = "check"
    """Ask the shop what an action would answer, without effect, then step again with that."""
    CALL = "call"
    """Run an action of the shop, then step again with its result."""
    TELL = "tell"
    """Say what an action came to, or a fixed sentence of the pack."""
    ANSWER = "answer"
    """Answer from the knowledge articles."""
    HANDOFF = "handoff"
    REPEAT = "repeat"
    SILENT = "silent"
    """A person owns the conversation."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done next, about what, and why."""

    act: Act
    topic: str = ""
    """A slot (ASK), an action (CALL, CONFIRM), a wording (TELL) or an intent (ANSWER)."""
    arguments: tuple[tuple[str, Any], ...] = ()
    """For an action: its arguments. For a wording: the values it may name."""
    flow: str | None = None
    reason: str = ""
    """One clause for the log: which rule decided."""
    query: str = ""
    """For ANSWER: the customer's words."""
    before: tuple[Decision, ...] = ()
    """Said first in the same reply: the answer to a side question, the first of two requests."""


class Outcome(StrEnum):
    """How the shop answered an action."""

    DONE = "done"
    REFUSED = "refused"
    """The shop's rules say no; `ActionResult.code` says which."""
    FAILED = "failed"
    """The shop could not be asked; nothing happened."""


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What the shop answered."""

    action: str
    outcome: Outcome
    code: str = ""
    """Short stable reason, e.g. "not_found", "already_delivered"; picks the wording."""
    facts: dict[str, Any] = field(default_factory=dict)
    """JSON values for wording and cards."""
