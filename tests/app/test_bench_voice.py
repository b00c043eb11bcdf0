"""The simulated caller's ears: what it reports is what a listener would have heard."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree import ElementTree

import numpy as np
import pytest

from app.commands.bench_callers import Heard, Line, voiced
from app.commands.bench_endings import ended
from app.commands.bench_endings import report as report_endings
from app.commands.bench_playback import Playback
from app.commands.bench_soak import flatness
from app.commands.bench_voice import report
from app.commands.bench_waterfall import svg, waterfall
from app.config import Live
from dialogue.types import AudioClip, Language
from speech.vad.energy import EnergyVoiceDetector


def test_sound_that_comes_late_leaves_a_gap() -> None:
    speaker = Playback()
    assert speaker.add("t", 0, 1.0, now=10.0) == (10.0, 10.0)
    assert speaker.add("t", 1, 1.0, now=10.5) == (11.0, 0.0)
    assert speaker.add("t", 2, 1.0, now=12.4) == (12.4, pytest.approx(0.4))


def test_the_position_is_where_playback_stood_still_and_goes_on_from_there() -> None:
    speaker = Playback()
    speaker.add("t", 0, 1.0, now=10.0)
    speaker.add("t", 1, 1.0, now=10.0)
    assert speaker.position(11.3) == ("t", 1, 300)
    speaker.pause(11.4)
    assert speaker.position(12.0) == ("t", 1, 400)
    speaker.resume(20.0)
    assert speaker.position(20.2) == ("t", 1, 600)
    speaker.stop(20.3)
    assert speaker.ends == 20.3


def test_the_last_voiced_sample_is_not_the_last_of_the_clip() -> None:
    clip = np.concatenate([np.zeros(100), np.full(50, 0.5), np.full(200, 0.001)])
    assert voiced(clip.astype(np.float32)) == (100, 149)


def span(stage: str, start_ms: float, ms: float) -> dict[str, object]:
    return {"stage": stage, "start_ms": start_ms, "ms": ms}


def test_figures_are_told_apart_by_language_and_kind() -> None:
    heard = [
        Heard("zh", "question", "a", 1, sounded={0: 0.5}, done=True),
        Heard("en", "question", "b", 2, sounded={0: 0.7}, gaps=[0.5], done=True),
        Heard("en", "question", "c", 0),
        Heard("en", "question", "d", 2, pause="digits", sounded={0: 0.9}, done=True),
        Heard("en", "interruption", silent=0.1, stopped=True),
        Heard("en", "backchannel", stopped=True),
    ]
    traces = {"a": [span("asr", 100, 100)], "b": [span("asr", 100, 300)]}
    found = report(heard, traces)
    assert found["turns"] == 4
    assert found["first_audio_ms"]["p50"] == 700.0
    assert found["by_language"]["zh"]["first_audio_ms"]["p90"] == 500.0
    assert found["stages"]["asr"]["p50"] == 200.0
    assert (found["lost"], found["doubled"]) == (1, 0)
    assert (found["missed_interruptions"], found["backchannels_taken"]) == (0.0, 1.0)
    assert found["false_ends"] == round(1 / 3, 3)
    assert (found["gaps"], found["false_ends_in_pauses"]) == (0.25, 1.0)


def test_an_acknowledgement_is_no_answer_and_hearing_after_the_decision_is_told() -> None:
    heard = [Heard("zh", "question", "a", 1, sounded={0: 0.5, 1: 1.1}, done=True)]
    spans = [span("endpoint", 0, 300), span("nlu", 340, 10), span("acknowledgement", 360, 0)]
    found = report(heard, {"a": spans})
    assert found["first_audio_ms"]["p50"] == 500.0
    assert found["answer_ms"]["p50"] == 1100.0
    assert (found["fillers"], found["after_decision_ms"]["p50"]) == (1.0, 50.0)


def test_a_waterfall_shows_where_each_stage_begins_and_ends() -> None:
    traces = [
        [span("endpoint", 0, 300), span("asr", 100, 200), span("asr", 500, 1)],
        [span("endpoint", 0, 500), span("asr", 100, 300), span("shop", 510, 5)],
    ]
    bars = waterfall(traces, [450.0, 650.0])
    assert [bar.stage for bar in bars] == ["endpoint", "asr", "shop", "audible"]
    assert (bars[1].begins, bars[1].ends, bars[1].turns) == (100.0, 350.0, 2)
    assert bars[2].turns == 1
    drawn = ElementTree.fromstring(svg({"zh & en": bars}, 800.0))
    assert next(each.text for each in drawn if each.tag.endswith("text")) == "zh & en"


def test_memory_is_flat_when_its_last_fifth_is_like_its_second() -> None:
    even = [(float(n), 500.0 if n > 20 else 300.0) for n in range(100)]
    assert flatness(even)["flat"]
    growing = [(float(n), 500.0 + n) for n in range(100)]
    assert not flatness(growing)["flat"]


@dataclass
class Quiet:
    """Waits long after the first words, shortly after the second."""

    words: list[float] = field(default_factory=list)

    def patience(self, clip: AudioClip, language: Language) -> float:
        self.words.append(clip.seconds)
        return 0.3 if len(self.words) > 1 else 1.0


def test_the_clock_of_sound_tells_false_ends_from_waits() -> None:
    hum = np.sin(np.arange(8_000) * 0.1).astype(np.float32) * np.float32(0.3)
    clip = AudioClip(np.concatenate([hum, np.zeros(9_600, np.float32), hum]), 16_000)
    line = Line(clip, "en", pause="phrase")
    detector, live = EnergyVoiceDetector(), Live(suspect=0.1)
    patient = ended(line, detector, live, Quiet().patience, 0.1)
    assert 0.3 <= patient.waited < 0.45
    assert patient.guesses == 2
    hasty = ended(line, detector, live, lambda clip, language: 0.3, 0.1)
    slow = ended(line, detector, live, lambda clip, language: 0.3, 0.4)
    assert hasty.false
    assert hasty.waited < slow.waited
    found = report_endings([patient, hasty])
    assert found["by_language"]["en"]["false_ends_by_pause"] == {"phrase": 0.5}
