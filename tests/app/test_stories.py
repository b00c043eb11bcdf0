"""The stories a pack ships go as told; a story that goes otherwise is told where and how."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from app.commands.stories import junit_xml
from app.config import Settings, Speech
from app.rehearsal import Rehearsal, rehearsing
from app.stories import Exchange, Story, StoryError, read_stories
from tests.fakes import PACK, cheap_settings, small_pack

STORIES = read_stories(PACK / "stories", PACK)
SPOKEN = [s for s in STORIES if any(exchange.spoken for exchange in s.exchanges)]
SHARE = [*STORIES[::2], *(story for story in SPOKEN if story not in STORIES[::2])]
"""`lingxi test` tells all of them."""


@pytest.fixture(scope="module")
def rehearsal() -> Iterator[Rehearsal]:
    with rehearsing(Settings(_env_file=None, speech=Speech(warm=False)), aloud=True) as stage:
        yield stage


@pytest.fixture(scope="module")
def cheap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    folder = tmp_path_factory.mktemp("stories")
    small_pack(folder / "domains")
    with rehearsing(cheap_settings(folder / "var", folder / "domains")) as stage:
        yield stage


def told(*exchanges: Exchange, language: str = "en") -> Story:
    return Story("a story", language, exchanges)


@pytest.mark.parametrize("story", SHARE, ids=lambda story: f"{story.language}: {story.name}")
def test_the_shipped_stories_go_as_told(rehearsal: Rehearsal, story: Story) -> None:
    assert rehearsal.tell(story).faults == ()


def test_there_are_forty_stories_in_each_language() -> None:
    languages = [story.language for story in STORIES]
    assert min(languages.count("zh"), languages.count("en")) >= 40


def test_stories_tell_which_steps_and_wordings_they_went_through(cheap: Rehearsal) -> None:
    asked = cheap.tell(told(Exchange("cancel my order FD2024056"), Exchange("1357")))
    steps, intents, wordings = cheap.coverage([asked])
    assert "cancel_order: ask phone_tail" in steps.seen
    assert "cancel_order: confirm cancel_order" in steps.seen
    assert "cancel_order: cancel_order done" in steps.missing
    assert "cancel_order" in intents.seen
    assert "confirm.cancel_order" in wordings.seen
    assert 0 < wordings.share < 1


@pytest.mark.parametrize(("hour", "there"), [(3, False), (12, True), (22, False)])
def test_a_story_is_told_at_its_own_hour(cheap: Rehearsal, hour: int, there: bool) -> None:
    words = "passing you on" if there else "Nobody is here at this hour"
    asked = Exchange("talk to a person", does="handoff asked", says=(words,))
    story = Story("a story", "en", (asked,), at=datetime(2026, 11, 25, hour))
    assert cheap.tell(story).faults == ()
    wording = cheap.coverage([])[2]
    assert there or "handoff.closed" in wording.seen


def test_a_story_does_not_see_what_another_did(cheap: Rehearsal) -> None:
    cancel = told(
        Exchange("cancel my order FD2024056 phone ends 1357", does="confirm cancel_order"),
        Exchange("yes", shop={"order_status FD2024056": "cancelled"}),
    )
    assert cheap.tell(cancel).faults == ()
    assert cheap.tell(cancel).faults == ()


def test_the_shop_answers_as_a_story_tells_it_to_for_one_turn(cheap: Rehearsal) -> None:
    story = told(
        Exchange(
            "cancel my order FD2024056 phone ends 1357",
            shop_says={"verify_order": "failed"},
            does="tell verify_order.failed",
            never=("¥",),
        ),
        Exchange("cancel my order FD2024056 phone ends 1357", does="confirm cancel_order"),
        Exchange(
            "yes",
            shop_says={"cancel_order": "refused odd"},
            does="tell cancel_order.refused.odd",
            shop={"order_status FD2024056": "paid"},
        ),
    )
    assert cheap.tell(story).faults == ()


def test_a_spoken_turn_is_heard_and_answered_aloud(rehearsal: Rehearsal) -> None:
    aloud = told(Exchange("Where is my order?", spoken=True, form=("speech",), does="ask order_id"))
    typed = told(Exchange("Where is my order?", form=("speech",)))
    assert rehearsal.tell(aloud).faults == ()
    assert rehearsal.tell(typed).faults == (
        "turn 1, 'Where is my order?': form speech is not chosen",
    )


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"intent": "praise"}, "intent"),
        ({"does": "tell praise"}, "does"),
        ({"flow": "cancel_order"}, "flow"),
        ({"language": "zh"}, "answers in"),
        ({"says": ("elephant",)}, "never says 'elephant'"),
        ({"never": ("order",)}, "says 'order'"),
        ({"matches": ("^elephants?$",)}, "nothing matches"),
        ({"slots": {"order_id": "FD2024056"}}, "order_id is None, not 'FD2024056'"),
        ({"form": ("speech",)}, "form speech is not chosen"),
        ({"card": "refund"}, "no refund card"),
        ({"suggests": ("Elephant",)}, "does not suggest"),
        ({"shop": {"order_status FD2024056": "cancelled"}}, "the shop says paid"),
    ],
)
def test_what_went_otherwise_is_told(cheap: Rehearsal, wanted: dict, says: str) -> None:
    exchange = Exchange("where is my order", **wanted)
    (fault,) = cheap.tell(told(exchange)).faults
    assert fault.startswith("turn 1, 'where is my order'")
    assert says in fault


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("story: x", "a list of stories"),
        ("- language: en\n  turns: [{customer: hi}]", "a story has story"),
        ("- story: x\n  language: fr\n  turns: [{customer: hi}]", "a story has story"),
        ("- story: x\n  language: en\n  turns: [{customer: hi, sais: yes}]", "unknown key sais"),
        ("- story: x\n  language: en\n  turns: [{intent: greet}]", "needs customer or photo"),
        ("- [", "x.yml"),
        ("- story: x\n  language: en\n  turns: [{customer: hi, within_ms: soon}]", "within_ms"),
        ("- story: x\n  language: en\n  turns: [{customer: hi, matches: '('}]", "matches"),
        ("- story: x\n  language: en\n  turns: [{customer: hi, shop: paid}]", "is no table"),
        ("- story: x\n  language: en\n  turns: [{customer: hi, shop_says: {a: maybe}}]", "maybe"),
        ("- story: x\n  language: en\n  turns: [{photo: x.jpg, spoken: true}]", "spoken"),
        ("- story: x\n  language: en\n  turns: [{photo: x.jpg}]", "x.yml: 'x': photo: .* x.jpg"),
        ("- story: x\n  language: en\n  at: noon\n  turns: [{customer: hi}]", "at: 'noon'"),
        ("- story: x\n  language: en\n  at: 2026-11-25 03:00Z\n  turns: [{customer: hi}]", "zone"),
        ("- story: x\n  language: en\n  when: now\n  turns: [{customer: hi}]", "unknown key when"),
        ("[]", "no stories"),
    ],
)
def test_a_broken_story_says_where(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "x.yml").write_text(text, encoding="utf-8")
    with pytest.raises(StoryError, match=complaint):
        read_stories(tmp_path, PACK)


def test_junit_counts_the_stories_that_failed(cheap: Rehearsal) -> None:
    good = cheap.tell(told(Exchange("where is my order")))
    bad = cheap.tell(told(Exchange("where is my order", card="refund")))
    suite = fromstring(junit_xml([(good, 0.1), (bad, 0.2)]))
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert suite.find("testcase/failure") is not None
    assert "turn 1: " in (suite.findtext("testcase/system-out") or "")
