"""The voices that speak manifests: Kokoro's in both languages; hibari's, espeak-ng's, flite's."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dialogue.types import AudioClip, Language
from speech.audio import WHISPER_RATE, decode, resample
from speech.saying import say
from speech.tts.hibari import DEFAULT_VOICE as HIBARI
from speech.tts.hibari import HibariSynthesizer
from speech.tts.kokoro import KokoroSynthesizer, kokoro_model

ESPEAK_WORDS_PER_MINUTE = 165
Voice = Callable[[str, float], AudioClip]
"""(text, speed) → 16 kHz sound."""


def load_voices(names: list[str], language: Language, models: Path) -> dict[str, Voice]:
    """One voice a name: `espeak:en-gb`, `flite:rms`, hibari's `heart`, or one of Kokoro's."""
    english = HibariSynthesizer()
    kokoro = None
    voices: dict[str, Voice] = {}
    for name in names:
        if name.startswith("espeak:"):
            voices[name] = _espeak(name.removeprefix("espeak:"))
        elif name.startswith("flite:"):
            voices[name] = _flite(name.removeprefix("flite:"))
        elif name == HIBARI:
            voices[name] = _synthesized(english, "", language)
        else:
            kokoro = kokoro or KokoroSynthesizer(kokoro_model(models), 1, english.phonemes)
            voices[name] = _synthesized(kokoro, name, language)
    return voices


def _synthesized(
    engine: HibariSynthesizer | KokoroSynthesizer, voice: str, language: Language
) -> Voice:
    def speak(text: str, speed: float) -> AudioClip:
        # Kokoro here says figures in Chinese, so English ones become words first.
        clips = list(engine.speak(say(text, language), voice, speed))
        whole = np.concatenate([clip.samples for clip in clips])
        return resample(AudioClip(whole, clips[0].rate), WHISPER_RATE)

    return speak


def _espeak(voice: str) -> Voice:
    _needed("espeak-ng")

    def speak(text: str, speed: float) -> AudioClip:
        pace = str(round(speed * ESPEAK_WORDS_PER_MINUTE))
        command = ["espeak-ng", "-v", voice, "-s", pace, "--stdout", "--", say(text, "en")]
        return decode(subprocess.run(command, check=True, capture_output=True).stdout)

    return speak


def _flite(voice: str) -> Voice:
    """`kal`, `awb`, `rms` or `slt`: recordings of people, put together anew."""
    _needed("flite")

    def speak(text: str, speed: float) -> AudioClip:
        with tempfile.NamedTemporaryFile(suffix=".wav") as sound:
            stretch = f"duration_stretch={1 / speed:.3f}"
            command = ["flite", "-voice", voice, "--setf", stretch, "-t", say(text, "en")]
            subprocess.run([*command, "-o", sound.name], check=True, capture_output=True)
            return resample(decode(Path(sound.name).read_bytes()), WHISPER_RATE)

    return speak


def _needed(program: str) -> None:
    if shutil.which(program) is None:
        raise SystemExit(f"{program} is not installed: apt-get install {program}")
