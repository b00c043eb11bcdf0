"""Writing: a language model adds to an answer while its first clause is on its way.

The customer never waits for it longer than `patience`; what it writes is checked sentence by
sentence, and the article's own words go on where it is late, fails or says what it may not.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal

from app.pacing import pieces
from app.trace import Trace
from dialogue.engines import UnwrittenError, Writer
from dialogue.response.grounding import SENTENCES, Asked, fault, prompt
from dialogue.response.wording import sentences
from dialogue.types import Card, ReplyPlan

logger = logging.getLogger(__name__)

Outcome = Literal["written", "late", "refused", "failed", "nothing"]
NOTHING = "NONE"
"""What a model answers that has nothing to add."""
WORKERS = 4
"""Models asked at once; a reply beyond that goes without."""

_free = threading.BoundedSemaphore(WORKERS)


Piece = str | Card


def told(
    plan: ReplyPlan, cut: Callable[[ReplyPlan], list[Piece]], writing: Writing | None
) -> Iterator[tuple[Piece, bool]]:
    """The plan's pieces, and whether each is the last; `writing` goes on after the first sentence.

    A plan that is written on has at least two sentences, so that something always follows.
    """
    if writing is None:
        yield from _marked(cut(plan))
        return
    first, *others = plan.clauses
    yield from ((piece, False) for piece in cut(replace(plan, clauses=(first,))))
    rest = replace(plan, clauses=tuple(others), cards=())
    space = " " if plan.language == "en" else ""
    spoken = writing.or_else(iter(others))
    for sentence, last in _marked(spoken):
        found = pieces(replace(rest, clauses=(sentence,)))
        for number, piece in enumerate(found):
            yield f"{space}{piece}".rstrip(), last and number == len(found) - 1


def _marked(found: Iterable[Any]) -> Iterator[tuple[Any, bool]]:
    """Each with whether it is the last; known one late, so never over what nobody must wait for."""
    waiting = iter(found)
    held = next(waiting, None)
    for following in waiting:
        yield held, False
        held = following
    if held is not None:
        yield held, True


class Writing:
    """One continuation, begun when it is made."""

    def __init__(
        self, writer: Writer, asked: Asked, patience: float, stop: threading.Event, trace: Trace
    ) -> None:
        self._asked, self._trace = asked, trace
        self._outer, self._over = stop, threading.Event()
        self._begun = trace.now()
        self._until = time.monotonic() + patience
        self._came_to: Outcome = "late"
        self._ready: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.outcome: Outcome = "late"
        self._fault = ""
        if _free.acquire(blocking=False):
            threading.Thread(target=self._work, args=(writer,), daemon=True).start()
        else:
            self._ready.put(None)

    def or_else(self, rest: Iterator[str]) -> Iterator[str]:
        """The sentences that may be said, as they come; `rest` where there is none."""
        said = 0
        while said < SENTENCES:
            try:
                left = self._until - time.monotonic()
                sentence = self._ready.get(timeout=max(left, 0.001))
            except queue.Empty:
                break
            if sentence is None:
                break
            said += 1
            yield sentence
        self._over.set()
        self.outcome = "written" if said else self._came_to
        self._trace.add("writer", self._begun, self._trace.now() - self._begun)
        if not said:
            yield from rest

    @property
    def reason(self) -> str:
        """What came of it, for the log; not a word of what was refused."""
        why = f": {self._fault}" if self.outcome == "refused" else ""
        return f"language model {self.outcome}{why}"

    def _work(self, writer: Writer) -> None:
        try:
            for sentence in self._sentences(writer):
                if reason := fault(sentence, self._asked):
                    self._fault = reason
                    self._end("refused")
                    return
                self._ready.put(sentence)
            self._end("nothing")
        except UnwrittenError as error:
            logger.warning("the language model gave nothing: %s", error)
            self._end("failed")
        finally:
            _free.release()

    def _sentences(self, writer: Writer) -> Iterator[str]:
        """Whole sentences of what is written, while anybody waits for them."""
        text = ""
        for piece in writer.write(prompt(self._asked), self._unwanted):
            text += piece
            *whole, text = sentences(text) or ("",)
            yield from whole
        if text and text.strip(" .。") != NOTHING and not self._unwanted():
            yield text

    def _unwanted(self) -> bool:
        return self._over.is_set() or self._outer.is_set() or time.monotonic() > self._until

    def _end(self, outcome: Outcome) -> None:
        self._came_to = outcome
        self._ready.put(None)


class Scribe:
    """Asks the language model of an installation, where it has one. Safe to share."""

    def __init__(self, writer: Writer | None, patience: float) -> None:
        """`patience` in seconds: how long the rest of an answer waits."""
        self._writer, self._patience = writer, patience

    def begin(
        self, plan: ReplyPlan, question: str, trace: Trace, stop: threading.Event
    ) -> Writing | None:
        """What is added to an article's first sentence; None where there is nothing to add to."""
        if self._writer is None or not plan.grounds or len(plan.clauses) < 2:
            return None
        asked = Asked(question, plan.grounds, plan.clauses[0], plan.language)
        return Writing(self._writer, asked, self._patience, stop, trace)
