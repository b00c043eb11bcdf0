from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from dialogue.types import Hypothesis, Language, Posterior, Transcript
from speech.joint.decide import JointDecoder
from speech.joint.search import WordSearch
from speech.joint.tongue import phones_of
from speech.joint.weights import Weights
from tests.speech.phones import SAYINGS, SureReader, chinese

CUSTOMERS = ("我要退款", "我要退款啊", "什么时候发货", "怎么还不发货", "转人工")
MEANINGS = {"退款": "refund_request", "发货": "delivery_time", "人工": "human_agent"}
TONGUE = chinese()
READER = SureReader(
    sorted({p for text in (SAYINGS, *CUSTOMERS, "where is it") for p in phones_of(TONGUE, text)})
)


def meanings(texts: Sequence[str], _language: Language, _heard: list[str]) -> list[Posterior]:
    return [_meaning(text) for text in texts]


def _meaning(text: str) -> Posterior:
    meant = next((intent for word, intent in MEANINGS.items() if word in text), None)
    if meant is None:
        return (("out_of_scope", 0.6), *((intent, 0.4 / 3) for intent in MEANINGS.values()))
    others = [intent for intent in MEANINGS.values() if intent != meant]
    return ((meant, 0.96), *((intent, 0.01) for intent in others), ("out_of_scope", 0.02))


@pytest.fixture(scope="module")
def search() -> WordSearch:
    return WordSearch(TONGUE, READER, [[(text, "")] for text in CUSTOMERS])


@pytest.fixture(scope="module")
def decoder(search: WordSearch) -> JointDecoder:
    return JointDecoder(READER, {"zh": search}, {"zh": Weights(phonetic=1.0)})


def transcript(said: str, *texts: str, language: Language = "zh", sure: float = 0.9) -> Transcript:
    """Of the sounds of `said`, which the recognizer took for `texts`."""
    heard = tuple(Hypothesis(text, -0.3) for text in texts)
    states = READER.states(phones_of(TONGUE, said))
    return Transcript(heard, language, sure, states=states)


def test_a_word_no_hypothesis_spelt_wins_when_sound_and_meaning_agree(
    decoder: JointDecoder,
) -> None:
    heard = decoder.decide(transcript("我要退款", "我要推款。"), meanings)
    assert (heard.cascade_text, heard.joint_text) == ("我要推款。", "我要退款。")
    assert heard.posterior[0][0] == "refund_request"
    assert "refund_request" in heard.reason


def test_the_words_stay_when_the_sound_speaks_against_others(decoder: JointDecoder) -> None:
    heard = decoder.decide(transcript("今天天气真好啊", "今天天气真好啊"), meanings)
    assert heard.joint_text == "今天天气真好啊"
    assert heard.reason == ""


def test_the_recognizers_own_alternatives_compete(search: WordSearch) -> None:
    trusting = JointDecoder(READER, {"zh": search}, {"zh": Weights(phonetic=1.0, literal=20.0)})
    heard = trusting.decide(transcript("我要推款", "我要推管", "我要推款"), meanings)
    assert heard.joint_text == "我要推款"


def test_posteriors_are_distributions_best_first(decoder: JointDecoder) -> None:
    heard = decoder.decide(transcript("我要推款", "我要推款"), meanings)
    for ranked in (heard.posterior, heard.weighed):
        shares = [p for _, p in ranked]
        assert sum(shares) == pytest.approx(1.0)
        assert shares == sorted(shares, reverse=True)
    assert heard.weighed[0][0] == heard.joint_text


def test_what_the_words_as_heard_mean_can_count_beside_all_readings(search: WordSearch) -> None:
    found = []
    for exponent in (0.0, 1.0, 30.0):
        weights = Weights(phonetic=1.0, heard=exponent)
        drawn = JointDecoder(READER, {"zh": search}, {"zh": weights})
        heard = drawn.decide(transcript("我要退款", "我要推款"), meanings)
        assert sum(p for _, p in heard.posterior) == pytest.approx(1.0)
        found.append(heard.posterior)
    shares = [dict(posterior)["out_of_scope"] for posterior in found]
    assert shares == sorted(shares)
    assert shares[0] < shares[1]
    assert found[0][0][0] == "refund_request"
    assert found[2][0][0] == meanings(["我要推款"], "zh", [])[0][0][0] == "out_of_scope"


def test_words_heard_count_no_more_where_none_were(search: WordSearch) -> None:
    weights = Weights(phonetic=1.0, heard=30.0)
    drawn = JointDecoder(READER, {"zh": search}, {"zh": weights})
    assert drawn.decide(transcript("什么时候发货"), meanings).joint_text == "什么时候发货"


def test_names_that_exist_count(search: WordSearch) -> None:
    wise = JointDecoder(READER, {"zh": search}, {"zh": Weights(literal=5.0, known=50.0)})
    heard = wise.decide(
        transcript("我要退款", "我要推款"),
        meanings,
        lambda texts: [float("退款" in text) for text in texts],
    )
    assert heard.joint_text == "我要退款"


def test_clear_sounds_are_understood_where_the_recognizer_gave_up(decoder: JointDecoder) -> None:
    heard = decoder.decide(transcript("什么时候发货"), meanings)
    assert (heard.cascade_text, heard.joint_text) == ("", "什么时候发货")
    assert heard.posterior[0][0] == "delivery_time"


def test_sounds_that_are_not_clear_are_not_made_into_words(search: WordSearch) -> None:
    doubting = SureReader(READER.phones, doubt=0.45)
    mumble = doubting.states(search.said("我要退款"), search.said("发货发货"))
    decoder = JointDecoder(doubting, {"zh": search}, {})
    heard = decoder.decide(Transcript((), "zh", states=mumble), meanings)
    assert (heard.cascade_text, heard.joint_text, heard.posterior) == ("", "", ())
    assert heard.language is None


def test_chinese_sounds_are_chinese_whatever_the_recognizer_took_them_for(
    decoder: JointDecoder,
) -> None:
    heard = decoder.decide(
        transcript("我要退款", "What you quantum", language="en", sure=0.7), meanings
    )
    assert heard.language == "zh"
    assert heard.joint_text == "我要退款"


def test_silence_means_nothing(decoder: JointDecoder) -> None:
    heard = decoder.decide(Transcript((), "zh"), meanings)
    assert (heard.cascade_text, heard.joint_text, heard.posterior) == ("", "", ())


def test_states_of_another_encoder_are_taken_as_heard(decoder: JointDecoder) -> None:
    other = Transcript((Hypothesis("我要推款", -0.2),), "zh", states=np.zeros((9, 5), np.float32))
    heard = decoder.decide(other, meanings)
    assert heard.joint_text == "我要推款"
    assert decoder.listen(other, lambda texts: [0.0] * len(texts)).sounds == []


def test_a_language_without_a_pack_is_taken_as_heard(decoder: JointDecoder) -> None:
    english = transcript("where is it", "where is it", language="en")
    assert decoder.decide(english, meanings).joint_text == "where is it"
