"""Gaps inside replies, on a clock of sound: what is cached sounds at once, what holds a value is
made in order while what comes before it is heard."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from app.conversation import Conversation
from app.house import House
from app.warming import fixed_clauses
from dialogue.knowledge import read_articles
from dialogue.pack import load_domain
from dialogue.response.wording import sentences
from dialogue.types import AudioClip, Language, ReplyPlan
from speech.sentences import clauses, weight
from tests.fakes import cheap_house

PACK = Path(__file__).parents[2] / "data" / "domains" / "fresh"
SYLLABLE = 0.2
"""Seconds that one plays."""
PACE = 0.55
"""Seconds that a second of speech takes to be made: the Chinese voice on two cores."""
BETWEEN = 0.03
"""Seconds for encoding and writing a clause before the next is sent."""
GAP = 0.3
_VALUES = {
    "order_id": "FD2024051",
    "ticket_id": "TK0000001",
    "coupon_code": "LATE2024059",
    "product": "皇家嘎啦苹果",
    "amount": "¥29.90",
    "unit_price": "¥12.80/500克",
    "eta": "明天04:25",
    "courier_name": "陈师傅",
    "days": "3天",
    "restock_days": "2天",
    "hours": "48小时",
    "quantity": "两",
}
"""As long as what is said in their place."""
_NAMED = re.compile(r"\{(\w+)\}")


def longest_gap(said: Sequence[str], known: frozenset[str]) -> float:
    """The longest silence between two clauses, where nothing was made before the reply began."""
    made, ends, gap = 0.0, None, 0.0
    for clause in said:
        seconds = SYLLABLE * weight(clause)
        made = made if clause in known else made + PACE * seconds
        ready = 0.0 if clause in known else made
        begins = ready if ends is None else max(ends, ready + BETWEEN)
        gap = max(gap, 0.0 if ends is None else begins - ends)
        ends = begins + seconds
    return gap


def replies() -> Iterator[tuple[str, ...]]:
    """Every Chinese wording that names something, cut as a call speaks it."""
    for key, styles in load_domain(PACK).wording.items():
        if key.startswith(("word.", "suggest", "card")):
            continue
        for style, variants in styles.items():
            for variant in variants if style.startswith("zh") else ():
                if _NAMED.search(variant):
                    text = _NAMED.sub(lambda m: _VALUES.get(m[1], "青苹果"), variant)
                    yield tuple(c for sentence in sentences(text) for c in clauses(sentence))


def test_few_replies_keep_a_caller_waiting_between_two_clauses() -> None:
    articles = read_articles(PACK / "knowledge")
    known = frozenset(fixed_clauses(load_domain(PACK), articles, "zh"))
    gaps = [longest_gap(said, known) for said in replies()]
    assert len(gaps) > 100
    assert sum(gap > GAP for gap in gaps) == 0, "five while 已经登记 and 现在有货 stood alone"


@dataclass
class OneVoice:
    """Notes what it was asked to make, in order; has the first clause of everything ready."""

    ready: set[str]
    made: list[str] = field(default_factory=list)
    language: Language = "zh"

    def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
        if not self.holds(text):
            self.made.append(text.strip())
            self.ready.add(text.strip())
        yield AudioClip(np.full(2400, 0.1, np.float32), 24_000)

    def holds(self, text: str, voice: str = "", speed: float = 1.0) -> bool:
        return text.strip() in self.ready


def test_clauses_are_made_ahead_in_the_order_in_which_they_are_said(tmp_path: Path) -> None:
    house: House = cheap_house(tmp_path)
    said = ("现在有货，", "皇家嘎啦苹果还有很多，", "可以直接下单。")
    plan = ReplyPlan("zh", ("".join(said),), ("text", "speech"), "")
    voice = OneVoice({said[0]})
    engines = replace(house.engines, voices={"zh": voice, "en": voice})
    conversation = Conversation(engines, house.store)
    stop = threading.Event()
    conversation._prepare(plan, stop)
    assert voice.made == list(said[1:])
    voice.made.clear()
    voice.ready = {said[0], said[1]}
    stop.set()
    conversation._prepare(plan, stop)
    assert voice.made == []
    conversation.close()
    house.close()
