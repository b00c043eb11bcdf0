"""The bench tools: the same arguments give the same speech and the same halves."""

from __future__ import annotations

import importlib
import importlib.util
import random
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from dialogue.types import AudioClip

BENCH = Path(__file__).parent.parent / "bench"
RATE = 16_000


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCH / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_split_is_whole_and_always_the_same() -> None:
    rows = [{"audio": f"{n}.wav"} for n in range(20)]
    first, rest = tool("split").split(rows, 8)
    assert (len(first), len(rest)) == (8, 12)
    assert sorted(r["audio"] for r in [*first, *rest]) == sorted(r["audio"] for r in rows)
    assert tool("split").split(rows, 8) == (first, rest)


@pytest.mark.parametrize("room", [0.0, 0.35])
def test_a_recording_can_be_made_again(room: float) -> None:
    words = AudioClip(np.sin(np.arange(RATE) / 20).astype(np.float32), RATE)
    acoustics = tool("acoustics")
    once, again = (
        acoustics.recorded(words, 15.0, room, np.random.default_rng([1, 2])) for _ in range(2)
    )
    assert np.array_equal(once.samples, again.samples)
    assert once.seconds == pytest.approx(1.0 + 2 * acoustics.EDGE_SECONDS)
    assert np.abs(once.samples).max() <= 1.0


def test_noise_lies_below_the_words_as_asked() -> None:
    words = AudioClip(np.sin(np.arange(RATE) / 20).astype(np.float32), RATE)
    found = tool("acoustics").recorded(words, 15.0, 0.0, np.random.default_rng(0)).samples
    edge = round(0.3 * RATE)
    inside, outside = found[edge:-edge], np.concatenate([found[:edge], found[-edge:]])
    ratio = np.mean(inside**2) / np.mean(outside**2)
    assert 10 * np.log10(ratio) == pytest.approx(15.0, abs=3.0)


def test_a_pitched_voice_is_higher_and_as_much_faster() -> None:
    words = AudioClip(np.sin(np.arange(RATE) / 20).astype(np.float32), RATE)
    higher = tool("acoustics").pitched(words, 1.25)
    assert higher.seconds == pytest.approx(0.8)
    peaks = [np.abs(np.fft.rfft(c.samples)).argmax() / c.seconds for c in (words, higher)]
    assert peaks[1] / peaks[0] == pytest.approx(1.25, rel=0.02)
    assert tool("acoustics").pitched(words, 1.0) is words


def test_every_way_to_order_says_all_slots_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    slots = {"coffeeDrink": "iced mocha", "size": "Small", "roast": "dark roast"}
    ways = [*importlib.import_module("orders").orders({**slots, "sugarAmount": "some sugar"})]
    assert "I want a small dark roast iced mocha with some sugar" in ways
    assert "brew dark roast small iced mocha with some sugar" in ways
    assert all(way.count(said.lower()) == 1 for said in slots.values() for way in ways)
    assert len(ways) == len(set(ways))


@pytest.mark.parametrize("seed", range(4))
def test_an_order_recorded_anew_can_be_made_again(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    anew = importlib.import_module("orders").anew
    tones = [np.sin(np.arange(RATE) / pitch).astype(np.float32) for pitch in (9, 20)]
    clips = [AudioClip(tone, RATE) for tone in tones]
    once, again = (anew(clips, 0, np.random.default_rng(seed)) for _ in range(2))
    assert np.array_equal(once.samples, again.samples)
    assert 0 < np.abs(once.samples).max() <= 1.0


def test_other_customers_talk_behind_some_orders_and_not_behind_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    anew = importlib.import_module("orders").anew
    tones = [np.sin(np.arange(RATE) / pitch).astype(np.float32) for pitch in (9, 20)]
    order, other = (AudioClip(tone, RATE) for tone in tones)
    alone = [anew([order], 0, np.random.default_rng(seed)).samples for seed in range(8)]
    beside = [anew([order, other], 0, np.random.default_rng(seed)).samples for seed in range(8)]
    talked = [not np.array_equal(a, b) for a, b in zip(alone, beside, strict=True)]
    assert any(talked)
    assert not all(talked)


def test_a_head_never_answers_on_what_it_was_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    turns = importlib.import_module("turns")
    split = ["train"] * 10 + ["validation", "report"]
    values = {version: np.zeros((12, 1), np.float32) for version in turns.VERSIONS}
    parts = turns.Parts(values, np.ones((12, 2)), ["x"] * 12, split, [n % 5 for n in range(12)])
    rounds: list[tuple[list[int], list[int]]] = []

    def fit(known: list[int], asked: list[int]) -> list[np.ndarray]:
        rounds.append((known, asked))
        return [np.ones((len(asked), 3), np.float32)] * 2

    turns.answer(parts, 3, fit)
    assert all(not set(known) & set(asked) for known, asked in rounds)
    assert all(split[i] == "train" for known, _ in rounds for i in known)
    assert sorted(i for _, asked in rounds for i in asked) == list(range(12))
    for known, asked in rounds[1:]:
        assert not {parts.group[i] for i in known} & {parts.group[i] for i in asked}


def test_turns_at_odds_take_each_recording_with_every_other_tone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    turns = importlib.import_module("turns")
    tones = list(turns.TONES) * 2
    some = turns.Parts({}, np.ones((6, 2)), tones, ["report"] * 6, [0] * 6)
    made = turns.odds(some, some, "report", 1, random.Random(0))
    assert len(made) == 12
    for turn in made:
        said, heard = tones[turn.sentence[0]], tones[turn.voice[0]]
        assert said != heard
        assert turn.sentiment == ("negative" if "negative" in (said, heard) else "positive")
