"""Ear: sound, words and meaning of one utterance; what the sound alone tells beside the words."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from app.engines import Engines
from app.trace import Trace
from dialogue.types import AudioClip, Heard, Hints, State, Transcript
from speech.audio import trim
from speech.joint.decide import Sought

WORKERS = 2
"""Utterances that are sought at the same time."""


class Ear:
    """Hears utterances. Safe to share between threads."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._beside = ThreadPoolExecutor(WORKERS, thread_name_prefix="seek")

    def hear(
        self, clip: AudioClip, hints: Hints, state: State, trace: Trace
    ) -> tuple[Transcript, Heard]:
        """What `clip` says. While the recognizer spells its words out, the sentences that its
        sound may be are sought (stage `seek`)."""
        seeking: list[Future[Sought]] = []

        def early(found: Transcript) -> None:
            seeking.append(self._beside.submit(self._seek, found, state, trace))

        transcript = self._listen(clip, hints, trace, early)
        with trace.span("joint"):
            sought = seeking[0].result() if seeking else None
            return transcript, self._engines.joint(transcript, state, sought)

    def _seek(self, found: Transcript, state: State, trace: Trace) -> Sought:
        with trace.span("seek"):
            return self._engines.joint.seek(found, state)

    def _listen(
        self, clip: AudioClip, hints: Hints, trace: Trace, early: Callable[[Transcript], None]
    ) -> Transcript:
        with trace.span("vad"):
            stretches = self._engines.detector.speech(clip)
        if not stretches:
            language = max(hints.prior, key=lambda p: p[1])[0] if hints.prior else "zh"
            return Transcript((), language, no_speech=1.0)
        with trace.span("asr"):
            return self._engines.recognizer.transcribe(trim(clip, stretches), hints, early)
