"""Scores of a spoken evaluation: commands, intents, words, and the time they took."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.spoken import Command, SpokenTurn, right, share

_HAN = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True, slots=True)
class SpokenScores:
    """The figures of one condition; word and gold figures need texts in the manifest."""

    n: int
    command_accuracy: float
    """Intent right, and exactly the slots that were said."""
    intent_accuracy: float
    cascade_command_accuracy: float
    cascade_intent_accuracy: float
    rtf: float
    """Seconds of work per second of sound."""
    gold_command_accuracy: float | None = None
    gold_intent_accuracy: float | None = None
    wer: float | None = None
    cer: float | None = None


def score_spoken(turns: Sequence[SpokenTurn]) -> SpokenScores:
    """Scores of `turns`, which all come from one condition."""
    pairs = [(str(turn.row["text"]), turn.joint.text) for turn in turns if turn.row.get("text")]
    latin = [(_words(a), _words(b)) for a, b in pairs if not _HAN.search(a)]
    han = [(_letters(a), _letters(b)) for a, b in pairs if _HAN.search(a)]
    golden = [(turn, turn.gold) for turn in turns if turn.gold]
    command, intent = _accuracies([(turn, turn.joint) for turn in turns])
    cascade_command, cascade_intent = _accuracies([(turn, turn.cascade) for turn in turns])
    gold_command, gold_intent = _accuracies(golden) if golden else (None, None)
    return SpokenScores(
        n=len(turns),
        command_accuracy=command,
        intent_accuracy=intent,
        cascade_command_accuracy=cascade_command,
        cascade_intent_accuracy=cascade_intent,
        rtf=sum(turn.work for turn in turns) / max(sum(turn.seconds for turn in turns), 1e-9),
        gold_command_accuracy=gold_command,
        gold_intent_accuracy=gold_intent,
        wer=error_rate(latin) if latin else None,
        cer=error_rate(han) if han else None,
    )


def error_rate(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> float:
    """Edits per reference unit, over (reference, hypothesis) pairs."""
    edits = sum(_edits(reference, hypothesis) for reference, hypothesis in pairs)
    return edits / max(sum(len(reference) for reference, _ in pairs), 1)


def _accuracies(pairs: Sequence[tuple[SpokenTurn, Command]]) -> tuple[float, float]:
    """Shares of commands and of intents that are right."""
    commands = [right(turn.row, command) for turn, command in pairs]
    intents = [turn.row["intent"] == command.intent for turn, command in pairs]
    return share(commands), share(intents)


def _edits(a: Sequence[str], b: Sequence[str]) -> int:
    """Levenshtein distance."""
    row = np.arange(len(b) + 1)
    for i, x in enumerate(a, 1):
        substituted = row[:-1] + np.array([x != y for y in b], dtype=int)
        best = np.minimum(row[1:] + 1, substituted) if b else row[1:]
        row = np.concatenate([[i], best])
        for j in range(1, len(row)):
            row[j] = min(row[j], row[j - 1] + 1)
    return int(row[-1])


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() or c in " '" else " " for c in _folded(text)).split()


def _letters(text: str) -> list[str]:
    return [c for c in _folded(text) if c.isalnum()]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()
