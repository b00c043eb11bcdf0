from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from speech.joint.ctc import telling
from speech.joint.english import English
from speech.joint.lexicon import Lexicon
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


def test_a_thing_may_be_named_where_another_of_its_kind_was(
    tongue: Tongue, reader: SureReader
) -> None:
    said = [[("我要", ""), ("牛奶", "product")], [("怎么还不发货", "")]]
    search = WordSearch(tongue, reader, said, {"product": ["番茄"]})
    stranger = WordSearch(tongue, reader, plain(["我要牛奶", "怎么还不发货", "番茄"]))
    assert search.fit("我要番茄") == pytest.approx(search.fit("我要牛奶"))
    assert search.fit("我要番茄") > stranger.fit("我要番茄")


def test_a_name_of_several_words_is_one_word(english: English) -> None:
    reader = reader_of(english, *SHOPPERS, "lemons red peppers")
    told = [[("do you have ", ""), ("lemons", "product")]]
    search = WordSearch(english, reader, told, {"product": ["red peppers"]})
    assert search.fit("do you have red peppers") == pytest.approx(search.fit("do you have lemons"))
    frames = telling(reader(reader.states(search.said("do you have red peppers"))))
    assert search.candidates(frames, 1) == ["do you have red peppers"]


def test_figures_are_likely_where_a_number_was_asked_for(english: English) -> None:
    reader = reader_of(english, "for to two four six of lime five double f d")
    search = WordSearch(english, reader, plain(["it is for two of you", "lime for two"]))
    frames = telling(reader(reader.states(search.said("four two five"))))
    assert search.candidates(frames, 1, expected=search.figures("FD")) == ["four two five"]
    asked = search.fit("four two", search.figures("FD")) - search.fit("four two")
    other = search.fit("for two", search.figures("FD")) - search.fit("for two")
    assert asked > other


def test_words_that_sound_nearly_as_the_words_heard_compete(english: English) -> None:
    reader = reader_of(english, "make me an iced mocha with some soy milk")
    orders = [[("make me an iced mocha with ", ""), ("soy milk", "milk")]]
    search = WordSearch(english, reader, orders, {"milk": ["milk"]})
    found = search.candidates(search.echo("make me an iced mocha with some milk"), 4)
    assert "make me an iced mocha with soy milk" in found
    assert search.candidates(search.echo("make me an iced mocha with soy milk"), 1) == [
        "make me an iced mocha with soy milk"
    ]


def test_an_echo_is_surest_of_the_words_heard(search: WordSearch, reader: SureReader) -> None:
    silence = reader(reader.states([]))
    texts = ["我要退款", "我要查款", "帮我转人工"]
    same, near, far = weigh(search, silence, texts, search.echo("我要退款"), [0] * 3)
    assert same.echo == 0.0
    assert 0.0 > near.echo > far.echo


def test_two_lexicons_side_by_side_find_the_words_of_both() -> None:
    one, other = Lexicon({"ab": [1, 2], "a": [1]}), Lexicon({"ac": [1, 3], "b": [2]})
    both = one.beside(other)
    assert both.words == ["ab", "a", "ac", "b"]
    _, nodes = both.children(np.array([0]))
    assert sorted(both.units[nodes].tolist()) == [1, 1, 2]
    _, words = both.ending(np.arange(len(both.units)))
    assert sorted(words.tolist()) == [0, 1, 2, 3]
    cost = np.array([1.0, 2.0, 3.0, 4.0])
    assert sorted(both.least(cost)[nodes].tolist()) == [1.0, 3.0, 4.0]


def test_what_was_said_fits_the_sound_best(search: WordSearch, reader: SureReader) -> None:
    frames = telling(reader(reader.states(search.said("我要退款"))))
    said, other, mixed = weigh(
        search, frames, ["我要退款", "帮我转人工", "退我要款"], None, [0] * 3
    )
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


def test_two_words_before_tell_more_than_one() -> None:
    model = NGram([["no", "red", "wine"], ["a", "red", "car"], ["a", "red", "car"]])
    assert model.logprob("wine", ("no", "red")) > model.logprob("wine", ("a", "red"))


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
