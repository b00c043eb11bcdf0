"""Feeling from words: the shipped heads and the word lists, in both languages."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from fusion.feeling.head import HeadFeeling
from fusion.feeling.lexicon import LexiconFeeling
from fusion.feeling.reading import EMOTIONS, SENTIMENTS, Feeling, FeelingReader, blend

SENTENCES = Path(__file__).parents[2] / "data" / "models" / "feeling" / "train.jsonl"


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
    assert found.sentiment[0][0] == "neutral"
    assert found.emotion[0][0] == "neutral"


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


def test_doubtful_words_count_half() -> None:
    sure = Feeling((("negative", 0.8), ("neutral", 0.2)), (("angry", 1.0),), 1.0)
    half = blend(sure, 0.5)
    assert dict(half.sentiment) == pytest.approx({"negative": 0.4, "neutral": 0.6})
    assert half.sentiment[0][0] == "neutral"
    assert half.urgency == pytest.approx(0.5)


def test_the_training_sentences_are_varied_and_balanced_over_languages() -> None:
    rows = [json.loads(line) for line in SENTENCES.read_text("utf-8").splitlines()]
    languages = Counter(row["language"] for row in rows)
    assert min(languages["zh"], languages["en"]) >= 300
    assert len({row["text"] for row in rows}) == len(rows)
    assert {row["sentiment"] for row in rows} == set(SENTIMENTS)
    assert {row["emotion"] for row in rows if "emotion" in row} == set(EMOTIONS)
