from __future__ import annotations

import pytest

from speech.joint.chinese import Chinese, distance, syllables
from speech.joint.english import English
from speech.joint.english import distance as phoneme_distance
from speech.joint.ngram import NGram
from speech.joint.repair import Repairer
from speech.joint.spelling import respelt
from speech.joint.tongue import Tongue
from speech.tts.hibari import HibariSynthesizer

CHINESE = (
    "什么时候发货",
    "我要退款",
    "怎么还不发货",
    "帮我转人工",
    "回复我一下",
    "退款什么时候到账",
    "番茄要不要放冰箱",
    "牛奶多少钱",
    "预计几点送达",
    "帮我查询订单",
)
ENGLISH = (
    "where is my order",
    "I want a refund for the red peppers",
    "the courier never came",
    "do you have lemons",
    "cancel my order",
    "forgot ginger",
)


@pytest.fixture(scope="module")
def chinese() -> Repairer:
    return Repairer(Chinese(), CHINESE, ["番茄", "苹果"])


@pytest.fixture(scope="module")
def english() -> Repairer:
    return Repairer(English(HibariSynthesizer().phonemes), ENGLISH, ["lemons"])


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("什么时候发火", "什么时候发货"),
        ("我要推款", "我要退款"),
        ("番茄要不要放兵箱", "番茄要不要放冰箱"),
        ("扭奶多少钱", "牛奶多少钱"),
        ("与既几点送打", "预计几点送达"),
        ("帮我查选订单", "帮我查询订单"),
        ("恢复我一下", "回复我一下"),
    ],
)
def test_a_homophone_of_a_known_word_competes(chinese: Repairer, heard: str, meant: str) -> None:
    assert meant in [c.text for c in chinese.candidates(heard, 5)]


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("I want a refund for the red papers.", "i want a refund for the red peppers"),
        ("Do you have lemon s?", "do you have lemons"),
        ("Wear is my order?", "where is my order"),
    ],
)
def test_english_words_that_sound_alike_compete(english: Repairer, heard: str, meant: str) -> None:
    assert meant in [c.text for c in english.candidates(heard, 5)]


def test_the_words_as_heard_always_compete(chinese: Repairer) -> None:
    for heard in ("什么时候发火", "今天天气真好啊", "FD2024051", "abc", "二零二四"):
        assert chinese.plain(heard) in [c.text for c in chinese.candidates(heard, 3)]


def test_what_is_known_already_fits_best(chinese: Repairer) -> None:
    assert chinese.candidates("我要退款。", 5)[0].text == "我要退款"


def test_a_long_speech_is_left_as_it_was_heard(chinese: Repairer) -> None:
    assert len(chinese.candidates("我要推款" * 20, 5)) == 1


def test_nothing_heard_is_one_empty_candidate(chinese: Repairer) -> None:
    assert [c.text for c in chinese.candidates("。。。", 5)] == [""]


def test_numbers_are_never_changed(chinese: Repairer) -> None:
    assert all("88" in c.text for c in chinese.candidates("送到88号", 5))


def test_confusable_syllables_are_nearer_than_others() -> None:
    assert distance("tui4", "tui4") == 0
    assert distance("tui4", "tui1") < distance("zi4", "zhi4") < distance("ban4", "hu2")
    assert distance("lan2", "nan2") < distance("lan2", "kan2")
    assert distance("bing1", "bin1") == distance("bin1", "bing1")


def test_a_syllable_is_read_in_its_word() -> None:
    assert syllables("重新") == ["chong2", "xin1"]
    assert syllables("重量") == ["zhong4", "liang4"]


def test_close_phonemes_are_nearer_than_others() -> None:
    assert phoneme_distance("b", "b") == 0
    assert phoneme_distance("b", "p") < phoneme_distance("b", "s") < phoneme_distance("b", "i")


@pytest.mark.parametrize("tongue", [Chinese(), English(HibariSynthesizer().phonemes)])
def test_units_and_words_hold_the_same_letters(tongue: Tongue) -> None:
    for text in ("我要cancel那个order，FD2024", "Where's my order 12?"):
        assert "".join(tongue.units(text)) == "".join(tongue.words(text))


@pytest.mark.parametrize("tongue", [Chinese(), English(HibariSynthesizer().phonemes)])
def test_every_text_has_tracks_of_sound(tongue: Tongue) -> None:
    for text in ("我要cancel那个order", "my order 12", "", "！？"):
        assert len(tongue.tracks(text)) == 4


def test_homophones_share_their_sounds() -> None:
    chinese = Chinese()
    assert chinese.tracks("推款")[0] == chinese.tracks("退款")[0]
    assert chinese.tracks("四个")[1] == chinese.tracks("是个")[1]


def test_what_followed_before_is_likelier() -> None:
    model = NGram([["my", "order"], ["my", "order"], ["my", "refund"]])
    order, refund, other = (model.logprob(w, "my") for w in ("order", "refund", "elephant"))
    assert order > refund > other
    assert model.words == {"my", "order", "refund"}


def test_words_are_as_likely_as_elsewhere_when_customers_never_said_them() -> None:
    model = NGram([["a"]], elsewhere=lambda word: 0.01 if word == "common" else 0.0)
    assert model.logprob("common", None) > model.logprob("rare", None)


def test_an_untaught_model_still_answers() -> None:
    assert NGram([]).logprob("word", None) < 0


@pytest.mark.parametrize(
    ("heard", "text", "written"),
    [
        ("什么时候发火？", "什么时候发货", "什么时候发货？"),
        ("退掉苹裹,顺便改下地止。", "退掉苹果顺便改下地址", "退掉苹果,顺便改下地址。"),
        ("For God's ginger, squeeze it in.", "forgot ginger squeeze it in",
         "forgot ginger, squeeze it in."),
        ("Where is my order?", "where is my order", "Where is my order?"),
        ("送到88号吧", "送到88号吗", "送到88号吗"),
    ],
)  # fmt: skip
def test_other_words_keep_the_punctuation(heard: str, text: str, written: str) -> None:
    tongue = Chinese() if heard[0] > "z" else English(str)
    assert respelt(heard, text, tongue.units) == written
