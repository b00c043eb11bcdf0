"""The protocol of /v1/live: every message that a caller's client and the server exchange."""

from __future__ import annotations

import struct
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.api.schemas import Devices, Identifier, Locale

VERSION = 1
RATES = (8000, 16000, 24000, 44100, 48000)
"""Hz at which a client may send."""
RATE = 24_000
"""Hz at which the server sends."""
HEADER = struct.Struct("<I")
"""Before the sound of every binary message: its number, from 0, counted for each direction."""
LONGEST_FRAME = 0.2
"""Seconds of sound in one binary message at most; 0.02 is usual."""
LARGEST = 64 * 1024
"""Bytes of one message."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Position(_Message):
    """How far a reply has been played."""

    turn_id: Identifier
    part: int = Field(ge=0, le=10_000)
    ms: int = Field(ge=0, le=600_000, description="Milliseconds of that part.")


class Start(_Message):
    """The first message: who calls, and where an earlier connection broke off."""

    type: Literal["start"]
    version: Literal[1]
    conversation_id: Identifier
    token: str = Field(max_length=200, description="The conversation's bearer token.")
    locale: Locale = "zh"
    rate: int = Field(default=16_000, description="Hz of the sound that will be sent, as PCM.")
    encoding: Literal["pcm", "opus"] = Field(
        default="pcm", description="Of the sound that will be sent: 16-bit PCM, or Opus packets."
    )
    after: int = Field(
        default=0, ge=0, description="The last event seen; what came after is sent again."
    )
    rejoins: bool = Field(
        default=False,
        description="An earlier connection of this call broke: replies since `after` are spoken.",
    )
    device: Devices = Field(
        default=[], description="What the caller has: `screen_reader`, `narrow`; as in `/v1/chat`."
    )
    played: Position | None = Field(
        default=None, description="Where the reply broke off that was being played."
    )


class Played(Position):
    """So much of a reply has sounded. Sent about four times a second, and at each part's end."""

    type: Literal["played"]


class Mute(_Message):
    """The caller switched the microphone off: what was said so far is taken as it is."""

    type: Literal["mute"]


class Quiet(_Message):
    """The caller tapped "stop": the reply ends, and only what was played was said."""

    type: Literal["quiet"]


class End(_Message):
    """The caller hangs up."""

    type: Literal["end"]


Incoming = Annotated[Start | Played | Mute | Quiet | End, Field(discriminator="type")]
incoming: TypeAdapter[Incoming] = TypeAdapter(Incoming)


class Ready(_Message):
    """The call is open; sound may be sent."""

    type: Literal["ready"] = "ready"
    version: int = VERSION
    rate: int = RATE
    owner: Literal["bot", "queue", "operator"]


class Phase(_Message):
    """What the server is doing: waiting, hearing the caller, working, or speaking."""

    type: Literal["phase"] = "phase"
    phase: Literal["listening", "hearing", "thinking", "speaking"]


class Caption(_Message):
    """What the caller has been heard to say so far; `heard` in the log is what counts."""

    type: Literal["caption"] = "caption"
    text: str
    language: Locale


class Logged(_Message):
    """An event of the conversation's log, as in `/stream`; its number is the cursor."""

    type: Literal["event"] = "event"
    id: int
    event: str
    data: dict[str, Any]


class Speech(_Message):
    """The binary messages that follow are this part's sound, until the next `speech`."""

    type: Literal["speech"] = "speech"
    turn_id: str
    part: int
    from_ms: int = Field(default=0, description="Where in the part the sound begins.")
    ms: int = Field(description="Length of the whole part.")


class Hold(_Message):
    """Somebody may be interrupting: pause at once; `resume` or `stop` follows."""

    type: Literal["hold"] = "hold"


class Resume(_Message):
    """Nobody interrupted: play on."""

    type: Literal["resume"] = "resume"


class Stop(_Message):
    """Fall silent and forget what was not played yet."""

    type: Literal["stop"] = "stop"


class Refused(_Message):
    """What went wrong, in the caller's language. After `final` the connection closes."""

    type: Literal["refused"] = "refused"
    code: str
    message: str
    retry_after: int | None = None
    final: bool = False


Outgoing = Ready | Phase | Caption | Logged | Speech | Hold | Resume | Stop | Refused
