from __future__ import annotations

from collections.abc import Sequence

import pytest

from dialogue.types import Hypothesis, Posterior, Transcript
from speech.joint.decide import decide

MEANINGS: dict[str, Posterior] = {
    "我要推款": (("out_of_scope", 0.5), ("refund_request", 0.3), ("help", 0.2)),
    "我要退款": (("refund_request", 0.98), ("out_of_scope", 0.02)),
    "我要腿管": (("out_of_scope", 0.6), ("help", 0.4)),
}


def meanings(texts: Sequence[str]) -> list[Posterior]:
    return [MEANINGS[text] for text in texts]


def transcript(*pairs: tuple[str, float]) -> Transcript:
    return Transcript(tuple(Hypothesis(text, logprob) for text, logprob in pairs), "zh")


def test_a_homophone_that_means_something_wins() -> None:
    heard = decide(transcript(("我要推款", -0.30), ("我要退款", -0.32)), meanings)
    assert (heard.cascade_text, heard.joint_text) == ("我要推款", "我要退款")
    assert "refund_request" in heard.reason
    assert heard.posterior[0][0] == "refund_request"


def test_the_first_words_stay_unless_others_are_clearly_better() -> None:
    heard = decide(transcript(("我要退款", -0.30), ("我要推款", -0.28)), meanings)
    assert heard.joint_text == "我要退款"
    assert heard.reason == ""


def test_a_much_less_probable_sound_does_not_win_on_meaning() -> None:
    heard = decide(transcript(("我要推款", -0.1), ("我要退款", -1.5)), meanings)
    assert heard.joint_text == "我要推款"


def test_the_posterior_is_a_distribution_best_first() -> None:
    heard = decide(transcript(*((text, -0.3) for text in MEANINGS)), meanings)
    probabilities = [p for _, p in heard.posterior]
    assert sum(probabilities) == pytest.approx(1.0)
    assert probabilities == sorted(probabilities, reverse=True)


def test_silence_means_nothing() -> None:
    heard = decide(transcript(), meanings)
    assert (heard.cascade_text, heard.joint_text, heard.posterior) == ("", "", ())
