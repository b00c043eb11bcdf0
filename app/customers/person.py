"""Person: one simulated customer, who answers what is asked, errs, digresses and loses patience."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.customers.goals import Goal
from app.customers.phrases import Phrases
from app.customers.world import World
from dialogue.types import Language

Means = Literal["wish", "value", "yes", "no", "aside", "person", "end"]
GUESSES = 6
"""Wrong phone endings that a stranger tries."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the customer says, and what they mean by it."""

    text: str
    means: Means


@dataclass(slots=True)
class Traits:
    """How somebody is; drawn once, used up as the conversation goes."""

    patience: int
    """Turns in vain that are borne."""
    angry: bool = False
    hurried: bool = False
    """Gives the order number at once…"""
    thorough: bool = False
    """… and the phone ending too."""
    pieces: bool = False
    """Gives the order number in two pieces."""
    asides: list[str] = field(default_factory=list)
    """Digressions still to come: question, noise, mumble, repeat, grumble, photo_later."""
    wavers: bool = False
    """Drops it when asked for the yes, and comes back to it."""

    def names(self) -> tuple[str, ...]:
        """The traits that are there, for the tables of figures."""
        flags = {
            "angry": self.angry,
            "hurried": self.hurried,
            "pieces": self.pieces,
            "wavers": self.wavers,
        }
        return (*(n for n, there in flags.items() if there), *self.asides)


class Person:
    """Holds up one end of a conversation."""

    def __init__(
        self, goal: Goal, traits: Traits, phrases: Phrases, world: World, chooser: random.Random
    ) -> None:
        self.goal, self.traits = goal, traits
        self._phrases, self._world, self._chooser = phrases, world, chooser
        self._told: set[str] = set()
        """Slots whose slip was said already."""
        self._rest = ""
        self._asked: Mapping[str, Any] = {}
        """What the bot did last, for when it is said again."""
        self._guessed = 0
        self._wavered = goal.kind == "mind"
        self._returns = False
        self.vain = 0
        """Turns in vain so far."""

    @property
    def language(self) -> Language:
        """What they speak."""
        return self._phrases.language

    def opens(self) -> Said:
        """The first thing that is said."""
        return Said(self._mood() + self._need(), "wish")

    def answers(self, decision: Mapping[str, Any]) -> Said:
        """What is said to `decision`, the last thing the bot did."""
        if aside := self._digresses(decision):
            return aside
        if decision["act"] == "repeat" and self._asked:
            decision = self._asked
        self._asked = decision
        match decision["act"]:
            case "ask":
                return self._gives(decision["topic"], decision["arguments"])
            case "confirm":
                return self._settles(decision["topic"], decision["arguments"])
            case _:
                return self._insists()

    def leaves(self) -> Said:
        """Thanks and goodbye."""
        return self._say("thanks", "end")

    def _insists(self) -> Said:
        """Nothing was asked and the goal is not met: put it again, or ask for a person."""
        if self._returns:
            self._returns = False
            return self._say("back", "wish", need=self._need())
        self.vain += 1
        if self.vain > self.traits.patience:
            return Said(self._phrases.need("person", self._chooser), "person")
        need = self._need()
        return Said(self._phrases.line("again", self._chooser, need=need), "wish")

    def _gives(self, slot: str, asked: Mapping[str, Any]) -> Said:
        because = asked.get("because")
        if because == "mismatch":
            return self._mismatched()
        if because == "more" and self._rest:
            rest, self._rest = self._rest, ""
            return self._say("rest_pieces", "value", rest=rest)
        match slot:
            case "order_id":
                return self._order()
            case "photo":
                return self._say("photo_no", "no")
            case "reason":
                return self._say("reason", "value")
            case "correction":
                return self._mends()
            case "phone_tail" if self.goal.kind == "stranger":
                return self._guesses()
            case "product" if because:
                return self._picks()
        if slot not in self.goal.values:
            return self._insists()
        key = {"phone_tail": "tail", "coupon_code": "code"}.get(slot, slot)
        return self._say(key, "value", **{key: self._value(slot)})

    def _order(self) -> Said:
        if "order_id" not in self.goal.values:
            return self._insists()
        order = self._value("order_id")
        if self.traits.pieces:
            self.traits.pieces = False
            cut = self._chooser.choice((4, 5, 6))
            self._rest = order[cut:]
            return self._say("order_pieces", "value", first=order[:cut])
        return self._say("order", "value", order=order)

    def _picks(self) -> Said:
        """One of several products: by its name, as the quick replies show it."""
        if "product" not in self.goal.values:
            return self._insists()
        found = self._world.domain.products[self.goal.values["product"]]
        return self._say("product", "value", product=found.names[self._phrases.language])

    def _mismatched(self) -> Said:
        if self.goal.kind == "stranger":
            return self._guesses()
        self.vain += "order_id" not in self._told and "phone_tail" not in self._told
        if "order_id" in self._told:
            self._told.discard("order_id")
            return self._say("fix_order", "value", order=self.goal.values["order_id"])
        self._told.discard("phone_tail")
        return self._say("fix_tail", "value", tail=self.goal.values["phone_tail"])

    def _guesses(self) -> Said:
        self._guessed += 1
        if self._guessed > GUESSES:
            return self._say("stop", "no")
        right = int(self.goal.values["phone_tail"])
        wrong = f"{(right + self._chooser.randint(1, 9998)) % 10_000:04d}"
        return self._say("tail", "value", tail=wrong)

    def _settles(self, topic: str, shown: Mapping[str, Any]) -> Said:
        if topic == "human_agent":
            self.vain += 1
            bored = self.vain > self.traits.patience
            return self._say("yes", "person") if bored else self._say("no", "no")
        if topic.startswith("read_back."):
            slot = topic.partition(".")[2]
            right = shown.get(slot) == self.goal.values.get(slot)
            return self._say("yes", "value") if right else self._say("no", "value")
        if topic == "continue":
            return self._say("yes", "value")
        if wrong := self._wrong(shown):
            return self._mends(wrong)
        if self._wavered or self.traits.wavers:
            self._wavered = self.traits.wavers = False
            self._returns = True
            return self._say("stop", "no")
        if not self._wished(topic):
            return self._say("no", "no")
        return self._say("yes", "yes")

    def _wished(self, topic: str) -> bool:
        """Whether the action that wants a yes is what this customer came for."""
        wanted = {
            "cancel": "cancel_order",
            "mind": "cancel_order",
            "on_its_way": "cancel_order",
            "address": "change_address",
            "invoice": "request_invoice",
        }
        return wanted.get(self.goal.kind, "request_refund") == topic

    def _wrong(self, shown: Mapping[str, Any]) -> str:
        """The value in a confirmation that is not what the customer wants; "" when all are."""
        for slot, right in self.goal.values.items():
            if slot in shown and slot != "phone_tail" and shown[slot] != right:
                return slot
        whole = self.goal.kind == "refund" and shown.get("product")
        some = "product" in self.goal.values and not shown.get("product")
        return "product" if whole or some else ""

    def _mends(self, slot: str = "") -> Said:
        slot = slot or next(iter(self._told), "order_id")
        self._told.discard(slot)
        self.vain += 1
        if self.vain > self.traits.patience + 1:
            return Said(self._phrases.need("person", self._chooser), "person")
        if slot == "order_id" or slot not in self.goal.values:
            return self._say("fix_order", "value", order=self.goal.values.get("order_id", ""))
        value = self.goal.values[slot]
        if slot == "product":
            value = self._world.domain.products[value].names[self._phrases.language]
        key = "tail" if slot == "phone_tail" else slot
        return self._say(f"fix_{key}", "value", **{key: value})

    def _digresses(self, decision: Mapping[str, Any]) -> Said | None:
        if not self.traits.asides or decision["act"] not in ("ask", "confirm"):
            return None
        if self._rest or decision["topic"].startswith(("read_back", "human")):
            return None
        kind = self.traits.asides[0]
        if kind == "photo_later" and decision["topic"] != "photo":
            return None
        self.traits.asides.pop(0)
        if kind == "question":
            return Said(self._chooser.choice(self._phrases.questions).text, "aside")
        return self._say(kind, "aside")

    def _value(self, slot: str) -> str:
        """What is said for `slot`: the slip first, where there is one."""
        if slip := self.goal.slips.pop(slot, ""):
            self._told.add(slot)
            return slip
        return self.goal.word(slot)

    def _need(self) -> str:
        product = self._value("product") if "product" in self.goal.values else ""
        if self.goal.question:
            need = self.goal.question.text
        else:
            need = self._phrases.need(self.goal.need, self._chooser, product=product)
        if "order_id" not in self.goal.values or not self.traits.hurried:
            return need
        values = {"need": need, "order": self._value("order_id")}
        if self.traits.thorough and self.goal.kind != "stranger":
            values["tail"] = self._value("phone_tail")
            return self._phrases.line("with_both", self._chooser, **values)
        return self._phrases.line("with_order", self._chooser, **values)

    def _mood(self) -> str:
        return self._phrases.line("angry", self._chooser) if self.traits.angry else ""

    def _say(self, line: str, means: Means, /, **values: str) -> Said:
        return Said(self._phrases.line(line, self._chooser, **values), means)
