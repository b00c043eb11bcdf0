"""Coqui TTS, for those who install it: any of its models, either language."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from dialogue.types import AudioClip, Language
from speech.audio import trim_silence
from speech.marks import sounds


class CoquiSynthesizer:
    """Speaks with a model that is already on this machine's disk."""

    def __init__(
        self, language: Language, model: str, device: str = "cpu", engine: Any = None
    ) -> None:
        """`model` is a Coqui model name or a checkpoint; `engine` stands in for one in tests."""
        self._language = language
        self._engine = engine if engine is not None else _load(model, device)
        self._lock = threading.Lock()

    @property
    def language(self) -> Language:
        """The language it speaks."""
        return self._language

    @property
    def voices(self) -> tuple[str, ...]:
        """The model's speakers; none where it has one voice only."""
        return tuple(self._engine.speakers or ()) if self._engine.is_multi_speaker else ()

    def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
        """Sound of `text`, one clip a clause, at the model's own rate."""
        if voice and voice not in self.voices:
            raise ValueError(f"Unknown voice {voice!r}; choose one of: {', '.join(self.voices)}")
        return self._clips(text, self._options(voice, speed))

    def _options(self, voice: str, speed: float) -> dict[str, Any]:
        options: dict[str, Any] = {"speed": speed, "split_sentences": False}
        if self._engine.is_multi_speaker:
            options["speaker"] = voice or self.voices[0]
        if self._engine.is_multi_lingual:
            options["language"] = "zh-cn" if self._language == "zh" else "en"
        return options

    def _clips(self, text: str, options: dict[str, Any]) -> Iterator[AudioClip]:
        rate = int(self._engine.synthesizer.output_sample_rate)

        def make(words: str) -> AudioClip:
            with self._lock:
                sound = self._engine.tts(text=words, **options)
            return trim_silence(AudioClip(np.asarray(sound, np.float32), rate))

        return sounds(text, self._language, rate, make)


def _load(model: str, device: str) -> Any:
    try:
        from TTS.api import TTS
    except ImportError as error:
        raise RuntimeError(
            "Coqui speech needs coqui-tts and torchaudio: pip install -e '.[coqui]'"
        ) from error
    return TTS(model_name=model, progress_bar=False).to(device)
