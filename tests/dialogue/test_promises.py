"""Promises that hold for any conversation: made-up customers against a made-up shop."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialogue import cues
from dialogue.again import told
from dialogue.domain import Domain
from dialogue.engines import Passage
from dialogue.manager import start, step
from dialogue.nlu.slots import SlotReader
from dialogue.pack import load_domain
from dialogue.response.planner import Planner
from dialogue.rest import woken
from dialogue.state import from_json, remember, to_json
from dialogue.types import (
    Act,
    ActionResult,
    Decision,
    Language,
    Outcome,
    Posterior,
    Request,
    Sighting,
    State,
    Turn,
    Understanding,
)
from dialogue.types.marks import unmarked

from .conftest import FRESH

WORDS = (
    *("FD2024051", "FD2024052", "1234", "5678", "好的", "不用了", "不对，是昨天那单", "算了不退了"),
    *("yes", "no", "never mind", "no, the other one FD2024053", "香蕉", "bananas", "FRESH20", "嗯"),
    *("苹果", "the green one", "FD 20 24", "051", "how much is this", "草莓", "juice"),
    *("a@b.cn", "建国路88号3号楼502", "没有照片", "什么", "转人工", "", "yes but wait", "两盒牛奶"),
)
CODES = (
    "mismatch",
    "not_found",
    "locked",
    "not_in_order",
    "out_of_area",
    "too_late",
    "not_verified",
)


class NoArticles:
    """A shelf without articles."""

    def search(
        self,
        query: str,
        language: Language,
        topics: Posterior = (),
        n: int = 3,
        within: str = "",
        naming: str = "",
    ) -> tuple[Passage, ...]:
        return ()


LOOP = 2
"""So often in a row an answer may be given in the same words."""
NOW = datetime(2026, 11, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3)
Said = tuple[str, str, float, bool, tuple[Request, ...]]


def turn_of(chance: Random, intents: tuple[str, ...]) -> Said:
    """Words, intent, confidence, a picture or none, further intents."""
    return (
        chance.choice(WORDS),
        chance.choice(intents),
        chance.choice((0.2, 0.6, 0.95)),
        chance.random() < 0.1,
        tuple(
            Request(i, f"{i}?") for i in chance.choices(intents, k=chance.choice((0, 0, 0, 1, 2)))
        ),
    )


def meant(turn: Said, state: State, reader: SlotReader) -> Understanding:
    text, intent, sure, picture, also = turn
    return Understanding(
        text=text,
        language=state.language,
        intents=((intent, sure),),
        slots=reader.read(text, state),
        confidence=sure,
        abstained=sure < 0.4,
        sightings=(Sighting(0, (("6", 0.9),)),) if picture else (),
        also=also,
    )


def answered(chance: Random, decision: Decision) -> ActionResult:
    outcome = chance.choice((Outcome.DONE, Outcome.DONE, Outcome.REFUSED, Outcome.FAILED))
    code = chance.choice(CODES) if outcome is Outcome.REFUSED else ""
    return ActionResult(decision.topic, outcome, code, {"amount": "9.90"})


@cache
def tools() -> tuple[Domain, SlotReader, Planner]:
    """The demo pack; no fixture, since hypothesis would print it whole."""
    fresh = load_domain(FRESH)
    return fresh, SlotReader(fresh), Planner(fresh, NoArticles())


@settings(
    max_examples=300, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(seed=st.integers(0, 10**9), language=st.sampled_from(("zh", "en")))
def test_any_conversation_keeps_the_promises(
    seed: int,
    language: Language,
) -> None:
    fresh, reader, planner = tools()
    state, _ = start(language)
    chance, intents = Random(seed), tuple(fresh.intents)
    asked_to_confirm: tuple[str, dict[str, object]] = ("", {})
    last_ask: tuple[str, tuple[str, ...]] = ("", ())
    replies: tuple[tuple[str, ...], ...] = ()
    for number in range(chance.randint(3, 12)):
        if chance.random() < 0.1:  # a question of days ago may not be answered with a yes
            state = woken(fresh, replace(state, at=LONG_AGO.isoformat()), NOW)
            asked_to_confirm, last_ask = ("", {}), ("", ())
        meaning = meant(turn_of(chance, intents), state, reader)
        asked_for, said = asked_to_confirm, meaning.text
        yes = cues.says_yes(said) or cues.opens_with_yes(said)
        state, decision = step(fresh, state, meaning)
        calls = 0
        while decision.act in (Act.CALL, Act.CHECK):
            calls += 1
            if decision.act is Act.CALL and decision.topic in fresh.irreversible:
                assert yes or meaning.intent == "affirm", meaning.text
                assert decision.topic == asked_for[0]
                shown = asked_for[1]
                given = dict(decision.arguments)
                assert all(shown.get(name) == value for name, value in given.items())
                assert dict(decision.arguments)["order_id"] in state.verified
            state, decision = step(fresh, state, answered(chance, decision))
        assert calls <= 3
        turn = Turn(f"t{number}", "c", language)
        plan = planner.plan(decision, turn, meaning, state)
        state, after_all = told(fresh, state, decision, plan.clauses)
        if after_all is not decision:
            decision, plan = after_all, planner.plan(after_all, turn, meaning, state)
        if state.flow and state.owner == "bot":
            assert state.expects, "a flow is under way and nothing is asked"
        if decision.act is not Act.REPEAT:
            asked_to_confirm = (decision.topic, dict(decision.arguments))
        assert from_json(to_json(state)) == state
        assert plan.clauses or decision.act is Act.SILENT
        asked = (decision.topic, plan.clauses)
        if decision.act in (Act.ASK, Act.CONFIRM):
            assert asked != last_ask, "the same words twice in a row"
        last_ask = asked
        if decision.act is not Act.REPEAT:  # said again because it was asked for
            replies = (*replies[-LOOP:], plan.clauses)
        small = fresh.fixed(decision.topic) or state.owner != "bot"
        answers = decision.act in (Act.TELL, Act.ANSWER) and not small
        assert not answers or len(set(replies)) > 1 or len(replies) <= LOOP, "told for ever"
        state = remember(state, tuple(map(unmarked, plan.clauses)))
