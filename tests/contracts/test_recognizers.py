"""What every recognizer promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dialogue.types import AudioClip, Hints
from speech.asr.faster_whisper import FasterWhisperRecognizer
from speech.asr.openai_whisper import OpenAIWhisperRecognizer
from speech.asr.replay import ReplayRecognizer, fingerprint
from speech.asr.weights import whisper_base
from speech.audio import decode
from speech.engines import Recognizer

# openai-whisper leaves its vocabulary file open once per process; nothing of ours may.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*multilingual.tiktoken:pytest.PytestUnraisableExceptionWarning"
)
ORDER = Path(__file__).parent.parent / "assets" / "speech" / "drip_coffee.flac"


@pytest.fixture(scope="module")
def order() -> AudioClip:
    return decode(ORDER.read_bytes())


@pytest.fixture(
    scope="module",
    params=["faster-whisper", pytest.param("openai-whisper", marks=pytest.mark.slow), "replay"],
)
def recognizer(
    request: pytest.FixtureRequest, order: AudioClip, tmp_path_factory: pytest.TempPathFactory
) -> Recognizer:
    if request.param == "replay":
        return ReplayRecognizer({fingerprint(order): ["Can I get a drip coffee?", "a drip"]})
    folder = whisper_base(tmp_path_factory.mktemp("models"))
    if request.param == "openai-whisper":
        return OpenAIWhisperRecognizer(folder)
    return FasterWhisperRecognizer(folder, threads=2)


def test_an_order_is_heard(recognizer: Recognizer, order: AudioClip) -> None:
    heard = recognizer.transcribe(order, Hints(n=3))
    assert heard.language == "en"
    assert "coffee" in heard.text.lower()
    assert 1 <= len(heard.hypotheses) <= 3
    scores = [h.logprob for h in heard.hypotheses]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= heard.no_speech <= 1
    assert 0 <= heard.language_probability <= 1


def test_a_partial_has_one_hypothesis(recognizer: Recognizer, order: AudioClip) -> None:
    assert len(recognizer.transcribe(order, Hints(partial=True)).hypotheses) == 1


def test_the_language_may_be_forced(recognizer: Recognizer, order: AudioClip) -> None:
    assert recognizer.transcribe(order, Hints(language="zh", n=1)).language == "zh"


@pytest.mark.parametrize("samples", [0, 16_000], ids=["empty", "silence"])
def test_silence_has_no_hypotheses(recognizer: Recognizer, samples: int) -> None:
    heard = recognizer.transcribe(AudioClip(np.zeros(samples, np.float32), 16_000), Hints())
    assert heard.hypotheses == ()
    assert heard.text == ""
    assert heard.no_speech == 1.0
