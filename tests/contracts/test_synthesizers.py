"""What every synthesizer promises."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from speech.engines import Synthesizer
from speech.tts.cache import PhraseCache
from speech.tts.coqui import CoquiSynthesizer
from speech.tts.hibari import HibariSynthesizer
from speech.tts.kokoro import KokoroSynthesizer, kokoro_model
from speech.tts.tone import ToneSynthesizer

TEXTS = {
    "zh": "您好，您的订单FD2024051已经送到。",
    "en": "Hello there, your order FD2024051 has arrived.",
}


def _make(name: str, folder: Path) -> Synthesizer:
    match name:
        case "kokoro":
            return KokoroSynthesizer(kokoro_model(folder), threads=2)
        case "hibari":
            return HibariSynthesizer()
        case "tone-zh":
            return ToneSynthesizer("zh")
        case "cached":
            return PhraseCache(ToneSynthesizer("en"), folder / "phrases", "tone")
    if not (importlib.util.find_spec("TTS") and importlib.util.find_spec("torchaudio")):
        pytest.skip("coqui-tts needs torchaudio, which has no CPU build for this torch")
    return CoquiSynthesizer("en", "tts_models/en/ljspeech/vits")


@pytest.fixture(scope="module", params=["kokoro", "hibari", "tone-zh", "cached", "coqui"])
def synthesizer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Synthesizer:
    return _make(request.param, tmp_path_factory.mktemp("models"))


def test_text_becomes_sound_that_starts_at_once(synthesizer: Synthesizer) -> None:
    clips = list(synthesizer.speak(TEXTS[synthesizer.language]))
    assert clips
    assert 1.0 < sum(c.seconds for c in clips) < 15.0
    for clip in clips:
        assert clip.samples.dtype == np.float32
        assert np.abs(clip.samples).max() <= 1.2
        assert np.abs(clip.samples[: clip.rate // 20]).max() > 0.01


def test_faster_speech_is_shorter(synthesizer: Synthesizer) -> None:
    text = TEXTS[synthesizer.language]
    slow, fast = (
        sum(c.seconds for c in synthesizer.speak(text, speed=speed)) for speed in (1.0, 1.4)
    )
    assert fast < 0.9 * slow


def test_an_unknown_voice_is_named_with_those_there_are(synthesizer: Synthesizer) -> None:
    with pytest.raises(ValueError, match="choose one of: "):
        list(synthesizer.speak("hello", voice="nobody"))


def test_nothing_to_say_makes_no_sound(synthesizer: Synthesizer) -> None:
    assert list(synthesizer.speak("。 ")) == []
