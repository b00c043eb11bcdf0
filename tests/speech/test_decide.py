from __future__ import annotations

from collections.abc import Sequence

import pytest

from dialogue.types import Hypothesis, Language, Posterior, Transcript
from speech.joint.chinese import Chinese
from speech.joint.decide import JointDecoder
from speech.joint.repair import Repairer
from speech.joint.weights import Weights

CUSTOMERS = ("我要退款", "我要退款啊", "什么时候发货", "怎么还不发货", "转人工")
MEANINGS = {"退款": "refund_request", "发货": "delivery_time", "人工": "human_agent"}


def meanings(texts: Sequence[str], _language: Language) -> list[Posterior]:
    return [_meaning(text) for text in texts]


def _meaning(text: str) -> Posterior:
    meant = next((intent for word, intent in MEANINGS.items() if word in text), None)
    if meant is None:
        return (("out_of_scope", 0.6), *((intent, 0.4 / 3) for intent in MEANINGS.values()))
    others = [intent for intent in MEANINGS.values() if intent != meant]
    return ((meant, 0.96), *((intent, 0.01) for intent in others), ("out_of_scope", 0.02))


class Sound:
    """Scores texts as the test says; others are unlikely."""

    def __init__(self, **scores: float) -> None:
        self._scores = scores
        self.asked: list[str] = []

    def __call__(self, _transcript: Transcript, texts: Sequence[str]) -> list[float]:
        self.asked += texts
        return [self._scores.get(text, -12.0) for text in texts]


@pytest.fixture(scope="module")
def repairer() -> Repairer:
    return Repairer(Chinese(), CUSTOMERS)


def decoder(repairer: Repairer, sound: Sound) -> JointDecoder:
    return JointDecoder({"zh": repairer}, {"zh": Weights()}, sound)


def transcript(*texts: str) -> Transcript:
    return Transcript(tuple(Hypothesis(text, -0.3) for text in texts), "zh")


def test_a_word_no_hypothesis_spelt_wins_when_sound_and_meaning_agree(repairer: Repairer) -> None:
    sound = Sound(我要推款=-6.0, 我要退款=-6.5)
    heard = decoder(repairer, sound).decide(transcript("我要推款。"), meanings)
    assert (heard.cascade_text, heard.joint_text) == ("我要推款。", "我要退款。")
    assert heard.posterior[0][0] == "refund_request"
    assert "refund_request" in heard.reason


def test_the_words_stay_when_the_sound_speaks_against_others(repairer: Repairer) -> None:
    sound = Sound(我要推款=-2.0, 我要退款=-60.0)
    heard = decoder(repairer, sound).decide(transcript("我要推款。"), meanings)
    assert heard.joint_text == "我要推款。"
    assert heard.reason == ""


def test_words_that_fit_are_believed_without_asking_the_sound_again(repairer: Repairer) -> None:
    sound = Sound()
    heard = decoder(repairer, sound).decide(transcript("转人工"), meanings)
    assert (heard.joint_text, sound.asked) == ("转人工", [])


def test_the_recognizers_own_alternatives_compete(repairer: Repairer) -> None:
    sound = Sound(我要推管=-9.0, 我要退款=-5.0)
    heard = decoder(repairer, sound).decide(transcript("我要推管", "我要退款"), meanings)
    assert heard.joint_text == "我要退款"


def test_posteriors_are_distributions_best_first(repairer: Repairer) -> None:
    sound = Sound(我要推款=-6.0, 我要退款=-6.0)
    heard = decoder(repairer, sound).decide(transcript("我要推款"), meanings)
    for ranked in (heard.posterior, heard.weighed):
        shares = [p for _, p in ranked]
        assert sum(shares) == pytest.approx(1.0)
        assert shares == sorted(shares, reverse=True)
    assert heard.weighed[0][0] == heard.joint_text


def test_names_that_exist_count(repairer: Repairer) -> None:
    sound = Sound(我要推款=-6.0, 我要退款=-9.0)
    wise = JointDecoder({"zh": repairer}, {"zh": Weights(known=50.0)}, sound)
    heard = wise.decide(
        transcript("我要推款"), meanings, lambda texts: [float("退款" in t) for t in texts]
    )
    assert heard.joint_text == "我要退款"


def test_silence_means_nothing(repairer: Repairer) -> None:
    heard = decoder(repairer, Sound()).decide(Transcript((), "zh"), meanings)
    assert (heard.cascade_text, heard.joint_text, heard.posterior) == ("", "", ())


def test_a_language_without_a_pack_is_taken_as_heard(repairer: Repairer) -> None:
    english = Transcript((Hypothesis("where is it", -0.2),), "en")
    heard = decoder(repairer, Sound()).decide(english, meanings)
    assert heard.joint_text == "where is it"
