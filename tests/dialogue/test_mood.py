"""Mood: anger changes a reply by the pack's rules, and the reply says why."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dialogue.domain import Mood, PackError
from dialogue.pack import load_domain
from dialogue.response.mood import soothed
from dialogue.response.wording import Wording
from dialogue.state import mood
from dialogue.types import Act, Decision, ReplyPlan, State, Suggestion, Understanding

PACK = Path(__file__).parents[2] / "data" / "domains" / "fresh"
DOMAIN = load_domain(PACK)
PLAN = ReplyPlan("en", ("Shipping is free from 30.",), ("text",), "text always")
ARTICLE = Decision(Act.ANSWER, "shipping_fee")


def met(anger: int, decision: Decision = ARTICLE, plan: ReplyPlan = PLAN) -> ReplyPlan:
    return soothed(plan, DOMAIN, Wording(DOMAIN), decision, State(language="en", anger=anger))


def test_an_article_is_quoted_after_an_apology_once() -> None:
    first, second = met(1), met(2)
    assert "sorry" in first.clauses[0]
    assert first.clauses[1:] == PLAN.clauses
    assert "apology first" in first.reason
    assert second.clauses == PLAN.clauses


def test_wording_with_a_tone_of_its_own_gets_no_second_apology() -> None:
    assert met(1, Decision(Act.ASK, "order_id")).clauses == PLAN.clauses


def test_a_person_is_offered_from_the_second_angry_turn_and_the_reason_says_so() -> None:
    own = Suggestion("Track it", "Where is this order?")
    first = met(1, plan=replace(PLAN, suggestions=(own,)))
    second = met(2, plan=replace(PLAN, suggestions=(own,)))
    assert first.suggestions == (own,)
    assert [s.label for s in second.suggestions] == ["Talk to a person", "Track it"]
    assert "2 angry turns" in second.reason


def test_anger_that_nobody_is_sure_of_is_no_anger() -> None:
    angry = Understanding(
        "又来了",
        "zh",
        (("greet", 1.0),),
        sentiment=(("negative", 0.9),),
        emotion=(("angry", 0.6),),
    )
    assert DOMAIN.is_angry(angry)
    assert not DOMAIN.is_angry(replace(angry, unfelt=("emotion",)))


@pytest.mark.parametrize(
    ("tone", "sure", "angry"),
    [("neutral", 0.92, False), ("positive", 0.5, True), ("negative", 0.9, True)],
)
def test_a_price_asked_in_a_neutral_tone_is_not_angry(tone: str, sure: float, angry: bool) -> None:
    asked = Understanding(
        "how much is this?",
        "en",
        (("price_promo", 1.0),),
        sentiment=((tone, sure),),
        emotion=(("angry", 0.73),),
    )
    assert DOMAIN.is_angry(asked) is angry


def test_a_person_who_is_coming_is_not_offered_again() -> None:
    assert met(3, Decision(Act.HANDOFF, "anger")).suggestions == ()


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ("angry = 0.0", "mood.angry"),
        ("offer_after = 0", "mood.offer_after"),
        ("furious = 1", "unknown key 'furious'"),
    ],
)
def test_rules_that_make_no_sense_are_refused(tmp_path: Path, rule: str, complaint: str) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(PACK, pack, ignore=shutil.ignore_patterns("media", "knowledge", "heldout"))
    content = (pack / "domain.toml").read_text("utf-8")
    before, rest = content.split("[mood]\n")
    rest = rest[rest.index("# ------") :]
    (pack / "domain.toml").write_text(f"{before}[mood]\n{rule}\n{rest}", "utf-8")
    with pytest.raises(PackError, match=complaint):
        load_domain(pack)


def test_a_business_may_be_more_patient() -> None:
    patient = replace(DOMAIN, mood=Mood(offer_after=5))
    plan = soothed(PLAN, patient, Wording(patient), ARTICLE, State(language="en", anger=4))
    assert plan.suggestions == ()


ANGRY = Understanding(
    text="where is my order",
    language="en",
    intents=(("track_order", 0.9),),
    slots=(),
    sentiment=(("negative", 0.8), ("neutral", 0.2)),
    emotion=(("angry", 0.9), ("neutral", 0.1)),
)


@pytest.mark.parametrize(
    ("shown", "meaning"),
    [
        ("angry", ANGRY),
        ("", replace(ANGRY, unfelt=("emotion",))),
        ("", replace(ANGRY, sentiment=(("neutral", 0.94), ("negative", 0.06)))),
        ("", replace(ANGRY, emotion=(("angry", 0.4), ("neutral", 0.3)))),
        ("sad", replace(ANGRY, emotion=(("sad", 0.7), ("angry", 0.3)))),
        ("", replace(ANGRY, emotion=())),
    ],
)
def test_the_inbox_shows_a_mood_that_the_rule_or_a_sure_head_gives(
    shown: str, meaning: Understanding
) -> None:
    assert mood(DOMAIN, meaning) == shown
