"""English speech: hibari, eight megabytes and many times faster than real time."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from hibari import SAMPLE_RATE, Hibari
from hibari.voices import VOICES

from dialogue.types import AudioClip, Language
from speech.audio import trim_silence
from speech.marks import sounds

DEFAULT_VOICE = "heart"


class HibariSynthesizer:
    """Speaks English sentence by sentence, with the voice inside the package. Thread-safe."""

    language: Language = "en"

    def __init__(self, threads: int = 1) -> None:
        self._engine = Hibari(threads=threads)
        self._engine.phonemize("Ready.")  # loads the pronouncing dictionary now
        self._lock = threading.Lock()

    @property
    def voices(self) -> tuple[str, ...]:
        """The voices there are; others would have to be downloaded."""
        return tuple(name for name, voice in VOICES.items() if voice.get("bundled"))

    def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
        """24 kHz sound of `text`, one clip a clause."""
        if voice and voice not in self.voices:
            raise ValueError(f"Unknown voice {voice!r}; choose one of: {', '.join(self.voices)}")
        return self._clips(text, speed)

    def phonemes(self, text: str) -> str:
        """English `text` in the phonemes that hibari and Kokoro share."""
        with self._lock:
            return " ".join(self._engine.phonemize(text))

    def _clips(self, text: str, speed: float) -> Iterator[AudioClip]:
        def make(words: str) -> AudioClip | None:
            with self._lock:  # its dictionary caches words as it goes
                sound = self._engine(words, speed=speed, seed=0)
            return trim_silence(AudioClip(sound, SAMPLE_RATE)) if len(sound) else None

        return sounds(text, "en", SAMPLE_RATE, make)
