from __future__ import annotations

from collections.abc import Sequence

import pytest

from speech.joint.ctc import telling
from speech.joint.english import English
from speech.joint.ngram import NGram
from speech.joint.reading import weigh
from speech.joint.search import WordSearch
from speech.joint.spelling import respelt
from speech.joint.tongue import Tongue, phones_of
from speech.tts.hibari import HibariSynthesizer
from tests.speech.phones import SAYINGS, SureReader, chinese

CUSTOMERS = (
    "什么时候发货",
    "我要退款",
    "怎么还不发货",
    "帮我转人工",
    "回复我一下",
    "番茄要不要放冰箱",
    "牛奶多少钱",
    "帮我查询订单",
)
SHOPPERS = ("where is my order", "I want a refund for the red peppers", "do you have lemons")


@pytest.fixture(scope="module")
def tongue() -> Tongue:
    return chinese()


@pytest.fixture(scope="module")
def english() -> English:
    return English(HibariSynthesizer().phonemes)


def plain(texts: Sequence[str]) -> list[list[tuple[str, str]]]:
    return [[(text, "")] for text in texts]


def reader_of(tongue: Tongue, *texts: str) -> SureReader:
    return SureReader(sorted({phone for text in texts for phone in phones_of(tongue, text)}))


@pytest.fixture(scope="module")
def reader(tongue: Tongue) -> SureReader:
    return reader_of(tongue, SAYINGS, *CUSTOMERS)


@pytest.fixture(scope="module")
def search(tongue: Tongue, reader: SureReader) -> WordSearch:
    return WordSearch(tongue, reader, plain(CUSTOMERS), {"product": ["番茄"]})


@pytest.mark.parametrize(
    ("spelt", "meant"),
    [
        ("什么时候发火", "什么时候发货"),
        ("我要推款", "我要退款"),
        ("恢复我一下", "回复我一下"),
        ("番茄要不要放兵箱", "番茄要不要放冰箱"),
        ("扭奶多少钱", "牛奶多少钱"),
    ],
)
def test_homophones_are_spelt_in_words_that_customers_use(
    search: WordSearch, reader: SureReader, spelt: str, meant: str
) -> None:
    frames = telling(reader(reader.states(search.said(spelt))))
    assert search.candidates(frames, 5)[0] == meant


def test_a_sound_that_was_half_heard_becomes_the_word_that_fits(
    search: WordSearch, reader: SureReader
) -> None:
    heard = [*search.said("我要"), "d-", "-ui", *search.said("款")]
    meant = search.said("我要退款")
    frames = telling(reader(reader.states(heard, meant)))
    assert search.candidates(frames, 5)[0] == "我要退款"


def test_words_nobody_taught_compete_when_they_were_heard(
    search: WordSearch, reader: SureReader
) -> None:
    frames = telling(reader(reader.states(search.said("今天天气真好啊"))))
    assert "今天天气真好啊" not in search.candidates(frames, 5)
    assert search.candidates(frames, 5, "今天天气真好啊")[0] == "今天天气真好啊"


def test_english_words_are_found_without_spaces_between_them(english: English) -> None:
    reader = reader_of(english, *SHOPPERS, "papers")
    search = WordSearch(english, reader, plain(SHOPPERS))
    frames = telling(reader(reader.states(search.said("i want a refund for the red peppers"))))
    assert search.candidates(frames, 3)[0] == "i want a refund for the red peppers"


def test_figures_are_heard_one_by_one(tongue: Tongue, reader: SureReader) -> None:
    search = WordSearch(tongue, reader, plain(["我的订单20240"]))
    frames = telling(reader(reader.states(search.said("我的订单四五幺"))))
    assert search.candidates(frames, 3)[0] == "我的订单四五幺"


def test_what_was_said_fits_the_sound_best(search: WordSearch, reader: SureReader) -> None:
    frames = telling(reader(reader.states(search.said("我要退款"))))
    said, other, mixed = weigh(search, frames, ["我要退款", "帮我转人工", "退我要款"], "", [0] * 3)
    assert said.phonetic > other.phonetic + 10
    assert mixed.fit < said.fit


def test_nothing_said_has_no_candidates(search: WordSearch, reader: SureReader) -> None:
    assert search.candidates(reader(reader.states([]))[:0], 5) == []


def test_polyphones_are_read_in_their_word(tongue: Tongue) -> None:
    assert tongue.phones("重新")[:2] == ("ch-", "-ong")
    assert tongue.phones("重量")[:2] == ("zh-", "-ong")


def test_figures_and_mixed_in_english_have_sounds(tongue: Tongue, english: English) -> None:
    assert tongue.words("FD2051要cancel") == ["f", "d", "二", "零", "五", "幺", "要", "cancel"]
    assert english.words("Order FD20512?")[-2:] == ["one", "two"]
    for each in (tongue, english):
        assert all(each.phones(word) for word in each.words("cancel my order 12"))


def test_sounds_that_are_confused_are_one_in_the_coarse_track(tongue: Tongue) -> None:
    four, right = (tongue.tracks(list(tongue.phones(word))) for word in ("四个", "是个"))
    assert four[0] != right[0]
    assert four[1] == right[1]
    assert tongue.tracks([]) == ([], [], [], [])


def test_a_final_without_its_initial_is_still_a_syllable(tongue: Tongue) -> None:
    assert tongue.tracks(["t-", "-ui", "-uan", "k-"])[0] == ["t--ui", "-uan", "k-"]


def test_what_followed_before_is_likelier() -> None:
    model = NGram([["my", "order"], ["my", "order"], ["my", "refund"]])
    order, refund, other = (model.logprob(w, ("my",)) for w in ("order", "refund", "elephant"))
    assert order > refund > other
    assert model.words == {"my", "order", "refund"}


def test_words_are_as_likely_as_elsewhere_when_customers_never_said_them() -> None:
    model = NGram([["a"]], elsewhere=lambda word: 0.01 if word == "common" else 0.0)
    assert model.logprob("common", ()) > model.logprob("rare", ())


def test_an_untaught_model_still_answers() -> None:
    assert NGram([]).logprob("word", ()) < 0


@pytest.mark.parametrize(
    ("heard", "text", "written"),
    [
        ("什么时候发火？", "什么时候发货", "什么时候发货？"),
        ("退掉苹裹,顺便改下地止。", "退掉苹果顺便改下地址", "退掉苹果,顺便改下地址。"),
        ("For God's ginger, squeeze it in.", "forgot ginger squeeze it in",
         "forgot ginger, squeeze it in."),
        ("Where is my order?", "where is my order", "Where is my order?"),
        ("送到88号吧", "送到88号吗", "送到88号吗"),
        ("", "我要退款", "我要退款"),
    ],
)  # fmt: skip
def test_other_words_keep_the_punctuation(
    tongue: Tongue, english: English, heard: str, text: str, written: str
) -> None:
    units = tongue.units if text[0] > "z" else english.units
    assert respelt(heard, text, units) == written
