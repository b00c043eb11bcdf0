"""Utterances cut out of a caller's sound, and how long a silence has to be to end one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dialogue.types import Slot, Understanding
from speech.backchannel import is_backchannel
from speech.segmenter import Segmenter, Sensitivity
from speech.turns import Endings, EndOfTurn, Sense, Waits, read_senses

RATE = 16_000
MODELS = Path(__file__).parents[2] / "data" / "models"
NORMAL = Sensitivity(start=0.5, seconds=0.1)


class Loudness:
    """Takes every frame's peak for the probability of speech."""

    frame_seconds = 0.02

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)

    def feed(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        waiting = np.concatenate([self._rest, samples])
        whole = len(waiting) // 320 * 320
        self._rest = waiting[whole:]
        return np.abs(waiting[:whole].reshape(-1, 320)).max(axis=1)


def level(value: float, seconds: float) -> NDArray[np.float32]:
    return np.full(round(seconds * RATE), value, np.float32)


def feed(segmenter: Segmenter, *pieces: NDArray[np.float32]) -> None:
    for piece in pieces:
        for start in range(0, len(piece), 250):  # frames that fit no window of the detector
            segmenter.feed(piece[start : start + 250], NORMAL)


def test_a_click_is_no_utterance() -> None:
    segmenter = Segmenter(Loudness())
    feed(segmenter, level(0, 0.5), level(1, 0.04), level(0, 0.5), level(1, 0.04), level(0, 0.5))
    assert not segmenter.speaking


def test_an_utterance_keeps_its_beginning_and_forgets_what_was_long_before() -> None:
    segmenter = Segmenter(Loudness())
    feed(segmenter, level(0, 5.0), level(0.9, 1.0), level(0, 0.4))
    assert segmenter.speaking
    assert segmenter.silence == pytest.approx(0.4, abs=0.03)
    clip = segmenter.take()
    voiced = np.count_nonzero(clip.samples > 0.5) / RATE
    assert voiced == pytest.approx(1.0, abs=0.01)
    assert clip.seconds < 2.2
    assert not segmenter.speaking


def test_a_voice_that_wavers_is_one_utterance() -> None:
    segmenter = Segmenter(Loudness())
    feed(segmenter, level(0.9, 0.3), level(0.4, 0.3))
    assert segmenter.silence < 0.03
    feed(segmenter, level(0.3, 0.3))
    assert segmenter.silence == pytest.approx(0.3, abs=0.03)


def test_a_breath_is_noticed_before_it_is_voice() -> None:
    segmenter = Segmenter(Loudness())
    feed(segmenter, level(0.9, 0.5), level(0.001, 0.4))
    assert not segmenter.stirring
    feed(segmenter, level(0.01, 0.04))
    assert segmenter.stirring
    assert segmenter.silence == pytest.approx(0.44, abs=0.03)
    feed(segmenter, level(0.001, 0.04))
    assert not segmenter.stirring


def test_what_stirs_after_perfect_silence_is_noticed_too() -> None:
    segmenter = Segmenter(Loudness())
    feed(segmenter, level(0.9, 0.5), level(0.0, 0.4), level(0.01, 0.04))
    assert segmenter.stirring


WHOLE = [
    "where is my order",
    "where is my parcel",
    "i want a refund",
    "i want to cancel my order",
    "can i change my address",
    "我的订单到哪了",
    "我的包裹到哪了",
    "我要退款",
    "我要取消订单",
    "能改地址吗",
    "几点能到啊",
    "what is this good for",
]
WAITS = Waits(0.3, 0.6, 1.2)


@pytest.fixture(scope="module")
def end_of_turn() -> EndOfTurn:
    return EndOfTurn(Endings(WHOLE * 20), WAITS)


def meant(text: str, *slots: Slot) -> Understanding:
    return Understanding(text, "zh", (("track_order", 1.0),), slots)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("Where is my order?", WAITS.short),
        ("我的订单到哪了。", WAITS.short),
        ("I want to cancel my", WAITS.long),
        ("我要取消", WAITS.long),
        ("我的订单，嗯", WAITS.long),
        ("where is, um", WAITS.long),
        ("几点能到啊", WAITS.usual),
        ("我要啊", WAITS.long),
        ("啊", WAITS.long),
        ("几点能到，嗯", WAITS.long),
        ("What is this good for?", WAITS.usual),
        ("I want to", WAITS.long),
        ("", WAITS.usual),
    ],
)
def test_the_wait_depends_on_whether_the_words_want_to_go_on(
    end_of_turn: EndOfTurn, text: str, wait: float
) -> None:
    assert end_of_turn.patience(meant(text), asked=None) == wait


def test_a_greeting_alone_is_often_the_beginning_of_more() -> None:
    asks = EndOfTurn(Endings(["hello", "where is my order"] * 20), WAITS)
    hello = Understanding("Hello!", "en", (("greet", 1.0),))
    assert asks.patience(hello, asked=None) == WAITS.usual
    assert asks.patience(meant("where is my order"), asked=None) == WAITS.short


def test_one_example_that_ended_says_less_than_many() -> None:
    assert Endings(["not the milk", *WHOLE])._alone("not the milk") == 1 / 2
    assert Endings([*["not the milk"] * 3, *WHOLE])._alone("not the milk") == 3 / 4


@pytest.mark.parametrize(("bar", "wait"), [(2.0, WAITS.usual), (0.1, WAITS.short)])
def test_each_language_has_its_own_bar(end_of_turn: EndOfTurn, bar: float, wait: float) -> None:
    barred = replace(end_of_turn, likely={"zh": bar, "en": 2.0 - bar})
    assert barred.patience(meant("我的订单到哪了"), asked=None) == wait


@pytest.mark.parametrize(
    ("sure", "text", "wait"),
    [
        (0.99, "我的订单到哪了", WAITS.short),
        (0.30, "我的订单到哪了", WAITS.usual),
        (0.99, "到哪了", WAITS.usual),
    ],
)
def test_words_end_a_turn_sooner_where_their_meaning_is_clear_and_they_are_many(
    end_of_turn: EndOfTurn, sure: float, text: str, wait: float
) -> None:
    sense = Sense(words=0.0, meaning=0.5, length=4.0, bias=-4.0)
    asks = replace(end_of_turn, senses={"zh": sense}, whole=0.5, unlikely=0.0)
    said = Understanding(text, "zh", (("track_order", sure),), confidence=sure)
    assert asks.patience(said, asked=None) == wait
    english = Understanding("where is my order", "en", (("track_order", 0.3),), confidence=0.3)
    assert asks.patience(english, asked=None) == WAITS.short, "words alone: no weights for English"


def test_the_weights_that_ship_let_words_meaning_and_length_each_count(tmp_path: Path) -> None:
    assert read_senses(tmp_path / "none.json") == {}
    sense = read_senses(MODELS / "endings" / "fresh.json")["zh"]
    assert min(sense.words, sense.meaning, sense.length) > 0


def test_in_the_middle_of_a_number_the_wait_is_long(end_of_turn: EndOfTurn) -> None:
    assert end_of_turn.patience(meant("FD2024"), asked="order_id") == WAITS.long
    whole = Slot("order_id", "FD2024051", "FD2024051", 0, 9)
    assert end_of_turn.patience(meant("FD2024051", whole), asked="order_id") == WAITS.usual


def test_the_whole_of_the_number_that_was_asked_for_ends_the_turn(end_of_turn: EndOfTurn) -> None:
    asks = replace(end_of_turn, numbers=frozenset({"order_id"}))
    whole = Slot("order_id", "FD2024051", "FD2024051", 0, 9)
    tail = Slot("phone_tail", "1357", "1357", 0, 4)
    assert asks.patience(meant("FD2024051", whole), asked="order_id") == WAITS.short
    assert asks.patience(meant("FD2024051", whole), asked="confirm") == WAITS.usual
    assert asks.patience(meant("FD2024051", whole), asked=None) == WAITS.usual
    assert asks.patience(meant("FD2024"), asked="order_id") == WAITS.long
    assert asks.patience(meant("1357", tail), asked="phone_tail") == WAITS.usual


@pytest.mark.parametrize(
    ("asked", "sure", "wait"),
    [
        ("confirm", 0.95, WAITS.short),
        ("confirm", 0.6, WAITS.usual),
        ("order_id", 0.95, WAITS.usual),
        (None, 0.95, WAITS.usual),
    ],
)
def test_a_sure_yes_to_a_question_of_yes_or_no_ends_the_turn(
    end_of_turn: EndOfTurn, asked: str | None, sure: float, wait: float
) -> None:
    asks = replace(end_of_turn, yes_no=frozenset({"confirm"}), likely={"zh": 2.0, "en": 2.0})
    yes = Understanding("可以取消订单", "zh", (("affirm", sure),), confidence=sure)
    never = Understanding("可以我要", "zh", (("affirm", sure),), confidence=sure)
    assert asks.patience(yes, asked) == wait
    assert asks.patience(never, asked) == WAITS.long


@pytest.mark.parametrize("text", ["F D two zero two", "尾号幺八", "订单号是F D 二零二四"])
def test_a_number_in_words_is_one_too(end_of_turn: EndOfTurn, text: str) -> None:
    assert end_of_turn.patience(meant(text), asked="order_id") == WAITS.long


@pytest.mark.parametrize(
    "text", ["嗯", "对对对", "好的，好的", "Uh-huh.", "okay, right", "嗯嗯，明白"]
)
def test_signs_of_listening(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize(
    "text", ["", "不对", "对，不是这个", "好的我要退款", "wait", "yeah but no", "right now"]
)
def test_words_that_mean_something(text: str) -> None:
    assert not is_backchannel(text)
