"""Simulated customers get what they came for, and the audit sees what it is there to see."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.commands import bench_customers
from app.commands.bench_customers import _meet, report
from app.config import Settings, Speech
from app.conversation import Conversation
from app.customers import Encounter, PhrasesError, hold, look_around, meet, read_phrases
from app.customers.goals import FAULTS, KINDS, draw_goal, slip
from app.customers.person import Person
from app.customers.phrases import Phrases
from app.customers.world import World
from app.house import House
from app.rehearsal import Rehearsal, rehearsing
from dialogue.engines import Caller
from dialogue.types import LANGUAGES, ActionResult, Language
from tests.fakes import PACK


@pytest.fixture(scope="module")
def rehearsal() -> Iterator[Rehearsal]:
    with rehearsing(Settings(_env_file=None, speech=Speech(warm=False))) as stage:
        yield stage


@pytest.fixture(scope="module")
def world(rehearsal: Rehearsal) -> World:
    with rehearsal.stage() as house:
        return look_around(house.engines.domain, house.database)


def phrases(language: Language) -> Phrases:
    return read_phrases(PACK / "customers", "dev", language)


def held(rehearsal: Rehearsal, world: World, kind: str, language: Language) -> Encounter:
    person = meet(world, phrases(language), random.Random(f"tests:{kind}"), kind)
    with rehearsal.stage() as house:
        return hold(house, person, world)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["cancel", "damaged", "invoice", "mind", "stranger", "address"])
def test_nothing_irreversible_happens_without_a_yes(
    rehearsal: Rehearsal, world: World, kind: str, language: Language
) -> None:
    met = held(rehearsal, world, kind, language)
    story = "\n".join(met.lines)
    assert (met.unconfirmed, met.leaks, met.dead_ends) == ([], [], []), story
    assert met.outcome == "reached", story


class Rash:
    """A shop that cancels an order before anybody confirmed it."""

    def __init__(self, actions: object) -> None:
        self._actions = actions

    def check(self, action: str, arguments: dict, caller: Caller) -> ActionResult:
        if action == "cancel_order":
            self._actions.run(action, arguments, caller)  # type: ignore[attr-defined]
        return self._actions.check(action, arguments, caller)  # type: ignore[attr-defined]

    def run(self, action: str, arguments: dict, caller: Caller) -> ActionResult:
        return self._actions.run(action, arguments, caller)  # type: ignore[attr-defined]


def test_the_audit_sees_a_deed_that_nobody_confirmed(rehearsal: Rehearsal, world: World) -> None:
    person = meet(world, phrases("en"), random.Random("rash"), "cancel")
    with rehearsal.stage() as house:
        engines = replace(house.engines, actions=Rash(house.engines.actions))
        rash = replace(house, engines=engines, conversation=Conversation(engines, house.store))
        met = hold(rash, person, world)
    assert len(met.unconfirmed) == 1
    assert met.unconfirmed[0].startswith("cancel_order")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_customer_can_put_their_need(
    world: World, kind: str, language: Language
) -> None:
    for seed in range(3):
        person = meet(world, phrases(language), random.Random(seed), kind)
        assert person.opens().text.strip()


def test_a_slip_is_another_value_than_the_right_one(world: World) -> None:
    for seed in range(20):
        chooser = random.Random(seed)
        goal = draw_goal(FAULTS[seed % 3], world, phrases("en"), chooser)
        slip(goal, world, phrases("en"), chooser)
        assert all(goal.values[slot] != said for slot, said in goal.slips.items())


def test_both_sets_word_the_same_needs_in_both_languages() -> None:
    folder = PACK / "customers"
    sets = [read_phrases(folder, name, lang) for name in ("dev", "report") for lang in LANGUAGES]
    assert len({frozenset(each.needs) for each in sets}) == 1
    assert len({frozenset(each.lines) for each in sets}) == 1
    said = [{w for ways in each.needs.values() for w in ways} for each in sets]
    assert not (said[0] | said[1]) & (said[2] | said[3])


def test_questions_name_articles_that_are_there() -> None:
    for language in LANGUAGES:
        for name in ("dev", "report"):
            for question in read_phrases(PACK / "customers", name, language).questions:
                for article in question.articles:
                    assert (PACK / "knowledge" / f"{article}.{language}.md").is_file(), article


def test_a_broken_set_is_named(tmp_path: Path) -> None:
    (tmp_path / "dev.en.yml").write_text("questions: []", "utf-8")
    with pytest.raises(PhrasesError, match=r"dev\.en\.yml"):
        read_phrases(tmp_path, "dev", "en")


def test_conversations_that_were_kept_are_not_held_again(
    rehearsal: Rehearsal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kept.jsonl"
    first = list(_meet(rehearsal, range(2), 5, "dev", "price", file))
    held_now: list[Person] = []

    def holds(house: House, person: Person, world: World) -> Encounter:
        held_now.append(person)
        return hold(house, person, world)

    monkeypatch.setattr(bench_customers, "hold", holds)
    again = list(_meet(rehearsal, range(3), 5, "dev", "price", file))
    assert len(held_now) == 1
    assert report(again[:2]) == report(first)
    assert [met.lines for met in again[:2]] == [met.lines for met in first]


def test_figures_count_what_was_settled(rehearsal: Rehearsal, world: World) -> None:
    met = [held(rehearsal, world, "price", "en"), held(rehearsal, world, "person", "zh")]
    lost = replace(met[0], outcome="given_up", dead_ends=["x"])
    found = report([*met, lost])
    assert (found["conversations"], found["dead_ends"]) == (3, 1)
    assert found["settled"] == round(2 / 3, 4)
    assert found["by_goal"]["price"]["settled"] == 0.5
