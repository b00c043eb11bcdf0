"""Real engines, put together once, and sounds to feed them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dialogue.types import AudioClip
from speech.asr.faster_whisper import FasterWhisperRecognizer
from speech.asr.weights import whisper_base
from speech.audio import WHISPER_RATE, decode
from speech.tts.hibari import HibariSynthesizer
from speech.tts.kokoro import KokoroSynthesizer, kokoro_model

RECORDINGS = Path(__file__).parent.parent / "assets" / "speech"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def whisper_folder(models: Path) -> Path:
    return whisper_base(models)


@pytest.fixture(scope="session")
def whisper(whisper_folder: Path) -> FasterWhisperRecognizer:
    return FasterWhisperRecognizer(whisper_folder, threads=2)


@pytest.fixture(scope="session")
def hibari() -> HibariSynthesizer:
    return HibariSynthesizer()


@pytest.fixture(scope="session")
def kokoro(models: Path, hibari: HibariSynthesizer) -> KokoroSynthesizer:
    return KokoroSynthesizer(kokoro_model(models), threads=2, latin=hibari.phonemes)


@pytest.fixture(scope="session")
def order() -> AudioClip:
    """A real person: "Make me a dark roast iced coffee"."""
    return decode((RECORDINGS / "dark_roast.flac").read_bytes())


@pytest.fixture(scope="session")
def noises() -> dict[str, AudioClip]:
    time = np.arange(3 * WHISPER_RATE) / WHISPER_RATE
    white = np.random.default_rng(7).normal(0, 0.05, len(time))
    hum = 0.1 * np.sin(2 * np.pi * 50 * time) + 0.03 * np.sin(2 * np.pi * 150 * time)
    sounds = {"silence": np.zeros_like(time), "white": white, "faint": white / 25, "hum": hum}
    return {n: AudioClip(s.astype(np.float32), WHISPER_RATE) for n, s in sounds.items()}
