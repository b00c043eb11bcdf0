"""Knowledge articles: reading them, their completeness, and finding the right one."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dialogue.knowledge import Article, KnowledgeIndex, Lexicon, Section, read_articles
from dialogue.knowledge.bm25 import Bm25
from dialogue.knowledge.coverage import Coverage
from dialogue.knowledge.evaluate import Question, evaluate
from dialogue.types import ReplyPlan, Understanding

FRESH = Path(__file__).parents[2] / "data/domains/fresh/knowledge"
WITHOUT_FLOW = (
    "delivery_time", "shipping_fee", "return_item", "exchange_item", "return_policy",
    "freshness_storage", "price_promo", "payment_problem", "payment_methods", "account_problem",
    "account_update", "delete_my_data", "membership_points", "change_order",
)  # fmt: skip
FEES = "---\ntitle: Fees\ntopics: [fee]\nquestions:\n  - what does it cost\n---\nSix yuan.\n"


class Letters:
    """Pairs of letters, hashed: texts that look alike lie near each other."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, 512) unit-length vectors."""
        rows = np.full((len(texts), 512), 1e-6, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for pair in pairwise(text):
                row[zlib.crc32("".join(pair).encode()) % 512] += 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def articles() -> tuple[Article, ...]:
    return read_articles(FRESH)


@pytest.fixture(scope="module")
def index(articles: tuple[Article, ...]) -> KnowledgeIndex:
    return KnowledgeIndex(articles, Letters())


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("fees.md", FEES, "zh.md"),
        ("fees.fr.md", FEES, "zh.md"),
        ("fees.en.md", "Six yuan.\n", "header"),
        ("fees.en.md", "---\ntopics: [fee]\n---\nSix yuan.\n", "title"),
    ],
)
def test_an_unreadable_article_is_named(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=says) as error:
        read_articles(tmp_path)
    assert str(tmp_path / name) in str(error.value)


def test_sections_are_split_at_headings_and_the_first_has_none(tmp_path: Path) -> None:
    (tmp_path / "fees.en.md").write_text(FEES + "\n## At night\nThree more.\n", encoding="utf-8")
    (article,) = read_articles(tmp_path)
    assert (article.name, article.language, article.topics) == ("fees", "en", ("fee",))
    assert [(s.heading, s.text) for s in article.sections] == [
        ("", "Six yuan."),
        ("At night", "Three more."),
    ]


def test_every_article_is_there_in_both_languages(articles: tuple[Article, ...]) -> None:
    names = {lang: {a.name for a in articles if a.language == lang} for lang in ("zh", "en")}
    assert names["zh"] == names["en"]
    assert len(names["zh"]) >= 36


def test_both_languages_of_an_article_answer_the_same(articles: tuple[Article, ...]) -> None:
    shapes: dict[str, set[object]] = {}
    for a in articles:
        shapes.setdefault(a.name, set()).add((a.topics, a.image, len(a.sections)))
    assert [name for name, shape in shapes.items() if len(shape) > 1] == []


@pytest.mark.parametrize("topic", WITHOUT_FLOW)
def test_every_intent_without_a_flow_has_an_article(
    articles: tuple[Article, ...], topic: str
) -> None:
    assert any(topic in a.topics for a in articles)


def test_articles_have_questions_sections_and_speakable_text(articles: tuple[Article, ...]) -> None:
    for a in articles:
        assert 8 <= len(a.questions) <= 12, a.name
        assert 3 <= len(a.sections) <= 6, a.name
        assert not any(mark in s.text for s in a.sections for mark in "*`|[]~\n"), a.name


def test_pictures_of_articles_exist(articles: tuple[Article, ...]) -> None:
    images = {a.image for a in articles if a.image}
    assert images
    for image in images:
        assert (FRESH.parent / image.removeprefix("/")).is_file(), image


@pytest.mark.parametrize(
    ("language", "query", "name"),
    [
        ("zh", "满多少钱免运费", "shipping-fee"),
        ("zh", "土豆发芽了还能吃吗", "store-potatoes"),
        ("en", "I've been charged twice", "paid-twice"),
        ("en", "how do I delete my account", "delete-account"),
    ],
)
def test_search_finds_the_article(
    index: KnowledgeIndex, language: str, query: str, name: str
) -> None:
    found = index.search(query, language)  # type: ignore[arg-type]
    assert found[0].article == name
    assert len({p.article for p in found}) == 3
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)


def test_the_likelier_intent_settles_what_words_leave_open() -> None:
    section = Section("", "It takes three days.")
    names = {"refund": "refund_status", "parcel": "delivery_time"}
    alike = [
        Article(n, "en", "How long", (t,), ("how long",), (section,)) for n, t in names.items()
    ]
    found = KnowledgeIndex(alike, Letters())
    for name, topic in names.items():
        assert found.search("how long", "en", ((topic, 0.6),))[0].article == name


def test_a_wrong_intent_does_not_outweigh_the_words(index: KnowledgeIndex) -> None:
    found = index.search("I've been charged twice", "en", (("freshness_storage", 0.9),))
    assert found[0].article == "paid-twice"


def test_a_pack_without_articles_finds_nothing() -> None:
    assert KnowledgeIndex((), Letters()).search("anything", "en") == ()


def test_bm25_as_reckoned_by_hand() -> None:
    scores = Bm25(["red apple", "red red plum soup"]).scores("apple red")
    # Lengths 2 and 4, mean 3; idf(apple) = ln(1 + 1.5 / 1.5), idf(red) = ln(1 + 0.5 / 2.5).
    apple, red = math.log(2), math.log(1.2)
    short, long = 0.25 + 0.75 * 2 / 3, 0.25 + 0.75 * 4 / 3
    first = (apple + red) * 2.2 / (1 + 1.2 * short)
    second = red * 2 * 2.2 / (2 + 1.2 * long)
    assert scores == pytest.approx([first, second], rel=1e-5)


def test_bm25_gives_nothing_without_a_shared_word() -> None:
    assert Bm25(["red apple"]).scores("green pear").tolist() == [0.0]


def test_scores_count_what_was_found_and_what_had_better_not_be_answered() -> None:
    section = Section("", "Six yuan.")
    fee = Article("fee", "en", "Delivery fee", ("fee",), ("what does it cost",), (section,))
    other = Article("hours", "en", "Opening hours", (), ("when are you open",), (section,))
    asked = [("what does it cost", "fee"), ("when are you open", "fee"), ("sing a song", "")]
    questions = [Question(t, "en", frozenset(a.split())) for t, a in asked]
    scores = evaluate(
        KnowledgeIndex([fee, other], Letters()),
        questions,
        lambda q: Understanding(q.text, "en", (("fee", 1.0),)),
        lambda q, _: ReplyPlan("en", (), ("text",), "", sources=("fee",)) if q.articles else None,
    )
    assert (scores.n, scores.recall_at_1, scores.recall_at_3, scores.mrr) == (3, 0.5, 1.0, 0.75)
    assert (scores.answer_rate, scores.false_answer_rate) == (1.0, 0.0)
    assert (scores.right_rate, scores.sure_rate, scores.false_sure_rate) == (1.0, 1.0, 0.0)


ASKED = (
    ("do you deliver to the suburbs", "area"),
    ("how much is delivery to the suburbs", "area"),
    ("do you fly by drone", "out_of_scope"),
    ("have you seen a drone", "out_of_scope"),
)


def test_a_word_nobody_says_of_the_topic_makes_an_answer_less_sure() -> None:
    area = Article("area", "en", "Where we deliver", ("area",), (), (Section("", "In town."),))
    found = KnowledgeIndex([area], Letters(), lexicons={"en": Lexicon(ASKED)})
    plain = KnowledgeIndex([area], Letters())

    def gained(question: str) -> float:
        (first,), (before,) = found.search(question, "en"), plain.search(question, "en")
        assert first.score == before.score
        return first.assurance - before.assurance

    assert gained("do you deliver to the suburbs") > 0.3
    assert gained("do you deliver by drone") < gained("do you deliver to the suburbs") - 0.2


def test_without_known_lines_words_add_nothing() -> None:
    area = Article("area", "en", "Where we deliver", ("area",), (), (Section("", "In town."),))
    assert Coverage([area], Lexicon()).gains("do you deliver") == [0.0]
    assert Coverage([area], Lexicon(ASKED)).gains("?!") == [0.0]


def test_a_section_that_says_what_is_named_is_found() -> None:
    sections = (Section("", "Three days."), Section("Cards", "Credit cards take five."))
    paid = Article("paid", "en", "How long", ("refund",), (), sections)
    index = KnowledgeIndex([paid], Letters())
    assert [p.text for p in index.search("and for cards?", "en", naming="cards")] == [
        "Credit cards take five."
    ]
    assert index.search("and for cash?", "en", naming="cash") == ()
