"""Pacing: how a reply is cut into pieces, and what is said first where it would come too late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.trace import Trace
from dialogue.domain import Domain
from dialogue.types import Card, Language, ReplyPlan
from speech.engines import Remembering, Synthesizer
from speech.sentences import clauses, weight

BUDGET_SECONDS = 0.8
"""From a caller's last sound to the first sound of the answer: the promise of a live call."""
WORTH_SECONDS = 0.25
"""What making the answer's first clause must take for anything to be said before it: however late
the answer is, where its sound is made sooner an acknowledgement only holds it up."""
ACKNOWLEDGEMENT = "tell.acknowledge"
"""Its wording; a pack without it goes without."""


@dataclass(frozen=True, slots=True)
class Clause:
    """Words of a reply, and how they reach the customer."""

    text: str
    shown: bool = True
    aloud: bool = True


Piece = str | Clause | Card


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

    def hurried(self, plan: ReplyPlan, trace: Trace) -> list[Piece]:
        """The pieces of a live reply. Where the answer would be late, an acknowledgement first;
        where not even that would sound at once, the answer's words before their sound."""
        found = pieces(plan)
        first = next(iter(found), None)
        words = next(iter(self._wording.get(plan.language, ())), "")
        if not isinstance(first, str) or first.strip() not in spoken(plan):
            return found
        making = weight(first) * self._pace.get(plan.language, 0.0)
        late = trace.now() + making > BUDGET_SECONDS and making >= WORTH_SECONDS
        if not late or self.holds(first, plan.language):
            return found
        if not words or not self.holds(words, plan.language):
            trace.add("text_first", trace.now(), 0.0)
            return [Clause(first, aloud=False), Clause(first, shown=False), *found[1:]]
        trace.add("acknowledgement", trace.now(), 0.0)
        return [f"{words} " if plan.language == "en" else words, *found]


def pieces(plan: ReplyPlan) -> list[Piece]:
    """Clauses and cards in the order they are sent: a card right after the first clause."""
    spoken = "speech" in plan.forms
    cut = {s: clauses(s) if spoken and s not in plan.unspoken else (s,) for s in plan.clauses}
    texts = [c for s in plan.clauses for c in cut[s]]
    # A Chinese clause ends without a mark only where a blank followed its number.
    english = plan.language == "en"
    parted = [f"{t} " if english or t[-1:].isdigit() else t for t in texts[:-1]]
    texts = [*parted, *texts[-1:]]
    return [*texts[:1], *plan.cards, *texts[1:]]


def spoken(plan: ReplyPlan) -> tuple[str, ...]:
    """The clauses of `plan` that are to sound, in order."""
    if "speech" not in plan.forms:
        return ()
    found = (piece.strip() for piece in pieces(plan) if isinstance(piece, str))
    return tuple(clause for clause in found if clause not in plan.unspoken)


def clause_of(piece: str | Clause, plan: ReplyPlan) -> Clause:
    """`piece` as the plan has it told: what is private is shown and not spoken."""
    if isinstance(piece, Clause):
        return piece
    return Clause(piece, aloud="speech" in plan.forms and piece.strip() not in plan.unspoken)
