"""What goes into the store and comes out of it: plain values, never rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from dialogue.types import Language, Modality, Owner

ArtefactKind = Literal["audio", "picture", "speech"]


class UnknownConversationError(LookupError):
    """There is no conversation with that id."""


class StaleStateError(RuntimeError):
    """Somebody else changed the conversation's state in the meantime."""


class NotTheOwnerError(RuntimeError):
    """Another operator, or nobody, owns the conversation; `owner` is who does."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"The conversation belongs to {owner or 'the bot'}")
        self.owner = owner


class OwnerChangedError(RuntimeError):
    """Who was answering answers no more: a person took over, or was asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Attachment:
    """Sound or a picture on its way into the store, encoded."""

    kind: ArtefactKind
    media_type: str
    """E.g. audio/webm, image/jpeg."""
    content: bytes
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class StoredArtefact:
    """Sound or a picture in the store, without its bytes."""

    id: str
    kind: ArtefactKind
    media_type: str
    seconds: float | None
    url: str


@dataclass(frozen=True, slots=True, eq=False)
class Artefact:
    """Sound or a picture with its bytes."""

    id: str
    conversation_id: str
    kind: ArtefactKind
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, eq=False)
class IncomingTurn:
    """A customer's message before any work on it."""

    conversation_id: str
    turn_id: str
    """Made by the client, at most 64 characters; the same id is the same message."""
    locale: Language
    text: str | None
    modalities: tuple[Modality, ...]
    quality: Mapping[str, float]
    """Score by modality, 0 to 1."""
    attachments: tuple[Attachment, ...] = ()
    wants_speech: bool | None = None


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A customer's message as it was received."""

    conversation_id: str
    turn_id: str
    number: int
    """From 1 within the conversation."""
    received_at: datetime
    locale: Language
    text: str | None
    modalities: tuple[Modality, ...]
    quality: Mapping[str, float]
    wants_speech: bool | None
    status: Literal["received", "done", "failed"]
    artefacts: tuple[StoredArtefact, ...]
    event: int
    """The number of its `turn` event."""
    again: bool = False
    """It was already there: a client sent it twice."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a conversation's event log."""

    number: int
    kind: str
    body: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation stands."""

    conversation_id: str
    channel: str
    language: Language
    owner: Owner
    operator: str
    """The owning operator's name; "" where none does."""
    position: int
    """Place in the queue from 1; 0 when it is not waiting."""
    state: Mapping[str, Any]
    """As it was saved; {} at the start."""
    version: int
    customer: str = ""
    """The shop's id of the customer whom the host site vouched for; "" for nobody."""
