"""What finds speech and turns it into words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.batching import BatchedRecognizer
from app.config import Settings
from app.engines.progress import Progress
from speech.engines import Recognizer, TurnDetector, VoiceDetector

if TYPE_CHECKING:
    from speech.asr.layers import WhisperLayers


def build_detector(settings: Settings) -> VoiceDetector:
    """Finds speech in a clip."""
    match settings.speech.detector:
        case "silero":
            from speech.vad.silero import SileroVoiceDetector

            return SileroVoiceDetector()
        case "energy":
            from speech.vad.energy import EnergyVoiceDetector

            return EnergyVoiceDetector()


def build_turn_detector(settings: Settings) -> TurnDetector | None:
    """Hears whether a caller has finished; None: the words alone tell."""
    match settings.speech.endings:
        case "words":
            return None
        case "smart-turn":
            from speech.vad.smart_turn import SmartTurnDetector, smart_turn_model

            return SmartTurnDetector(smart_turn_model())


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
            recognizer = OpenAIWhisperRecognizer(model, speech.device, speech.script)
            if speech.together == 1:
                return recognizer
            return BatchedRecognizer(recognizer, speech.together, speech.batch_seconds)
        case "replay":
            from speech.asr.replay import ReplayRecognizer

            return ReplayRecognizer()


def build_sound_encoder(settings: Settings, progress: Progress) -> WhisperLayers:
    """The layers of the recogniser's own encoder, for how something was said."""
    from speech.asr.layers import WhisperLayers

    speech = settings.speech
    model = Path(speech.whisper) if speech.whisper else whisper_base(settings, progress)
    return WhisperLayers(model, speech.device)


def whisper_base(settings: Settings, progress: Progress) -> Path:
    """The folder of the embedded Whisper base."""
    from speech.asr.weights import whisper_base as assemble

    return assemble(settings.var / "models", progress)
