"""One whole turn for callers that wait for it: the playground, `lingxi ask` and the benches."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass
from typing import Any

from app.api.speaking import incoming
from app.errors import IntakeError
from app.house import House
from app.intake import Envelope
from app.perceived import Perceived
from app.signatures import Kind
from app.trace import Trace
from dialogue.types import AudioClip, Language, ReplyPart
from speech.audio import encode_wav, join
from web.builders import Answered, Sent


@dataclass(frozen=True, slots=True, eq=False)
class Turned:
    """A turn that was answered."""

    conversation_id: str
    modalities: tuple[str, ...]
    perceived: Perceived
    parts: tuple[ReplyPart, ...]
    trace: Trace
    record: dict[str, Any]
    """As stored, in the shape of the admin API."""


def answer(
    house: House,
    language: Language,
    text: str = "",
    files: tuple[tuple[Kind, bytes], ...] = (),
    speak: bool | None = None,
    conversation_id: str = "",
    channel: str = "api",
) -> Turned:
    """Takes one turn through the line; "" begins a conversation. Raises IntakeError."""
    conversation_id = conversation_id or house.store.start(language, channel)[0]
    envelope = Envelope(conversation_id, uuid.uuid4().hex, language, text, files, speak)
    trace = Trace()
    with trace.span("intake"):
        received = house.intake.open(envelope)
    with trace.span("receive"):
        house.store.receive(incoming(received))
    items = list(house.conversation.respond(received.turn, trace, threading.Event()))
    perceived = next(item for item in items if isinstance(item, Perceived))
    parts = tuple(item for item in items if isinstance(item, ReplyPart))
    record = house.archive.conversation(conversation_id)["turns"][-1]
    return Turned(conversation_id, received.turn.modalities, perceived, parts, trace, record)


def converse(house: House, sent: Sent) -> Answered:
    """One turn of the playground. Raises ValueError with a sentence to show."""
    language: Language = "en" if sent.locale == "en" else "zh"
    files: list[tuple[Kind, bytes]] = [("picture", content) for content in sent.pictures]
    if sent.audio:
        files.insert(0, ("audio", sent.audio))
    try:
        turned = answer(
            house, language, sent.text, tuple(files), sent.speak, sent.session, "playground"
        )
    except IntakeError as error:
        raise ValueError(error.sentence(language)) from error
    clips: list[AudioClip] = [part.audio for part in turned.parts if part.audio]
    speech = encode_wav(join(clips)) if clips else None
    return Answered(turned.conversation_id, turned.record, speech)
