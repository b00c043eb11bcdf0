"""Every engine the settings choose: what typed turns need side by side, the rest late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from app.config import Settings
from app.engines.hearing import build_detector, build_recognizer
from app.engines.joint import build_joint, pack_hints
from app.engines.late import Late, LateJoint
from app.engines.progress import Progress
from app.engines.seeing import build_text_reader, build_understander
from app.engines.shop import build_actions
from app.engines.speaking import build_voices
from app.engines.understanding import Greeting, build_embedder, build_parser, build_responder
from app.engines.writing import build_writer
from dialogue.domain import Domain
from dialogue.engines import Actions, Parser, Understander, Writer
from dialogue.pack import load_domain
from dialogue.types import AudioClip, Heard, Hints, Language, State, Transcript
from speech.engines import Recognizer, Synthesizer, VoiceDetector

if TYPE_CHECKING:
    from app.store.database import Database

SHARED = ("scipy.optimize", "scipy.sparse", "sklearn.feature_extraction.text")
"""Libraries that several threads import: two at once can get half a library each."""
_RATE = 16_000
"""Hz."""
_IN_TORCH = frozenset({"openai-whisper", "coqui"})
"""Engines that run in torch; without them it is not loaded at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Engines:
    """Everything the pipeline runs on."""

    domain: Domain
    detector: VoiceDetector
    recognizer: Recognizer
    voices: Mapping[Language, Synthesizer]
    parser: Parser
    joint: Callable[[Transcript, State], Heard]
    """Words and meaning of what was heard."""
    understander: Understander
    responder: Greeting
    actions: Actions
    writer: Writer | None
    patience: float
    """Seconds that the rest of an answer waits for the writer."""
    proposals: bool
    """Whether the writer may propose what was meant."""
    hints: Hints
    """What the recognizer is told before anybody speaks."""
    late: tuple[Late[Any], ...]
    """What is not loaded before somebody needs it, or `complete` is called."""

    def complete(self) -> None:
        """Loads what is not loaded yet; some seconds."""
        for engine in self.late:
            engine()

    @property
    def completed(self) -> bool:
        """Whether everything is loaded."""
        return all(engine.loaded for engine in self.late)


def build_engines(settings: Settings, database: Database, progress: Progress) -> Engines:
    """Loads every engine the settings choose; speech and understanding side by side.

    What only speech or pictures need, and can wait for the first of them, is left to `complete`.
    """
    domain = load_domain(settings.pack)
    embedder = build_embedder(settings)
    speech = settings.speech
    heavy = _IN_TORCH & {speech.recognizer, speech.english, speech.chinese}
    for library in (*SHARED, *(["torch"] if heavy else [])):
        import_module(library)
    with ThreadPoolExecutor(2) as pool:
        recognizer = pool.submit(build_recognizer, settings, progress)
        voices = pool.submit(build_voices, settings, progress)
        parser = build_parser(settings, domain, embedder)
        responder = build_responder(settings, domain, embedder, database)
        progress("understanding", 1.0)
        reader = build_text_reader(settings)
        understander = build_understander(settings, embedder, reader)
        progress("pictures", 1.0)
        joint = Late(lambda: build_joint(settings, domain, parser))
        heard = recognizer.result()
        return Engines(
            domain=domain,
            detector=build_detector(settings),
            recognizer=heard,
            voices=voices.result(),
            parser=parser,
            joint=LateJoint(joint),
            understander=understander,
            responder=responder,
            actions=build_actions(settings, database),
            writer=build_writer(settings),
            patience=settings.writer.seconds,
            proposals=settings.writer.proposals,
            hints=pack_hints(settings, domain),
            late=(Late(lambda: rehearsed(heard)), joint, *([reader.reader] if reader else [])),
        )


def rehearsed(recognizer: Recognizer) -> Transcript:
    """One recognition that nobody waits for: the first is several times slower than the next."""
    hiss = np.random.default_rng(0).normal(0, 0.05, 2 * _RATE).astype(np.float32)
    return recognizer.transcribe(AudioClip(hiss, _RATE), Hints(language="zh"))
