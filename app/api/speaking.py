"""The one place where async meets threads: a received turn is stored, then answered by a worker."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.api.eventlog import EventLog
from app.api.lanes import Lanes
from app.api.replies import Perception, Replier, Reply
from app.intake import Envelope, Intake, Received
from app.logs import about
from app.signatures import Kind
from app.store.artefacts import Artefacts
from app.store.conversations import Conversations
from app.store.records import Attachment, IncomingTurn, StoredTurn
from app.trace import Trace
from dialogue.types import ReplyPart

logger = logging.getLogger(__name__)

_RETRIES = (0.5, 1.5, 3.0, 6.0)
"""Seconds between attempts to close a turn while the store is away."""


class Speaking:
    """Takes turns in and has them answered; turns of one conversation one after the other."""

    def __init__(
        self,
        store: Conversations,
        artefacts: Artefacts,
        log: EventLog,
        replier: Replier,
        *,
        workers: int = 2,
        waiting: int = 32,
    ) -> None:
        self._store = store
        self._artefacts = artefacts
        self._log = log
        self._replier = replier
        self._lanes: Lanes[Reply] = Lanes(self._work, workers, waiting)
        self._stops: defaultdict[str, set[threading.Event]] = defaultdict(set)
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """Turns received and not yet answered."""
        return self._lanes.depth

    def submit(
        self,
        received: Received,
        perceived: Perception | None = None,
        trace: Trace | None = None,
        listener: Callable[[ReplyPart], None] | None = None,
    ) -> StoredTurn:
        """Stores the turn before any work, then has it answered; a known turn id only once.

        Turns sent at the same time are answered in the order in which they were stored.

        Live speech was `perceived` already, its `trace` began with its last sound, and its
        `listener` gets the parts that sound before they are written.
        Raises AccessError when too many turns wait: nothing is stored then.
        """
        key = received.turn.conversation_id
        reply = Reply(received.turn, perceived, trace=trace or Trace(), listener=listener)
        self._lanes.reserve(key)
        with self._log.exclusive(key):
            try:
                stored = self._store.receive(incoming(received))
            except BaseException:
                self._lanes.free()
                raise
            if not stored.again:
                self._lanes.put(key, reply)
        if stored.again:
            self._lanes.free()
            self._complete(stored)
        else:
            self._log.ring(key, "turn")
        return stored

    def resume_unanswered(self, intake: Intake) -> int:
        """Answers what an earlier process received and never answered; how many turns that is.

        What was already said of a reply is not said again.
        """
        waiting = self._store.unanswered()
        for stored in waiting:
            with about(stored.conversation_id, stored.turn_id):
                self._resume(stored, intake)
        return len(waiting)

    def hush(self, conversation_id: str) -> None:
        """Ends the reply under way, its remaining parts are dropped. Hold `log.exclusive`."""
        with self._lock:
            stops = tuple(self._stops.get(conversation_id, ()))
        for stop in stops:
            stop.set()

    def settle(self, conversation_id: str, seconds: float = 10.0) -> None:
        """Waits until no turn of the conversation is under way, `seconds` at most."""
        end = time.monotonic() + seconds
        while self._lanes.occupied(conversation_id) and time.monotonic() < end:
            time.sleep(0.05)

    def close(self) -> None:
        """Finishes the turns under way; those still waiting are answered after the next start."""
        self._lanes.close()

    def _work(self, reply: Reply) -> None:
        turn = reply.turn
        with about(turn.conversation_id, turn.id), self._stoppable(reply):
            for again, seconds in enumerate(_RETRIES):
                try:
                    self._answer(reply, again=again > 0)
                    break
                except Exception:  # the store is away: the turn waits for it
                    logger.warning("a turn is closed again in %.1f s", seconds, exc_info=True)
                    time.sleep(seconds)
            else:
                self._answer(reply, again=True)

    def _answer(self, reply: Reply, *, again: bool) -> None:
        """Answers a turn; `again`: what the log has of the reply already is not said twice."""
        if not again:
            self._replier.answer(reply)
            return
        stored = self._store.receive(incoming(Received(reply.turn)))
        logged = self._logged(stored)
        if stored.status == "received":
            self._replier.answer(replace(reply, said=logged, forms=[]))
        elif "done" not in logged:
            body = {"turn_id": stored.turn_id, "forms": reply.forms}
            self._log.append(stored.conversation_id, "done", body)

    def _resume(self, stored: StoredTurn, intake: Intake) -> None:
        try:
            turn = intake.open(self._envelope(stored)).turn
        except Exception:  # a stored turn that cannot be read must not keep the server down
            logger.exception("a stored turn cannot be resumed")
            self._store.finish(stored.conversation_id, stored.turn_id, {"status": "failed"})
            return
        self._lanes.force()
        self._lanes.put(turn.conversation_id, Reply(turn, said=self._logged(stored)))

    def _envelope(self, stored: StoredTurn) -> Envelope:
        kept = [self._artefacts.find(artefact.id) for artefact in stored.artefacts]
        files: list[tuple[Kind, bytes]] = [
            ("audio" if found.kind == "audio" else "picture", found.content)
            for found in kept
            if found is not None
        ]
        return Envelope(
            conversation_id=stored.conversation_id,
            turn_id=stored.turn_id,
            locale=stored.locale,
            text=stored.text,
            files=tuple(files),
            wants_speech=stored.wants_speech,
        )

    def _complete(self, stored: StoredTurn) -> None:
        """A turn closed right before a crash lacks its `done`; who asks again must get it."""
        under_way = stored.status == "received" or self._lanes.occupied(stored.conversation_id)
        if not under_way and "done" not in self._logged(stored):
            body = {"turn_id": stored.turn_id, "forms": []}
            self._log.append(stored.conversation_id, "done", body)

    def _logged(self, stored: StoredTurn) -> frozenset[str]:
        """Kinds of the events already logged for a turn; parts with their number."""
        events = self._store.events(stored.conversation_id, stored.event)
        return frozenset(
            f"part {event.body['number']}" if event.kind == "part" else event.kind
            for event in events
            if event.body.get("turn_id") == stored.turn_id
        )

    @contextmanager
    def _stoppable(self, reply: Reply) -> Iterator[None]:
        key = reply.turn.conversation_id
        with self._lock:
            self._stops[key].add(reply.stop)
        try:
            yield
        finally:
            with self._lock:
                self._stops[key].discard(reply.stop)
                if not self._stops[key]:
                    del self._stops[key]


def incoming(received: Received) -> IncomingTurn:
    """The turn as the store takes it."""
    turn = received.turn
    files = [Attachment("picture", p.type, p.content) for p in received.pictures]
    if sound := received.audio:
        files.insert(0, Attachment("audio", sound.type, sound.content, sound.seconds))
    return IncomingTurn(
        conversation_id=turn.conversation_id,
        turn_id=turn.id,
        locale=turn.locale,
        text=turn.text,
        modalities=turn.modalities,
        quality={quality.modality: quality.score for quality in turn.quality},
        attachments=tuple(files),
        wants_speech=turn.wants_speech,
    )
