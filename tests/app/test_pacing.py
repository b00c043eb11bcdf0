"""What is said first when an answer would come too late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from app.pacing import ACKNOWLEDGEMENT, Clause, Pacer, pieces, spoken
from app.trace import Trace
from dialogue.types import AudioClip, Language, ReplyPlan

FIRST = "您的订单还在路上，"


@dataclass
class Voice:
    """Says at once what it knows."""

    language: Language = "zh"
    known: set[str] = field(default_factory=lambda: {"我看一下。"})

    def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
        raise NotImplementedError

    def holds(self, text: str, voice: str = "", speed: float = 1.0) -> bool:
        return text in self.known


def pacer(voice: Voice, **wording: Any) -> Pacer:
    domain: Any = SimpleNamespace(wording={ACKNOWLEDGEMENT: {"zh": ("我看一下。",)}, **wording})
    made = Pacer(domain, {"zh": voice})
    made.note("一二三四五六七八九十", "zh", 1.0)  # a tenth of a second a syllable
    return made


PLAN = ReplyPlan("zh", (f"{FIRST}预计下午送到您家门口。",), ("text", "speech"), "")


def late(seconds: float) -> Trace:
    return Trace(clock=lambda: 0.0, late=seconds)


def test_an_answer_in_time_comes_by_itself() -> None:
    assert pacer(Voice()).hurried(PLAN, late(-1.0))[0] == FIRST


def test_a_late_answer_is_preceded_by_an_acknowledgement_and_the_trace_says_so() -> None:
    trace = late(0.3)
    assert pacer(Voice()).hurried(PLAN, trace)[:2] == ["我看一下。", FIRST]
    assert [span.stage for span in trace.spans] == ["acknowledgement"]


def test_nothing_is_said_before_an_answer_whose_sound_is_made_at_once_however_late() -> None:
    quick = pacer(Voice())
    quick.note("一二三四五六七八九十", "zh", 0.1)
    assert quick.hurried(PLAN, late(2.0))[0] == FIRST


def test_an_answer_that_is_cached_needs_nothing_before_it() -> None:
    trace = late(0.3)
    assert pacer(Voice(known={"我看一下。", FIRST})).hurried(PLAN, trace)[0] == FIRST
    assert not trace.spans


def test_where_nothing_sounds_at_once_the_words_come_before_their_sound() -> None:
    trace = late(0.3)
    found = pacer(Voice(known=set())).hurried(PLAN, trace)
    assert found[:2] == [Clause(FIRST, aloud=False), Clause(FIRST, shown=False)]
    assert [span.stage for span in trace.spans] == ["text_first"]


def test_a_pack_without_the_words_shows_the_answer_and_a_silent_reply_goes_without() -> None:
    wordless = pacer(Voice(), **{ACKNOWLEDGEMENT: {}})
    assert wordless.hurried(PLAN, late(0.3))[0] == Clause(FIRST, aloud=False)
    silent = ReplyPlan("zh", PLAN.clauses, ("text",), "")
    assert pacer(Voice()).hurried(silent, late(0.3))[0] == PLAN.clauses[0]


def test_a_blank_after_a_number_that_ends_a_clause_is_still_shown() -> None:
    plan = ReplyPlan("zh", ("订单 FD2024051 还在路上。",), ("text", "speech"), "")
    assert "".join(map(str, pieces(plan))) == plan.clauses[0]
    assert spoken(plan) == ("订单 FD2024051", "还在路上。")
