"""The wire: what the operators' panel sends and gets."""

from __future__ import annotations

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


class Replay(BaseModel):
    """One conversation whole: every turn with all that was made of it."""

    conversation: dict[str, Any]
    turns: list[dict[str, Any]]
    messages: list[dict[str, Any]]
