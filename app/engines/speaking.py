"""A voice for each language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from app.config import Settings
from app.engines.packages import VOICES
from app.engines.progress import Progress
from dialogue.types import Language
from speech.engines import Synthesizer

if TYPE_CHECKING:
    from speech.tts.hibari import HibariSynthesizer


def build_voices(settings: Settings, progress: Progress) -> dict[Language, Synthesizer]:
    """A voice for each language, remembering the phrases it has said."""
    engines: dict[Language, Synthesizer] = {
        "en": _english(settings),
        "zh": _chinese(settings, progress),
    }
    progress("voices", 1.0)
    return {language: _cached(settings, engine) for language, engine in engines.items()}


@cache
def hibari() -> HibariSynthesizer:
    """Speaks English, and pronounces English words for the Chinese voice; loaded once."""
    from speech.tts.hibari import HibariSynthesizer

    return HibariSynthesizer()


def _english(settings: Settings) -> Synthesizer:
    match settings.speech.english:
        case "hibari":
            return hibari()
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
            return KokoroSynthesizer(model, settings.speech.threads, hibari().phonemes)
        case "coqui":
            from speech.tts.coqui import CoquiSynthesizer

            return CoquiSynthesizer("zh", settings.speech.chinese_voice, settings.speech.device)
        case "tone":
            from speech.tts.tone import ToneSynthesizer

            return ToneSynthesizer("zh")


def _cached(settings: Settings, engine: Synthesizer) -> Synthesizer:
    from speech.tts.cache import PhraseCache

    english = engine.language == "en"
    speech = settings.speech
    name = speech.english if english else speech.chinese
    model = speech.english_voice if english else speech.chinese_voice
    return PhraseCache(engine, settings.var / "phrases", voice_version(name, model))


def speech_forgetter(settings: Settings) -> Callable[[Iterable[str]], int]:
    """What removes the sound of sentences, in every voice, from the phrase cache."""
    from speech.tts.cache import forget

    return partial(forget, settings.var / "phrases")


def voice_version(name: str, model: str = "", released: Callable[[str], str] = version) -> str:
    """Names a voice and the release of every package its sound depends on, ours among them."""
    packages = [f"{package} {released(package)}" for package in ("lingxi", *VOICES[name])]
    return ", ".join((name, model, *packages))
