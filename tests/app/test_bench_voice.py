"""The simulated caller's ears: what it reports is what a listener would have heard."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from app.commands.bench_callers import Heard, Kind, Line, voiced
from app.commands.bench_endings import ended
from app.commands.bench_endings import report as report_endings
from app.commands.bench_memory import Sample, flatness, sample
from app.commands.bench_naive import forgetful
from app.commands.bench_playback import Playback
from app.commands.bench_soak import Talk, unanswered
from app.commands.bench_usage import resident_mb, watched
from app.commands.bench_voice import passes, report
from app.commands.bench_waterfall import svg, waterfall
from app.config import Live
from app.store.records import Event
from dialogue.types import AudioClip, Language
from speech.engines import Remembering
from speech.tts.cache import PhraseCache
from speech.vad.energy import EnergyVoiceDetector
from tests.fakes import cheap_house


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


def line(language: Language, kind: Kind, pause: str = "") -> Line:
    """Said by nobody: only what it was counts."""
    return Line(AudioClip(np.zeros(1, np.float32), 16_000), language, kind, pause)


def span(stage: str, start_ms: float, ms: float) -> dict[str, object]:
    return {"stage": stage, "start_ms": start_ms, "ms": ms}


def turn(*spans: dict[str, object], text: str = "", intent: str = "") -> dict[str, object]:
    """What the server keeps of a turn."""
    return {"trace": spans, "text": text, "intents": [[intent, 0.9], ["other", 0.1]]}


def test_figures_are_told_apart_by_language_and_kind() -> None:
    heard = [
        Heard(line("zh", "question"), "a", 1, sounded={0: 0.5}, done=True),
        Heard(line("en", "question"), "b", 2, sounded={0: 0.7}, gaps=[0.5], done=True),
        Heard(line("en", "question"), "c", 0),
        Heard(line("en", "question", "digits"), "d", 2, sounded={0: 0.9}, done=True),
        Heard(line("en", "interruption"), silent=0.1, stopped=True),
        Heard(line("en", "backchannel"), stopped=True),
    ]
    turns = {"a": turn(span("asr", 100, 100)), "b": turn(span("asr", 100, 300))}
    found = report(heard, turns)
    assert found["turns"] == 4
    assert found["first_audio_ms"]["p50"] == 700.0
    assert found["by_language"]["zh"]["first_audio_ms"]["p90"] == 500.0
    assert found["stages"]["asr"]["p50"] == 200.0
    assert (found["lost"], found["doubled"]) == (1, 0)
    assert (found["missed_interruptions"], found["backchannels_taken"]) == (0.0, 1.0)
    assert found["false_ends"] == round(1 / 3, 3)
    assert (found["gaps"], found["false_ends_in_pauses"]) == (0.25, 1.0)


@pytest.mark.parametrize(
    ("found", "budget", "passed"),
    [
        ({"first_audio_ms": {"p90": 790.0}}, 800, True),
        ({"first_audio_ms": {"p90": 810.0}}, 800, False),
        ({"first_audio_ms": {"p90": 810.0}}, 0, True),
        ({"first_audio_ms": {}}, 800, False),
        ({"first_audio_ms": {"p90": 700.0}, "lost": 1}, 0, False),
        ({"first_audio_ms": {"p90": 700.0}, "doubled": 1}, 0, False),
    ],
)
def test_a_release_is_gated_by_its_budget_and_by_what_was_lost(
    found: dict[str, Any], budget: float, passed: bool
) -> None:
    assert passes({"lost": 0, "doubled": 0, **found}, budget) == passed


def test_what_was_understood_is_counted_where_the_manifest_says_it() -> None:
    clip = AudioClip(np.zeros(1, np.float32), 16_000)
    card = Line(clip, "en", text="Where's my card?", intent="track_order")
    fee = Line(clip, "zh", text="运费多少", intent="shipping_fee")
    unknown = Line(clip, "zh")
    heard = [Heard(card, "a", 1), Heard(fee, "b", 1), Heard(fee, "lost", 1), Heard(unknown, "c", 1)]
    turns = {
        "a": turn(text="where's the card", intent="card_lost"),
        "b": turn(text="运费多少？", intent="shipping_fee"),
        "c": turn(text="你好", intent="greet"),
    }
    found = report(heard, turns)["by_language"]
    assert (found["en"]["intents_right"], found["en"]["words_wrong"]) == (0.0, 0.333)
    assert (found["zh"]["intents_right"], found["zh"]["words_wrong"]) == (1.0, 0.0)
    nothing = report([Heard(unknown, "c", 1)], turns)["by_language"]["zh"]
    assert (nothing["intents_right"], nothing["words_wrong"]) == (None, None)


def test_a_server_under_measurement_is_watched() -> None:
    with watched(os.getpid()) as usage:
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass
    found = usage.figures()
    assert 0.1 < found["cores"] < 8
    assert found["memory_mb"] == pytest.approx(resident_mb(os.getpid()), rel=0.2)
    with watched(0) as elsewhere:
        pass
    assert elsewhere.memory_mb == 0.0


def test_an_acknowledgement_is_no_answer_and_hearing_after_the_decision_is_told() -> None:
    heard = [Heard(line("zh", "question"), "a", 1, sounded={0: 0.5, 1: 1.1}, done=True)]
    spans = [span("endpoint", 0, 300), span("nlu", 340, 10), span("acknowledgement", 360, 0)]
    found = report(heard, {"a": turn(*spans)})
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


def remembered(megabytes: Callable[[int], float]) -> list[Sample]:
    """Samples a minute apart over an hour, of which 150 MB are pages of files."""
    return [Sample(60.0 * n, 150 + megabytes(n), megabytes(n), 30, 2 * n) for n in range(60)]


def test_memory_is_flat_when_it_stays_where_it_stood_after_the_warm_up() -> None:
    found = flatness(remembered(lambda n: 500.0 if n >= 12 else 300.0 + n))
    assert found["flat"]
    assert found["own_mb"]["furthest"] == found["slope_mb_per_hour"] == 0
    assert found["memory_mb"]["baseline"] == 650
    assert found["warm_minutes"] == 12
    assert found["phrases"] == {"start": 0, "warm": 24, "end": 118}


def test_memory_that_grows_by_a_tenth_in_what_follows_is_not_flat() -> None:
    found = flatness(remembered(lambda n: 500.0 + n))
    assert not found["flat"]
    assert found["slope_mb_per_hour"] == pytest.approx(60)
    assert found["own_mb"]["last"] == 556.5


def test_a_hump_that_has_gone_at_the_end_is_not_flat_either() -> None:
    assert not flatness(remembered(lambda n: 560.0 if 30 <= n < 42 else 500.0))["flat"]


def test_files_that_the_system_takes_out_of_memory_do_not_hide_what_grows() -> None:
    hidden = [
        Sample(60.0 * n, 700.0, own, 30, 0)
        for n, own in enumerate(np.linspace(500, 600, 60).tolist())
    ]
    assert not flatness(hidden)["flat"]


def test_a_look_at_this_process_finds_its_memory_threads_and_phrases(tmp_path: Path) -> None:
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "one.npz").touch()
    found = sample(os.getpid(), tmp_path, 3.0)
    assert found.at == 3.0
    assert found.phrases == 1
    assert found.threads >= 1
    assert 10 < found.own_mb < found.resident_mb


def test_a_turn_counts_once_as_unanswered_until_its_row_and_the_log_are_closed() -> None:
    talk = Talk("c", "", "en", turns={"answered", "open", "never stored"})
    rows = {"answered": "done", "open": "received", "silently closed": "done"}
    turns = [{"id": name, "status": status} for name, status in rows.items()]
    at = datetime(2026, 11, 25, tzinfo=UTC)
    log = [Event(n, kind, {"turn_id": "answered"}, at) for n, kind in enumerate(("turn", "done"))]
    assert unanswered(turns, log, talk) == 3


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


def test_the_naive_pipeline_remembers_no_phrase(tmp_path: Path) -> None:
    house = cheap_house(tmp_path)
    known = house.engines.voices["zh"]
    assert isinstance(known, PhraseCache)
    assert not isinstance(forgetful(house).engines.voices["zh"], Remembering)
    house.close()


def test_a_house_that_is_closed_makes_nothing_ahead_any_more(tmp_path: Path) -> None:
    house = cheap_house(tmp_path)
    house.close()
    with pytest.raises(RuntimeError, match="after shutdown"):
        house.conversation._ahead.submit(print)
