"""What is said first when an answer would come too late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from app.pacing import ACKNOWLEDGEMENT, Pacer
from app.trace import Trace
from dialogue.types import AudioClip, Language, ReplyPlan

FIRST = "订单 FD2024051 还在路上，"


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


@pytest.mark.parametrize("known", [{"我看一下。", FIRST}, set()], ids=["answer", "nothing"])
def test_only_what_sounds_at_once_helps(known: set[str]) -> None:
    assert pacer(Voice(known=known)).hurried(PLAN, late(0.3))[0] == FIRST


def test_a_pack_without_the_words_and_a_silent_reply_go_without() -> None:
    assert pacer(Voice(), **{ACKNOWLEDGEMENT: {}}).hurried(PLAN, late(0.3))[0] == FIRST
    silent = ReplyPlan("zh", PLAN.clauses, ("text",), "")
    assert pacer(Voice()).hurried(silent, late(0.3))[0] == PLAN.clauses[0]
