"""Perceived: what one turn was taken to say and mean, by eye and by ear."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dialogue.nlu.language import written_language
from dialogue.types import Heard, Language, State, Transcript, Turn, Understanding


@dataclass(frozen=True, slots=True, eq=False)
class Perceived:
    """What a turn was taken to say and mean."""

    transcript: Transcript | None
    heard: Heard | None
    meaning: Understanding
    version: int = 0
    """Of the dialogue's state that it was understood in."""


def by_ear(parsed: Understanding, heard: Heard) -> Understanding:
    """`parsed` as spoken words: intents over all hypotheses, numbers to be read back."""
    slots = (replace(s, source="voice") if s.source == "text" else s for s in parsed.slots)
    parsed = replace(parsed, slots=tuple(slots))
    if not heard.posterior or parsed.also:
        return parsed
    return replace(parsed, intents=heard.posterior, confidence=heard.posterior[0][1])


def language_of(turn: Turn, heard: Heard | None, state: State) -> Language:
    """Of `turn`; the conversation, or the customer's page at its start, is the prior."""
    home = state.language if state.version else turn.locale
    if turn.text:
        return written_language(turn.text, home)
    return (heard and heard.language) or home
