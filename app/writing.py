"""Writing: a language model adds to an answer while its first clause is on its way.

The customer never waits for it longer than `patience`; what it writes is checked sentence by
sentence, and the article's own words go on where it is late, fails or says what it may not.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal

from app.asking import Patience, begin
from app.pacing import Piece, pieces
from app.trace import Trace
from dialogue.engines import UnwrittenError, Writer
from dialogue.response.grounding import SENTENCES, Asked, fault, prompt
from dialogue.response.wording import sentences
from dialogue.types import ReplyPlan

logger = logging.getLogger(__name__)

Outcome = Literal["written", "late", "refused", "failed", "nothing"]
NOTHING = "NONE"
"""What a model answers that has nothing to add."""


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

    def __init__(self, writer: Writer, asked: Asked, patience: Patience) -> None:
        self._asked, self._patience = asked, patience
        self._came_to: Outcome = "late"
        self._ready: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.outcome: Outcome = "late"
        self._fault = ""
        if not begin(lambda: self._work(writer)):
            self._ready.put(None)

    def or_else(self, rest: Iterator[str]) -> Iterator[str]:
        """The sentences that may be said, as they come; `rest` where there is none."""
        said = 0
        while said < SENTENCES:
            try:
                sentence = self._ready.get(timeout=self._patience.left)
            except queue.Empty:
                break
            if sentence is None:
                break
            said += 1
            yield sentence
        self._patience.end()
        self.outcome = "written" if said else self._came_to
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

    def _sentences(self, writer: Writer) -> Iterator[str]:
        """Whole sentences of what is written, while anybody waits for them."""
        text = ""
        for piece in writer.write(prompt(self._asked), self._patience.ended):
            text += piece
            *whole, text = sentences(text) or ("",)
            yield from whole
        if text and text.strip(" .。") != NOTHING and not self._patience.ended():
            yield text

    def _end(self, outcome: Outcome) -> None:
        self._came_to = outcome
        self._ready.put(None)


class Scribe:
    """Asks the language model of an installation, where it has one. Safe to share."""

    def __init__(self, writer: Writer | None, patience: float) -> None:
        """`patience` in seconds: how long the rest of an answer waits."""
        self._writer, self._patience = writer, patience

    def adds(self, plan: ReplyPlan) -> bool:
        """Whether what follows the first sentence of `plan` is left to a model."""
        return self._writer is not None and bool(plan.grounds) and len(plan.clauses) > 1

    def begin(
        self, plan: ReplyPlan, question: str, trace: Trace, stop: threading.Event
    ) -> Writing | None:
        """What is added to an article's first sentence; None where there is nothing to add to."""
        if self._writer is None or not self.adds(plan):
            return None
        asked = Asked(question, plan.grounds, plan.clauses[0], plan.language)
        return Writing(self._writer, asked, Patience(self._patience, stop, trace, "writer"))
