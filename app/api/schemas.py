"""The wire: what customers' clients send and get."""

from __future__ import annotations

from base64 import b64decode
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

Locale = Literal["zh", "en"]
Channel = Literal["page", "widget", "api", "playground"]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


def _decoded(value: object) -> bytes:
    """Strict base64, with or without line breaks; ValueError otherwise."""
    return b64decode("".join(str(value).split()), validate=True)


def _listed(value: object) -> object:
    """ "muted,narrow" as a list: a form has one field of a name."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


Devices = Annotated[
    list[Literal["muted", "screen_reader", "narrow"]],
    BeforeValidator(_listed),
    Field(max_length=3),
]

Base64 = Annotated[
    bytes,
    BeforeValidator(_decoded),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]


class Problem(BaseModel):
    """What went wrong, and what to do instead."""

    code: str = Field(examples=["audio_too_long"])
    message: str = Field(examples=["录音太长了，请控制在 60 秒以内。"])


class Failure(BaseModel):
    """Every answer that is not a success looks like this."""

    error: Problem


class Suggestion(BaseModel):
    """A quick reply: what it says and what is sent when it is tapped."""

    label: str
    text: str


Vouched = Annotated[
    str,
    Field(
        max_length=4096,
        description="The host site's signed token (JWT, HS256) for whom it vouches; "
        "a conversation of that customer is gone on with.",
    ),
]


class NewConversation(BaseModel):
    """How a conversation is opened."""

    locale: Locale = "zh"
    channel: Channel = "api"
    customer: Vouched | None = None
    new: bool = Field(
        default=False, description="A new one, also where the customer has one to go on with."
    )


class Opened(BaseModel):
    """An open conversation; its token is told only once."""

    conversation_id: str
    token: str = Field(description="Send it as `Authorization: Bearer …`, never in an address.")
    continued: bool = Field(
        default=False, description="It is an earlier one of this customer: fetch its `/events`."
    )
    greeting: str
    suggestions: list[Suggestion]


class ChatRequest(BaseModel):
    """One message as JSON."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "conversation_id": "5f2a9c01d3e4b6a7c8d9e0f1",
                    "turn_id": "b7c1",
                    "text": "我的订单 FD2024051 到哪了？",
                    "locale": "zh",
                    "speak": False,
                }
            ]
        }
    )

    conversation_id: Identifier | None = Field(
        default=None, description="Without it a conversation is made and its token comes first."
    )
    customer: Vouched | None = None
    turn_id: Identifier | None = Field(
        default=None, description="Made by the client; sending the same id again is safe."
    )
    text: str | None = Field(default=None, description="At most 2000 characters.")
    locale: Locale | None = Field(default=None, description="Default: by Accept-Language.")
    speak: bool | None = Field(
        default=None, description="Spoken answers: asked for, declined, or left to Lingxi."
    )
    device: Devices = Field(
        default=[], description="What the customer has: `muted`, `screen_reader`, `narrow`."
    )
    audio_base64: Base64 | None = Field(
        default=None, description="wav, mp3, m4a, webm, ogg or flac; 60 s and 10 MB at most."
    )
    pictures_base64: list[Base64] = Field(
        default=[], description="Up to 4 of JPEG, PNG, WebP or HEIC; 10 MB and 40 Mpx each."
    )


class ChatForm(BaseModel):
    """One message as multipart/form-data."""

    conversation_id: Identifier | None = None
    customer: Vouched | None = None
    turn_id: Identifier | None = None
    text: str | None = None
    locale: Locale | None = None
    speak: bool | None = None
    device: Devices = []


class EventOut(BaseModel):
    """One entry of a conversation's event log."""

    id: int = Field(description="Position in the log; pass the last one seen as `after`.")
    event: str = Field(examples=["part"])
    data: dict[str, Any]


class History(BaseModel):
    """What happened in a conversation."""

    events: list[EventOut]
    owner: Literal["bot", "queue", "operator"]


class Hours(BaseModel):
    """When somebody is there."""

    opens: str = Field(examples=["08:00"])
    closes: str = Field(examples=["22:00"])
    zone: str = Field(examples=["+08:00"])


class Place(BaseModel):
    """Who answers now."""

    owner: Literal["bot", "queue", "operator"]
    position: int = Field(description="Place in the queue from 1; 0 when not waiting.")
    ahead: int = Field(default=0, description="How many are before it.")
    staffed: bool = Field(default=True, description="Somebody is there now, by the opening hours.")
    hours: Hours | None = Field(default=None, description="Null: round the clock.")
    callback: bool = Field(default=False, description="A call was asked for and not made yet.")


class CallbackWish(BaseModel):
    """How to reach the customer when somebody is there."""

    name: str = Field(default="", max_length=64)
    contact: str = Field(max_length=254, description="A phone number or an e-mail address.")
    time: Literal["any", "morning", "afternoon", "evening"] = "any"


class Rating(BaseModel):
    """How the customer found it."""

    score: int = Field(ge=1, le=5)
    text: str = Field(default="", max_length=2000)


class Done(BaseModel):
    """It was done."""

    ok: Literal[True] = True
