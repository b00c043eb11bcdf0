"""A guess: recognition begun at the first suspicion that a caller has finished."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from app.live.switchboard import Caller, Switchboard, Understood
from app.trace import Trace
from dialogue.types import AudioClip


@dataclass(slots=True, eq=False)
class Guess:
    """One early recognition. Its trace began with the last sound it knows."""

    job: Future[Understood]
    """In the pool."""
    future: asyncio.Future[Understood]
    """The same on the event loop."""
    trace: Trace
    voiced: float
    """Seconds of voice it knows."""
    prepared: bool = False
    """Whether the reply to it is being prepared."""
    over: bool = False
    """Whether speech went on, or its turn was taken: nothing more is prepared for it."""

    @property
    def understood(self) -> Understood | None:
        """What was understood, once that is known; None too when it broke."""
        if not self.future.done() or self.future.cancelled() or self.future.exception():
            return None
        return self.future.result()

    def misses(self, voiced: float, least: float) -> bool:
        """Whether speech went on since, for more than `least` seconds."""
        return voiced - self.voiced > least


@dataclass(slots=True, eq=False)
class Guesses:
    """The guesses at one turn: the one that counts, and those thrown away."""

    board: Switchboard
    caller: Caller
    now: Guess | None = None
    wasted: list[Guess] = field(default_factory=list)
    _told: float = 0.0
    """Seconds of voice whose words the caller was shown."""

    def begin(
        self, clip: AudioClip, silence: float, voiced: float, ready: Callable[[Guess], None]
    ) -> None:
        """Has `clip` heard in a thread; `ready` is called when that is done."""

        def told(done: asyncio.Future[Understood]) -> None:
            self.board.listening -= 1
            if not done.cancelled():
                done.exception()  # asked for, so that asyncio does not complain of it
            ready(guess)

        trace = Trace(late=silence)
        work = (self.caller, clip, trace)
        self.board.listening += 1
        job = self.board.pool.submit(self.board.hear, *work)
        future = asyncio.wrap_future(job)
        guess = self.now = Guess(job, future, trace, voiced)
        future.add_done_callback(told)

    def newest(self, guess: Guess) -> bool:
        """Whether no later words of this turn were told, also where it was dropped since."""
        if (guess is not self.now and guess not in self.wasted) or guess.voiced <= self._told:
            return False
        self._told = guess.voiced
        return True

    def prepare(self) -> None:
        """Has the reply to what was understood prepared, once, while its end is waited for.

        Not while anybody is being heard: that is more urgent.
        """
        guess = self.now
        if guess is None or guess.prepared or guess.understood is None or self.board.listening:
            return
        guess.prepared = True
        work = (guess.understood, guess.trace, lambda: not (guess.over or self.board.listening))
        self.board.pool.submit(self.board.foresee, *work)

    def drop(self) -> None:
        """Speech went on: throws the guess away."""
        if self.now is None:
            return
        self.now.over = True
        if not self.now.job.cancel():
            self.wasted.append(self.now)
        self.now = None

    def account(self, trace: Trace) -> None:
        """Adds the work thrown away to the trace of the turn, as stage `wasted`."""
        for guess in self.wasted:
            ago = guess.trace.now() - trace.now()
            spans = guess.trace.spans
            spent = sum(span.seconds for span in spans)
            if spent:
                trace.add("wasted", spans[0].start - ago, spent)
        self.wasted.clear()

    def take(self) -> Guess | None:
        """The guess that counts; what comes now belongs to the next turn."""
        guess, self.now, self._told = self.now, None, 0.0
        if guess:
            guess.over = True
        return guess
