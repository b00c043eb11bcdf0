"""Forms: the business's rules for how a reply is given, and experiments that override them."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from dialogue.types import Card, Device, Form, Modality, State, Turn

Preference = Literal["asked", "declined", "open"]
Content = Literal[
    "private", "hidden", "number", "steps", "comparison", "product", "order", "refund", "article"
]
Temper = Literal["angry", "calm"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What the choice of a form rests on."""

    modalities: tuple[Modality, ...]
    speech: Preference
    device: tuple[Device, ...]
    content: frozenset[str]
    mood: Temper = "calm"
    text: str = ""
    """The customer's words."""
    left: float = math.inf
    """Seconds left until the answer is late."""


@dataclass(frozen=True, slots=True)
class When:
    """Conditions that must all hold; an empty one always does."""

    modality: tuple[str, ...] = ()
    """One of them was used."""
    speech: tuple[str, ...] = ()
    device: tuple[str, ...] = ()
    """One of these is so."""
    content: tuple[str, ...] = ()
    """One of these is in the reply."""
    mood: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    """One of these regular expressions is found in the customer's words."""
    left_below: float = math.inf
    """Seconds."""

    def holds(self, occasion: Occasion) -> bool:
        """Whether every condition is met."""
        return all(
            (
                not self.modality or set(self.modality) & set(occasion.modalities),
                not self.speech or occasion.speech in self.speech,
                not self.device or set(self.device) & set(occasion.device),
                not self.content or set(self.content) & occasion.content,
                not self.mood or occasion.mood in self.mood,
                not self.says or any(re.search(w, occasion.text, re.I) for w in self.says),
                self.left_below == math.inf or occasion.left < self.left_below,
            )
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A form, when it is given, and why."""

    name: str
    form: tuple[Form, ...]
    because: str
    when: tuple[When, ...] = (When(),)
    """One of these holds."""
    hush: bool = False
    """Sentences with something private are shown, not spoken."""
    aloud: bool = False
    """What a card shows and is never said is said."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One way of an experiment."""

    name: str
    weight: float
    rules: tuple[Rule, ...] = ()
    """Replace the rules of their names; the others are tried first."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """A comparison of arms between conversations."""

    name: str
    arms: tuple[Arm, ...]

    def arm_for(self, conversation_id: str) -> str:
        """The arm that the conversation falls into by its id and the arms' weights."""
        share = zlib.crc32(f"{self.name}:{conversation_id}".encode()) / 2**32
        point, total = share * sum(arm.weight for arm in self.arms), 0.0
        for arm in self.arms:
            total += arm.weight
            if point < total:
                return arm.name
        return self.arms[-1].name


PLAIN_RULES = (
    Rule("declined", ("text", "card"), "speech was declined", (When(speech=("declined",)),)),
    Rule("asked", ("text", "speech", "card"), "speech was asked for", (When(speech=("asked",)),)),
    Rule("spoken", ("text", "speech", "card"), "the customer spoke", (When(modality=("voice",)),)),
)
"""Of a pack without rules of its own."""
_LAST = Rule("text", ("text", "card"), "text always")
"""What no rule speaks of."""


@dataclass(frozen=True, slots=True)
class FormRules:
    """The rules of one business, tried in order, and its experiments."""

    rules: tuple[Rule, ...] = PLAIN_RULES
    experiments: tuple[Experiment, ...] = ()

    def choose(self, occasion: Occasion, arms: Mapping[str, str]) -> Rule:
        """The first rule that holds, in the `arms` (by experiment) of the conversation."""
        rules = self.rules
        for experiment in self.experiments:
            arm = next((a for a in experiment.arms if a.name == arms.get(experiment.name)), None)
            rules = _overridden(rules, arm) if arm else rules
        holding = (r for r in rules if any(when.holds(occasion) for when in r.when))
        return next(holding, _LAST)

    def assigned(self, state: State, conversation_id: str) -> State:
        """`state` with an arm for every experiment; an arm once given stays while it is there."""
        kept = dict(state.arms)
        for experiment in self.experiments:
            if kept.get(experiment.name) not in {arm.name for arm in experiment.arms}:
                kept[experiment.name] = experiment.arm_for(conversation_id)
        arms = tuple(kept.items())
        return state if arms == state.arms else replace(state, arms=arms)


def _overridden(rules: tuple[Rule, ...], arm: Arm) -> tuple[Rule, ...]:
    known = {rule.name for rule in rules}
    instead = {rule.name: rule for rule in arm.rules}
    first = tuple(rule for rule in arm.rules if rule.name not in known)
    return (*first, *(instead.get(rule.name, rule) for rule in rules))


_FIGURES = re.compile(r"\d+(?:[.,:]\d+)*")
_SECRET = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?!\d)")
"""Numbers of bank cards and identity papers; those of phones and orders are shorter."""


def private(sentence: str, secrets: tuple[str, ...] = ()) -> bool:
    """Whether `sentence` holds a card's number, or one of `secrets` such as an address."""
    return bool(_SECRET.search(sentence)) or any(s in sentence for s in secrets)


def content_of(
    clauses: tuple[str, ...], cards: tuple[Card, ...], secrets: tuple[str, ...]
) -> frozenset[str]:
    """What a reply of `clauses` with `cards` holds, in the words of `Content`."""
    found: set[str] = {card.kind for card in cards}
    if any(card.steps for card in cards):
        found.add("steps")
    if any(value in secrets for card in cards for _, value in card.rows):
        found.add("hidden")
    if any(private(clause, secrets) for clause in clauses):
        found.add("private")
    if len(clauses) == 1 and len(_FIGURES.findall(clauses[0])) == 1:
        found.add("number")
    return frozenset(found)


def occasion_of(
    turn: Turn, text: str, content: frozenset[str], left: float, *, angry: bool
) -> Occasion:
    """The occasion that `turn`, understood as `text`, and a reply of `content` make."""
    preferences: dict[bool | None, Preference] = {True: "asked", False: "declined", None: "open"}
    return Occasion(
        turn.modalities,
        preferences[turn.wants_speech],
        turn.device,
        content,
        "angry" if angry else "calm",
        text,
        left,
    )
