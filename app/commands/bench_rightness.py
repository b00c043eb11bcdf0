"""Whether simulated callers were understood: their words and what they wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz.distance import Levenshtein

from app.commands.bench_callers import Heard

Turns = Mapping[str, Mapping[str, Any]]
"""What the server keeps of each turn, by its id."""

_PIECE = re.compile(r"[a-z0-9']+|[\u4e00-\u9fff]")


def understood(heard: Sequence[Heard], turns: Turns) -> dict[str, float | None]:
    """Shares: of questions that were taken for their intent, and of words heard wrong (Chinese
    ones by character). None where a manifest does not say, or the server keeps its records."""
    known = [(h, turns[h.turn_id]) for h in heard if h.turn_id in turns]
    right = [h.asked.intent == _intent(turn) for h, turn in known if h.asked.intent]
    spoken = [(_pieces(h.asked.text), _pieces(turn["text"])) for h, turn in known if h.asked.text]
    wrong = sum(Levenshtein.distance(said, got) for said, got in spoken)
    words = sum(len(said) for said, _ in spoken)
    return {
        "intents_right": round(sum(right) / len(right), 3) if right else None,
        "words_wrong": round(wrong / words, 3) if words else None,
    }


def _intent(turn: Mapping[str, Any]) -> str:
    likeliest = max(turn["intents"], key=lambda pair: pair[1], default=("", 0.0))
    return str(likeliest[0])


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(text.lower())
