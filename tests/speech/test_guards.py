from __future__ import annotations

import pytest

from speech.asr.guards import believable, collapse
from speech.asr.nbest import Scored, choose, identify
from speech.asr.script import normaliser

from dialogue.types import Hints  # isort: skip


@pytest.mark.parametrize(
    ("said", "once"),
    [
        ("苹果还有货吗?苹果还有货吗?苹果还有货吗?", "苹果还有货吗?"),
        ("我要退款牛奶坏了我要退款牛奶坏了我要退款牛", "我要退款牛奶坏了"),
        ("My coupon does not work. My coupon does not work.", "My coupon does not work."),
        ("Please send it, please send it", "Please send it"),
        ("我要退款。", "我要退款。"),
        ("123123", "123123"),
        ("谢谢谢谢", "谢谢谢谢"),
        ("I want two, I want three", "I want two, I want three"),
        (
            "Give me a coffee with some. Give me a coffee with some cream and sugar.",
            "Give me a coffee with some cream and sugar.",
        ),
        (
            "I want to cancel my order. I want to change my address.",
            "I want to cancel my order. I want to change my address.",
        ),
        ("", ""),
    ],
)
def test_a_sentence_said_twice_is_kept_once(said: str, once: str) -> None:
    assert collapse(said) == once


def test_invented_subtitles_are_dropped_unless_they_were_clearly_said() -> None:
    assert not believable("字幕由 Amara.org 社区提供", -0.5, 0.1)
    assert not believable("Thanks for watching!", -0.1, 0.5)
    assert believable("Thanks for watching my parcel.", -0.1, 0.01)
    assert not believable("...", -0.1, 0.0)
    assert not believable("以下是普通话的句子。", -0.1, 0.0)
    assert not believable("我要退款", -1.2, 0.9)
    assert believable("我要退款", -1.2, 0.1)


def test_a_doubled_beam_never_comes_before_the_greedy_words() -> None:
    texts = {
        1: "我要退款牛奶坏了",
        2: "我要推款牛奶坏了。我要推款牛奶坏了。",
        3: "我要退款，牛奶坏了。",
    }
    beams = [Scored((2,), -0.05), Scored((3,), -0.3)]
    chosen = choose(Scored((1,), -0.4), beams, 0.0, Hints(), 5, lambda ids: texts[ids[0]])
    assert chosen[0].text == "我要退款牛奶坏了"
    assert {h.text for h in chosen[1:]} == {"我要推款牛奶坏了。"}


def test_expected_characters_rank_and_never_force() -> None:
    texts = {1: "to three", 2: "2 3", 3: "two tree"}
    beams = [Scored((2,), -0.6), Scored((3,), -0.5)]
    hints = Hints(allowed="0123456789")
    chosen = choose(Scored((1,), -0.3), beams, 0.0, hints, 5, lambda ids: texts[ids[0]])
    assert [h.text for h in chosen] == ["2 3", "to three", "two tree"]


def test_a_prior_tips_an_undecided_language() -> None:
    undecided = {"zh": 0.3, "en": 0.32, "ja": 0.2}
    assert identify(undecided, ())[0] == "en"
    assert identify(undecided, (("zh", 0.8), ("en", 0.2)))[0] == "zh"
    assert identify({"en": 0.99, "zh": 0.001}, (("zh", 0.9), ("en", 0.1)))[0] == "en"


def test_each_site_reads_its_own_script() -> None:
    assert normaliser("simplified")("蘋果還有貨嗎") == "苹果还有货吗"
    assert normaliser("traditional")("苹果还有货吗") == "蘋果還有貨嗎"
    assert normaliser("as-is")("蘋果还有") == "蘋果还有"
