"""A customer who wants a person at night is told that nobody is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path

import pytest

from dialogue.domain import Domain, PackError, People
from dialogue.pack import load_domain
from dialogue.response.planner import Planner
from dialogue.types import Act, Decision, Language, State, Turn, Understanding

from .test_promises import NoArticles

CHINA = timezone(timedelta(hours=8))
DAY = People(time(8), time(22), CHINA)
NIGHT = People(time(20), time(4), CHINA)


@pytest.mark.parametrize(
    ("people", "hour", "there"),
    [
        (DAY, 0, True),
        (DAY, 13, True),
        (DAY, 14, False),
        (DAY, 23, False),
        (NIGHT, 13, True),
        (NIGHT, 19, True),
        (NIGHT, 20, False),
        (People(), 3, True),
    ],
)
def test_hours_are_those_of_the_zone(people: People, hour: int, there: bool) -> None:
    assert people.there(datetime(2026, 11, 25, hour, 0, tzinfo=UTC)) is there


@pytest.mark.parametrize(("hour", "there"), [(4, True), (18, False)])
def test_a_hand_off_is_truthful_about_the_hour(
    fresh: Domain, language: Language, hour: int, there: bool
) -> None:
    now = datetime(2026, 11, 25, hour, 0, tzinfo=UTC)
    planner = Planner(fresh, NoArticles(), lambda: now)
    meaning = Understanding("", language, (("human_agent", 1.0),))
    state = replace(State(language=language), owner="queue")
    decision = Decision(Act.HANDOFF, "asked")
    plan = planner.plan(decision, Turn("t", "c", language), meaning, state)
    absent = {"zh": "没有人工在线", "en": "Nobody is here"}[language]
    assert (absent in "".join(plan.clauses)) is not there


@pytest.mark.parametrize("line", ['hours = ["8"]', 'zone = "+8"', 'ours = ["08:00", "22:00"]'])
def test_hours_that_cannot_be_read_are_named(tmp_path: Path, line: str) -> None:
    pack = Path(__file__).parents[2] / "data/domains/coffee"
    for name in ("domain.toml", "responses.toml"):
        (tmp_path / name).write_text((pack / name).read_text("utf-8"), "utf-8")
    told = (tmp_path / "domain.toml").read_text("utf-8")
    (tmp_path / "domain.toml").write_text(f"{told}\n[people]\n{line}\n", "utf-8")
    with pytest.raises(PackError, match=r"domain\.toml: people"):
        load_domain(tmp_path)
