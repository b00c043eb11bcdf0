"""Pacing: how a reply is cut into pieces, and what is said first where it would come too late."""

from __future__ import annotations

from collections.abc import Mapping

from app.trace import Trace
from dialogue.domain import Domain
from dialogue.types import Card, Language, ReplyPlan
from speech.engines import Remembering, Synthesizer
from speech.sentences import clauses, weight

BUDGET_SECONDS = 0.8
"""From a caller's last sound to the first sound of the answer: the promise of a live call."""
ACKNOWLEDGEMENT = "tell.acknowledge"
"""Its wording; a pack without it goes without."""


class Pacer:
    """Knows how fast each voice is by its last clause. Safe to share between threads."""

    def __init__(self, domain: Domain, voices: Mapping[Language, Synthesizer]) -> None:
        self._wording = domain.wording.get(ACKNOWLEDGEMENT, {})
        self._voices = voices
        self._pace: dict[Language, float] = {}
        """Seconds a syllable takes to be synthesized."""

    def holds(self, text: str, language: Language) -> bool:
        """Whether `text` would sound at once."""
        voice = self._voices[language]
        return isinstance(voice, Remembering) and voice.holds(text)

    def note(self, text: str, language: Language, seconds: float) -> None:
        """Making the sound of `text` took so long."""
        self._pace[language] = seconds / max(weight(text), 1)

    def hurried(self, plan: ReplyPlan, trace: Trace) -> list[str | Card]:
        """The pieces of a live reply; an acknowledgement first where the answer would be late."""
        found = pieces(plan)
        first = next(iter(found), None)
        words = next(iter(self._wording.get(plan.language, ())), "")
        if not isinstance(first, str) or "speech" not in plan.forms or not words:
            return found
        ready = trace.now() + weight(first) * self._pace.get(plan.language, 0.0)
        if self.holds(first, plan.language) or ready <= BUDGET_SECONDS:
            return found
        if not self.holds(words, plan.language):
            return found
        trace.add("acknowledgement", trace.now(), 0.0)
        return [f"{words} " if plan.language == "en" else words, *found]


def pieces(plan: ReplyPlan) -> list[str | Card]:
    """Clauses and cards in the order they are sent: a card right after the first clause."""
    spoken = "speech" in plan.forms
    cut = {s: clauses(s) if spoken and s not in plan.unspoken else (s,) for s in plan.clauses}
    texts = [c for s in plan.clauses for c in cut[s]]
    if plan.language == "en":
        texts = [f"{t} " for t in texts[:-1]] + texts[-1:]
    return [*texts[:1], *plan.cards, *texts[1:]]
