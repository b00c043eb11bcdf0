"""One turn, start to end: hear it, decide, act, and say the answer."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from app.deciding import Answer, Decider
from app.engines import Engines
from app.pacing import BUDGET_SECONDS, Pacer, Piece, clause_of, pieces, spoken
from app.perceived import Perceived, by_ear, language_of
from app.proposing import Interpreter
from app.record import answer_record, heard_record, meaning_record, part_record, trace_record
from app.standing import standing_state
from app.store.conversations import Conversations
from app.store.instants import utc_now
from app.store.records import StaleStateError, Standing
from app.trace import Trace
from app.writing import Scribe, told
from dialogue.manager import start
from dialogue.proposals import ACKNOWLEDGEMENT
from dialogue.response.wording import sentences
from dialogue.rest import present
from dialogue.state import mood, remember, to_json
from dialogue.types import (
    AudioClip,
    Card,
    Heard,
    Hints,
    Language,
    ReplyPart,
    ReplyPlan,
    State,
    Transcript,
    Turn,
)
from dialogue.types.marks import unmarked
from speech.audio import join, trim
from speech.engines import Remembering

logger = logging.getLogger(__name__)

_HOME = 0.65
"""Prior of the language the conversation is in."""
_AHEAD = 2
"""Replies whose later clauses are made ahead at the same time."""


class Conversation:
    """The pipeline that every surface goes through. Safe to share between threads."""

    def __init__(
        self, engines: Engines, store: Conversations, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._engines = engines
        self._store, self._clock = store, clock
        self._decider = Decider(engines.domain, engines.actions)
        self._pacer = Pacer(engines.domain, engines.voices)
        self._scribe = Scribe(engines.writer, engines.patience)
        proposer = engines.writer if engines.proposals else None
        self._interpreter = Interpreter(proposer, engines.domain, engines.patience)
        self._ahead = ThreadPoolExecutor(_AHEAD, thread_name_prefix="ahead")

    def close(self) -> None:
        """Ends the threads that make clauses ahead; one under way is let finish."""
        self._ahead.shutdown(wait=True, cancel_futures=True)

    def greet(self, language: Language) -> ReplyPlan:
        """What a new conversation opens with; nothing is stored."""
        state, decision = start(language)
        return self._engines.responder.greet(decision, state)

    def state_of(self, standing: Standing) -> State:
        """The dialogue's state as it holds now: some of what was stored may be too old."""
        return present(self._engines.domain, standing_state(standing), self._clock())

    def hear(self, turn: Turn, state: State, trace: Trace, hints: Hints | None = None) -> Perceived:
        """What `turn` says and means. No effects: call it early, repeatedly, throw it away."""
        transcript = heard = None
        if turn.audio is not None:
            transcript = self._listen(turn.audio, hints or self._hints(turn, state), trace)
            with trace.span("joint"):
                heard = self._engines.joint(transcript, state)
        return self._understand(turn, state, trace, transcript, heard)

    def _understand(
        self,
        turn: Turn,
        state: State,
        trace: Trace,
        transcript: Transcript | None,
        heard: Heard | None,
    ) -> Perceived:
        engines = self._engines
        text = "\n".join(t for t in (turn.text, heard and heard.joint_text) if t)
        language = language_of(turn, heard, state)
        with trace.span("nlu"):
            parsed = engines.parser.parse(text, language, state)
        if heard and not turn.text:
            parsed = by_ear(parsed, heard)
        with trace.span("fusion"):
            meaning = engines.understander.understand(turn, parsed, transcript, state)
        return Perceived(transcript, heard, meaning, state.version)

    def respond(
        self,
        turn: Turn,
        trace: Trace,
        stop: threading.Event,
        perceived: Perceived | None = None,
    ) -> Iterator[Perceived | ReplyPart]:
        """Yields what was perceived, then the reply part by part; acts once and stores the turn.

        The turn must have been received by the store. When `stop` is set nothing more is said.
        """
        standing = self._store.standing(turn.conversation_id)
        state = self.state_of(standing)
        live = perceived is not None
        if perceived is None:
            perceived = self.hear(turn, state, trace)
        elif perceived.version != state.version:  # heard while the turn before was worked on
            perceived = self._understand(turn, state, trace, perceived.transcript, perceived.heard)
        yield perceived
        answer = self._decider.decide(turn, state, perceived.meaning, trace)
        left = BUDGET_SECONDS - trace.now()
        answer = yield from self._reconsidered(turn, state, answer, trace, stop)
        with trace.span("wording"):
            answer.plan = self._decider.worded(answer, self._engines.responder, turn, left)
        cut = partial(self._pacer.hurried, trace=trace) if live and not answer.asked else pieces
        if not answer.asked:
            answer.writing = self._scribe.begin(answer.plan, answer.meaning.text, trace, stop)
        if not answer.writing:
            self._ahead.submit(self._prepare, answer.plan, stop)
        found = told(answer.plan, cut, answer.writing)
        for part in self._speak(answer.plan, found, trace, stop, answer.led):
            answer.said.append(part)
            yield part
        told_by = answer.writing.reason if answer.writing else answer.asked
        if told_by:
            reason = f"{answer.plan.reason}; {told_by}"
            answer.plan = replace(answer.plan, reason=reason)
        self._finish(turn, standing, perceived, answer, trace)

    def _reconsidered(
        self, turn: Turn, state: State, answer: Answer, trace: Trace, stop: threading.Event
    ) -> Generator[ReplyPart, None, Answer]:
        """`answer`, or what a language model proposes instead of asking again.

        The customer hears that it is looked into before anything is waited for.
        """
        if not self._asks(state, answer):
            return answer
        proposal = self._interpreter.begin(answer.meaning, trace, stop)
        plan = self._engines.responder.plan(ACKNOWLEDGEMENT, turn, answer.meaning, answer.state)
        lead = [(f"{s} " if plan.language == "en" else s, False) for s in plan.clauses]
        said = []
        for part in self._speak(plan, iter(lead), trace, stop):
            said.append(part)
            yield part
        if meaning := proposal.wait(state, self._engines.parser):
            answer = self._decider.decide(turn, state, meaning, trace)
        answer.said, answer.led = said, len(said)
        answer.asked = f"language model {proposal.outcome}"
        return answer

    def _asks(self, state: State, answer: Answer) -> bool:
        """Whether a language model is asked what was meant; never once the shop was."""
        fresh = not answer.results
        return fresh and self._interpreter.wanted(state, answer.meaning, answer.decision)

    def foresee(
        self, turn: Turn, state: State, perceived: Perceived, wanted: Callable[[], bool]
    ) -> None:
        """Has ready what the reply to `turn` would say, clause by clause while it is `wanted`.

        The shop is asked what it would answer; nothing is done and nothing stored.
        """
        language, clauses = self.outlook(turn, state, perceived)
        for clause in clauses:
            if not wanted():
                return
            if not self._pacer.holds(clause, language):
                list(self._engines.voices[language].speak(clause))

    def _prepare(self, plan: ReplyPlan, stop: threading.Event) -> None:
        """Makes the clauses of a reply under way that do not sound at once, in order: each is begun
        while those before it are still encoded, written and heard."""
        voice = self._engines.voices[plan.language]
        if not isinstance(voice, Remembering):  # it would be made twice
            return
        try:
            for clause in spoken(plan):
                if stop.is_set():
                    return
                if not self._pacer.holds(clause, plan.language):
                    list(voice.speak(clause))
        except (RuntimeError, ValueError):
            logger.warning("a clause could not be made ahead", exc_info=True)

    def outlook(
        self, turn: Turn, state: State, perceived: Perceived
    ) -> tuple[Language, tuple[str, ...]]:
        """The clauses that the reply to `turn` would speak, as far as that is sure; none where it
        would not speak."""
        answer = self._decider.decide(turn, state, perceived.meaning, Trace(), rehearsed=True)
        if self._asks(state, answer):
            answer.decision = ACKNOWLEDGEMENT
        plan = self._decider.worded(answer, self._engines.responder, turn)
        if self._scribe.adds(plan):
            plan = replace(plan, clauses=plan.clauses[:1])
        return plan.language, spoken(plan)

    def _listen(self, clip: AudioClip, hints: Hints, trace: Trace) -> Transcript:
        with trace.span("vad"):
            stretches = self._engines.detector.speech(clip)
        if not stretches:
            language = max(hints.prior, key=lambda p: p[1])[0] if hints.prior else "zh"
            return Transcript((), language, no_speech=1.0)
        with trace.span("asr"):
            return self._engines.recognizer.transcribe(trim(clip, stretches), hints)

    def _hints(self, turn: Turn, state: State) -> Hints:
        home = state.language if state.version else turn.locale
        other: Language = "en" if home == "zh" else "zh"
        return replace(self._engines.hints, prior=((home, _HOME), (other, 1 - _HOME)))

    def _speak(
        self,
        plan: ReplyPlan,
        found: Iterator[tuple[Piece, bool]],
        trace: Trace,
        stop: threading.Event,
        first: int = 0,
    ) -> Iterator[ReplyPart]:
        """The plan part by part, the `first` so numbered; each is sent before the next is made."""
        for number, (piece, last) in enumerate(found, first):
            if stop.is_set():
                return
            suggestions = plan.suggestions if last else ()
            if isinstance(piece, Card):
                yield ReplyPart(number, card=piece, suggestions=suggestions, last=last)
                continue
            clause = clause_of(piece, plan)
            audio = self._voice(clause.text, plan, trace) if clause.aloud else None
            words = unmarked(clause.text) if clause.shown else ""
            yield ReplyPart(number, words, audio, suggestions=suggestions, last=last)

    def _voice(self, text: str, plan: ReplyPlan, trace: Trace) -> AudioClip | None:
        """The sound of one clause; None when it cannot be made: the text is there anyway."""
        engine = self._engines.voices[plan.language]
        known = self._pacer.holds(text, plan.language)
        with trace.span("tts") as spent:
            try:
                clips = list(engine.speak(text))
            except (RuntimeError, ValueError):
                logger.exception("a clause could not be spoken")
                return None
        if not known:
            self._pacer.note(text, plan.language, spent())
        if not clips:
            return None
        trace.mark_audio()
        return join(clips)

    def _finish(
        self,
        turn: Turn,
        standing: Standing,
        perceived: Perceived,
        answer: Answer,
        trace: Trace,
    ) -> None:
        between = "" if answer.state.language == "zh" else " "
        said = between.join(part.text.strip() for part in answer.said[answer.led :] if part.text)
        state = remember(answer.state, sentences(said), self._clock())
        record: dict[str, Any] = {
            "status": "done",
            "text": perceived.meaning.text,
            **heard_record(perceived.transcript, perceived.heard),
            **meaning_record(perceived.meaning),
            "mood": mood(self._engines.domain, perceived.meaning),
            **answer_record(answer.decision, answer.results, answer.plan, answer.state.arms),
            "reply": [part_record(part) for part in answer.said],
            **trace_record(trace),
        }
        try:
            kept = json.loads(to_json(state))
            self._store.finish(
                turn.conversation_id, turn.id, record, state=kept, version=standing.version
            )
        except StaleStateError:  # a person took over: the state is theirs now
            self._store.finish(turn.conversation_id, turn.id, record)
