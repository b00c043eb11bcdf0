"""One turn's reply on its way into the event log, from first part to close in one thread."""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol, cast, runtime_checkable

from app.api.eventlog import EventLog
from app.api.metrics import Metrics
from app.errors import describe
from app.marks import ai_mark
from app.record import part_record
from app.store.artefacts import Artefacts
from app.store.conversations import Conversations
from app.store.records import Attachment, OwnerChangedError
from app.trace import Trace
from dialogue.types import (
    AudioClip,
    Heard,
    Language,
    Owner,
    ReplyPart,
    Transcript,
    Turn,
    Understanding,
)
from speech.audio import encode_mp3

logger = logging.getLogger(__name__)


class Pipeline(Protocol):
    """Answers turns."""

    def respond(
        self, turn: Turn, trace: Trace, stop: threading.Event, perceived: Any = None
    ) -> Iterator[object]:
        """What was perceived, then the parts of the reply. Acts and speaks once.

        `perceived` is what the same pipeline heard of the turn before it ended, if it did.
        """
        ...


@runtime_checkable
class Perception(Protocol):
    """What a turn was taken to say and mean, as the pipeline yields it."""

    @property
    def transcript(self) -> Transcript | None:
        """What was heard; None for a turn without speech."""
        ...

    @property
    def heard(self) -> Heard | None:
        """Words and meaning decided together."""
        ...

    @property
    def meaning(self) -> Understanding:
        """What it means."""
        ...


@dataclass(slots=True, eq=False)
class Reply:
    """One turn being answered."""

    turn: Turn
    perceived: Perception | None = None
    """What was heard of it while it was still waited for its end."""
    said: frozenset[str] = frozenset()
    """What an earlier process already logged of it, see `logged`."""
    stop: threading.Event = field(default_factory=threading.Event)
    trace: Trace = field(default_factory=Trace)
    forms: list[str] = field(default_factory=list)
    language: Language | None = None
    """Of the turn itself, once it is known."""
    owner: Owner = "bot"
    """Who answered when it began; nothing is said for another."""
    listener: Callable[[ReplyPart], None] | None = None
    """Gets each part that sounds at once, before it is encoded and written."""


class Replier:
    """Runs the pipeline for a turn and logs what it yields."""

    def __init__(
        self,
        store: Conversations,
        artefacts: Artefacts,
        log: EventLog,
        pipeline: Pipeline,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._artefacts = artefacts
        self._log = log
        self._pipeline = pipeline
        self._metrics = metrics

    def answer(self, reply: Reply) -> None:
        """Answers a turn and closes it, whatever breaks on the way."""
        try:
            outcome = self._run(reply)
        except Exception:  # the edge: the customer is told, and the conversation goes on
            outcome = "interrupted" if reply.stop.is_set() else self._failed(reply.turn)
        self._finish(reply, outcome)

    def _run(self, reply: Reply) -> str:
        turn, stop = reply.turn, reply.stop
        reply.owner = self._store.standing(turn.conversation_id).owner
        if reply.owner == "operator":
            return "silent"
        respond = self._pipeline.respond(turn, reply.trace, stop, reply.perceived)
        items = cast("Generator[object]", respond)
        with closing(items):
            for item in items:
                self._publish(reply, item)
        return "interrupted" if stop.is_set() else "answered"

    def _publish(self, reply: Reply, item: object) -> None:
        match item:
            case ReplyPart():
                if f"part {item.number}" not in reply.said and not reply.stop.is_set():
                    self._say(reply, item)
            case Perception():
                reply.language = item.meaning.language
                self._metrics.weighed(item.meaning.modality_weights)
                if item.transcript and "heard" not in reply.said:
                    self._log.append(
                        reply.turn.conversation_id, "heard", heard_body(reply.turn, item)
                    )
            case _:
                pass  # a change of owner: the store logs it when the turn is finished

    def _say(self, reply: Reply, part: ReplyPart) -> None:
        turn = reply.turn
        if part.audio and reply.listener:
            with self._log.exclusive(turn.conversation_id):
                if reply.stop.is_set():
                    return
                reply.listener(part)
        audio, speech = self._voice(turn, part.number, part.audio) if part.audio else (None, "")
        body = {"turn_id": turn.id, **part_record(part), "audio": audio}
        with self._log.exclusive(turn.conversation_id):
            if reply.stop.is_set():
                return
            try:
                self._log.append(
                    turn.conversation_id, "part", body, speech, reply.owner, part.audio
                )
            except OwnerChangedError:  # in another process
                reply.stop.set()
                return
        shown = (("text", part.text), ("speech", audio), ("card", part.card))
        reply.forms.extend(f for f, there in shown if there and f not in reply.forms)

    def _voice(self, turn: Turn, number: int, clip: AudioClip) -> tuple[dict[str, Any], str]:
        """Where the speech is kept, and the speech itself in base64."""
        content = encode_mp3(clip, ai_mark(f"{turn.id}-{number}"))
        seconds = round(clip.seconds, 3)
        attachment = Attachment("speech", "audio/mpeg", content, seconds)
        kept = self._artefacts.keep_speech(turn.conversation_id, turn.id, number, attachment)
        audio = {"url": kept.url, "type": kept.media_type, "seconds": seconds}
        return audio, base64.b64encode(content).decode()

    def _failed(self, turn: Turn) -> str:
        logger.exception("the turn failed")
        self._metrics.failed("internal")
        message = describe("internal", turn.locale)
        body = {"turn_id": turn.id, "code": "internal", "message": message}
        self._log.append(turn.conversation_id, "error", body)
        return "failed"

    def _finish(self, reply: Reply, outcome: str) -> None:
        """Closes the turn; the pipeline has usually closed it in the store already."""
        turn, first = reply.turn, reply.trace.first_audio
        status = "failed" if outcome == "failed" else "done"
        self._store.finish(turn.conversation_id, turn.id, {"status": status})
        body: dict[str, Any] = {"turn_id": turn.id, "forms": reply.forms}
        if first is not None:
            body["first_audio_ms"] = round(first * 1000, 1)
        self._log.append(turn.conversation_id, "done", body)
        language = reply.language or turn.locale
        self._metrics.turned(turn.modalities, language, outcome)
        self._metrics.traced(reply.trace.spans, first, language)
        logger.info("%s in %.0f ms", outcome, reply.trace.now() * 1000)


def heard_body(turn: Turn, perceived: Perception) -> dict[str, Any]:
    """The body of a `heard` event."""
    assert perceived.transcript is not None
    joint = perceived.heard.joint_text if perceived.heard else perceived.transcript.text
    return {
        "turn_id": turn.id,
        "text": joint,
        "language": perceived.transcript.language,
        "confidence": round(perceived.meaning.confidence, 3),
    }
