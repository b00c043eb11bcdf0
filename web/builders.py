"""What the playground sends and gets back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from web.evidence import Record


@dataclass(frozen=True, slots=True)
class Sent:
    """What the builder sent."""

    session: str
    """"" begins a new conversation."""
    locale: str
    text: str
    audio: bytes | None
    pictures: tuple[bytes, ...]
    speak: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    session: str
    record: Record
    speech: bytes | None
    """The whole spoken reply, WAV."""


Converse = Callable[[Sent], Answered]
