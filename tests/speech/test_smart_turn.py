"""A voice that has not come to its end keeps a complete sentence waiting."""

from __future__ import annotations

import numpy as np
import pytest

from app.config import Settings, Speech
from app.engines import build_turn_detector
from dialogue.types import AudioClip, Understanding
from speech.turns import Endings, EndOfTurn, Waits
from speech.vad.smart_turn import SmartTurnDetector, smart_turn_model

WAITS = Waits(0.3, 0.6, 1.2)
CLIP = AudioClip(np.zeros(1600, np.float32), 16_000)
MEANT = Understanding("where is my order", "en", (("track_order", 1.0),))


class Melody:
    """Always as sure as it is told to be."""

    def __init__(self, sure: float) -> None:
        self.sure = sure
        self.asked = 0

    def finished(self, clip: AudioClip) -> float:
        """`sure`."""
        self.asked += 1
        return self.sure


def ends(melody: Melody | None) -> EndOfTurn:
    return EndOfTurn(Endings(["where is my order", "i want a refund"] * 20), WAITS, melody=melody)


@pytest.mark.parametrize(("sure", "wait"), [(0.9, WAITS.short), (0.1, WAITS.usual)])
def test_a_short_wait_asks_the_melody_too(sure: float, wait: float) -> None:
    assert ends(Melody(sure)).patience(MEANT, asked=None, clip=CLIP) == wait
    assert ends(None).patience(MEANT, asked=None, clip=CLIP) == WAITS.short


def test_words_that_want_to_go_on_are_not_asked_about() -> None:
    melody = Melody(1.0)
    going_on = Understanding("where is, um", "en", (("track_order", 1.0),))
    assert ends(melody).patience(going_on, asked=None, clip=CLIP) == WAITS.long
    assert melody.asked == 0


def test_without_the_package_the_sentence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("speech.vad.smart_turn.find_spec", lambda _name: None)
    chosen = Settings(_env_file=None, speech=Speech(endings="smart-turn"))
    with pytest.raises(RuntimeError, match=r"pip install -e .*smart-turn"):
        build_turn_detector(chosen)
    assert build_turn_detector(Settings(_env_file=None)) is None


def test_the_real_model_gives_a_probability_for_sound_of_any_length_and_rate() -> None:
    try:
        detector = SmartTurnDetector(smart_turn_model())
    except RuntimeError as missing:
        pytest.skip(str(missing))
    for seconds, rate in ((0.0, 16_000), (0.1, 8_000), (3.0, 16_000), (20.0, 48_000)):
        samples = np.random.default_rng(0).normal(0, 0.1, round(seconds * rate))
        assert 0 <= detector.finished(AudioClip(samples.astype(np.float32), rate)) <= 1
