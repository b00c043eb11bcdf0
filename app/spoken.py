"""Spoken evaluation: what was heard and understood of recordings, cascade beside joint."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dialogue.nlu.parser import DialogueParser
from dialogue.types import AudioClip, Heard, Hints, State, Transcript
from speech.audio import trim
from speech.engines import Recognizer, VoiceDetector
from speech.joint.decide import decide

_HAN = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True, slots=True)
class Command:
    """Intent and slots read from one text."""

    text: str
    intent: str
    slots: dict[str, str]


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """One recording as the cascade and as joint decoding understood it."""

    cascade: Command
    joint: Command


@dataclass(frozen=True, slots=True)
class SpokenScores:
    """The figures of `lingxi eval spoken`; rates need texts in the manifest."""

    n: int
    command_accuracy: float
    """Intent and every slot right."""
    intent_accuracy: float
    cascade_command_accuracy: float
    cascade_intent_accuracy: float
    rtf: float
    """Seconds of work per second of sound."""
    wer: float | None = None
    cer: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """Hears and understands recordings outside any conversation."""

    detector: VoiceDetector
    recognizer: Recognizer
    parser: DialogueParser
    hypotheses: int

    def listen(self, clip: AudioClip) -> SpokenTurn:
        """Both understandings of `clip`."""
        stretches = self.detector.speech(clip)
        hints = Hints(n=self.hypotheses)
        found = Transcript((), "zh", no_speech=1.0)
        if stretches:
            found = self.recognizer.transcribe(trim(clip, stretches), hints)
        heard = decide(found, self.parser.posteriors)
        return SpokenTurn(
            self._command(heard.cascade_text, found, None),
            self._command(heard.joint_text, found, heard),
        )

    def _command(self, text: str, found: Transcript, heard: Heard | None) -> Command:
        parsed = self.parser.parse(text, found.language, State(language=found.language))
        intent = heard.posterior[0][0] if heard and heard.posterior else parsed.intent
        return Command(text, intent, {slot.name: slot.value for slot in parsed.slots})


def score_spoken(
    turns: Sequence[tuple[dict[str, Any], SpokenTurn, float, float]],
) -> SpokenScores:
    """Scores of (manifest row, what was understood, seconds of sound, seconds of work)."""
    rows = [row for row, *_ in turns]
    texts = [(row["text"], turn.joint.text) for row, turn, *_ in turns if row.get("text")]
    latin = [pair for pair in texts if not _HAN.search(pair[0])]
    han = [pair for pair in texts if _HAN.search(pair[0])]
    return (
        SpokenScores(
            n=len(turns),
            command_accuracy=_share(_right(r, t.joint) for r, t, *_ in turns),
            intent_accuracy=_share(r["intent"] == t.joint.intent for r, t, *_ in turns),
            cascade_command_accuracy=_share(_right(r, t.cascade) for r, t, *_ in turns),
            cascade_intent_accuracy=_share(r["intent"] == t.cascade.intent for r, t, *_ in turns),
            rtf=sum(work for *_, work in turns) / max(sum(sound for *_, sound, _ in turns), 1e-9),
            wer=error_rate([(a.split(), b.split()) for a, b in map(_plain, latin)])
            if latin
            else None,
            cer=error_rate([(_solid(a), _solid(b)) for a, b in map(_plain, han)]) if han else None,
        )
        if rows
        else SpokenScores(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    )


def error_rate(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> float:
    """Edits per reference unit, over (reference, hypothesis) pairs."""
    edits = sum(_edits(reference, hypothesis) for reference, hypothesis in pairs)
    return edits / max(sum(len(reference) for reference, _ in pairs), 1)


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


def _right(row: dict[str, Any], command: Command) -> bool:
    wanted = {name: str(value).lower() for name, value in (row.get("slots") or {}).items()}
    found = {name: value.lower() for name, value in command.slots.items() if name in wanted}
    return bool(row["intent"] == command.intent and found == wanted)


def _plain(pair: tuple[str, str]) -> tuple[str, str]:
    return _bare(pair[0]), _bare(pair[1])


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(c if c.isalnum() or c in " '" else " " for c in folded)


def _solid(text: str) -> list[str]:
    return [c for c in text if not c.isspace()]


def _share(flags: Any) -> float:
    return float(np.mean([bool(flag) for flag in flags]))
