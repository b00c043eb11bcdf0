"""Proposing: a language model is asked what was meant, while the customer hears an answer begin.

Whatever it says, late, wrong or wicked, is at most a request that goes the way of all requests.
"""

from __future__ import annotations

import logging
import queue
import threading

from app.asking import Patience, begin
from app.trace import Trace
from dialogue import proposals
from dialogue.domain import Domain
from dialogue.engines import Parser, ToolCall, UnwrittenError, Writer
from dialogue.types import Decision, State, Understanding

logger = logging.getLogger(__name__)


class Proposal:
    """One question to a model what the customer meant, asked when it is made."""

    def __init__(
        self,
        writer: Writer,
        domain: Domain,
        meaning: Understanding,
        patience: Patience,
    ) -> None:
        self._domain, self._meaning, self._patience = domain, meaning, patience
        self._ready: queue.SimpleQueue[ToolCall | None] = queue.SimpleQueue()
        self._came_to = "late"
        self.outcome = "late"
        """What came of it: the request that was proposed, nothing, failed, refused or late."""
        if not begin(lambda: self._work(writer)):
            self._ready.put(None)

    def wait(self, state: State, parser: Parser) -> Understanding | None:
        """The request that was proposed, once it is there; None where there is none in time."""
        try:
            call = self._ready.get(timeout=self._patience.left)
        except queue.Empty:
            call = None
        ended = self._patience.ended()
        self._patience.end()
        if call is None or ended:
            self.outcome = "late" if ended else self._came_to
            return None
        language = self._meaning.language
        read = lambda words, asked: parser.parse(words, language, asked).slots  # noqa: E731
        found = proposals.proposed(self._domain, state, self._meaning, call, read)
        self.outcome = f"proposed {call.name}" if found else "refused: no such tool"
        return found

    def _work(self, writer: Writer) -> None:
        prompt = proposals.prompt(self._domain, self._meaning)
        offered = proposals.tools(self._domain, self._meaning)
        call = None
        try:
            call = writer.choose(prompt, offered, self._patience.ended)
            self._came_to = "nothing"
        except UnwrittenError as error:
            logger.warning("the language model proposed nothing: %s", error)
            self._came_to = "failed"
        finally:
            self._ready.put(call)


class Interpreter:
    """Asks the language model of an installation what was meant, where it may. Safe to share."""

    def __init__(self, writer: Writer | None, domain: Domain, seconds: float) -> None:
        """`writer` is None where it proposes nothing; `seconds` a reply goes on waiting for it."""
        self._writer, self._domain, self._seconds = writer, domain, seconds

    def wanted(self, state: State, meaning: Understanding, decision: Decision) -> bool:
        """Whether a model would be asked."""
        return self._writer is not None and proposals.lost(self._domain, state, meaning, decision)

    def begin(self, meaning: Understanding, trace: Trace, stop: threading.Event) -> Proposal:
        """Asks. Only where it is `wanted`."""
        assert self._writer is not None
        patience = Patience(self._seconds, stop, trace, "proposal")
        return Proposal(self._writer, self._domain, meaning, patience)
