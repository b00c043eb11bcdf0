"""The wire: what the operators' panel sends and gets."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Login(BaseModel):
    """Who wants to sign in."""

    name: str = Field(max_length=64)
    password: str = Field(max_length=256)


class SignedIn(BaseModel):
    """Who is signed in, and what every changing call must carry as X-CSRF-Token."""

    name: str
    csrf: str


class Words(BaseModel):
    """What an operator says to a customer."""

    text: str = Field(min_length=1, max_length=2000)


class Logged(BaseModel):
    """The event that a call wrote into the conversation's log."""

    event: int


class Gone(BaseModel):
    """What erasing a conversation takes away, in numbers."""

    model_config = ConfigDict(from_attributes=True)

    turns: int
    sounds: int
    pictures: int
    speech: int = Field(description="Spoken clauses of replies.")
    bytes: int = Field(description="Of sounds, pictures and speech.")
    events: int
    actions: int
    callbacks: int
    features: int
    shop_notes: int = Field(description="Stay in the shop's books, without the customer's words.")


class ConversationSummary(BaseModel):
    """One conversation in the list."""

    id: str
    started_at: str
    updated_at: str
    channel: str
    language: str
    owner: Literal["bot", "queue", "operator"]
    operator: str
    turns: int
    last_text: str
    last_intent: str
    mood: str
    flagged: bool


class ConversationList(BaseModel):
    """A page of conversations, most recently changed first."""

    conversations: list[ConversationSummary]
    next: str = Field(description="Pass it as `before` for the next page; empty on the last.")


class CallbackOut(BaseModel):
    """A call that was asked for."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    conversation_id: str
    name: str
    contact: str
    time: str
    language: str
    state: Literal["open", "done"]
    created_at: datetime
    done_at: datetime | None
    done_by: str


class CallbackList(BaseModel):
    """The calls that were asked for."""

    callbacks: list[CallbackOut]


class CallbackSettled(BaseModel):
    """Whether a call was made."""

    state: Literal["open", "done"]


class Replay(BaseModel):
    """One conversation whole: every turn with all that was made of it.

    `conversation.identity` is anonymous, claimed (an order number without proof) or verified;
    `conversation.customer` whom the host site vouched for.
    """

    conversation: dict[str, Any]
    turns: list[dict[str, Any]]
    messages: list[dict[str, Any]]
