"""What is said back, and in which form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialogue.types.sound import AudioClip
from dialogue.types.turn import Language

Form = Literal["text", "speech", "card"]
CardKind = Literal["product", "order", "refund", "article", "comparison", "advice"]


@dataclass(frozen=True, slots=True)
class Step:
    """One station on a card's timeline."""

    label: str
    done: bool
    time: str = ""
    """As shown to the customer; "" while it lies ahead."""


@dataclass(frozen=True, slots=True)
class Column:
    """One of the things that a card sets side by side."""

    title: str
    image: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A picture with text: a product, a timeline, an article, a comparison, or what to do."""

    kind: CardKind
    title: str
    body: str = ""
    image: str = ""
    """Address relative to the site, e.g. /media/products/07.jpg; "" for none."""
    alt: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    """Label and value, in order."""
    steps: tuple[Step, ...] = ()
    """Stations of a timeline; on a card of kind "advice" what to do, in order."""
    columns: tuple[Column, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    """For each row its label and a value per column; "" where one is not known."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A quick reply the customer may tap instead of typing."""

    label: str
    text: str
    """What is sent when it is tapped."""


@dataclass(frozen=True, slots=True)
class ReplyPlan:
    """A whole answer before it is spoken."""

    language: Language
    clauses: tuple[str, ...]
    """Sentences worth speaking on their own, in order."""
    forms: tuple[Form, ...]
    reason: str
    """Why these forms, for the log."""
    cards: tuple[Card, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    tone: str = "plain"
    """plain, warm, sorry."""
    sources: tuple[str, ...] = ()
    """Articles the answer rests on."""
    grounds: tuple[str, ...] = ()
    """Their words, where more may be told from them than the clauses do."""
    doubtful: bool = False
    """The article is given as what may be meant."""
    unspoken: tuple[str, ...] = ()
    """Those of the clauses that are shown and not spoken."""


@dataclass(frozen=True, slots=True, eq=False)
class ReplyPart:
    """One numbered piece of an answer, sent as soon as it is ready."""

    number: int
    """From 0, without gaps within a reply."""
    text: str = ""
    audio: AudioClip | None = None
    card: Card | None = None
    suggestions: tuple[Suggestion, ...] = ()
    last: bool = False
