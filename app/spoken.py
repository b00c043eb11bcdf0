"""Spoken evaluation: what is heard and understood of a recording, cascade beside joint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dialogue.nlu.language import written_language
from dialogue.nlu.parser import DialogueParser
from dialogue.types import AudioClip, Heard, Hints, Language, State, Transcript
from speech.audio import trim
from speech.engines import Recognizer, VoiceDetector


@dataclass(frozen=True, slots=True)
class Command:
    """Intent and slots read from one text."""

    text: str
    intent: str
    slots: dict[str, str]
    said: dict[str, str] = field(default_factory=dict)
    """The slots in the customer's own words: 两盒 beside 2."""


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """One recording as the cascade and as joint decoding understood it."""

    row: dict[str, Any]
    """The manifest's line."""
    cascade: Command
    joint: Command
    gold: Command | None
    """What the line's own text means, where it has one."""
    seconds: float
    """Length of the sound."""
    work: float
    """Seconds that hearing and understanding took."""


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """Hears and understands recordings outside any conversation."""

    detector: VoiceDetector
    recognizer: Recognizer
    joint: Callable[[Transcript, State], Heard]
    parser: DialogueParser
    hints: Hints

    def listen(self, clip: AudioClip) -> tuple[Command, Command]:
        """What the cascade and what joint decoding understand of `clip`."""
        found = self._hear(clip)
        heard = self.joint(found, State())
        cascade = self._command(heard.cascade_text, found.language, None)
        language = heard.language or found.language
        return cascade, self._command(heard.joint_text, language, heard)

    def read(self, text: str) -> Command:
        """What `text` means without any sound."""
        return self._command(text, written_language(text, "en"), None)

    def _hear(self, clip: AudioClip) -> Transcript:
        stretches = self.detector.speech(clip)
        if not stretches:
            return Transcript((), self.hints.language or "zh", no_speech=1.0)
        return self.recognizer.transcribe(trim(clip, stretches), self.hints)

    def _command(self, text: str, language: Language, heard: Heard | None) -> Command:
        parsed = self.parser.parse(text, language, State(language=language))
        intent = heard.posterior[0][0] if heard and heard.posterior else parsed.intent
        values = {slot.name: slot.value for slot in parsed.slots}
        return Command(text, intent, values, {slot.name: slot.text for slot in parsed.slots})


def right(row: dict[str, Any], command: Command) -> bool:
    """Whether the intent is the row's and, where the row lists slots, exactly those were found.

    A row may give a slot as its value or as it is said.
    """
    if row["intent"] != command.intent:
        return False
    if row.get("slots") is None:
        return True
    wanted, values, said = map(_plain, (row["slots"], command.slots, command.said))
    return wanted.keys() == values.keys() and all(
        told in (values[name], said.get(name)) for name, told in wanted.items()
    )


def share(flags: Sequence[bool]) -> float:
    """The share of `flags` that is set; 0 of none."""
    return sum(flags) / max(len(flags), 1)


def _plain(slots: dict[str, Any]) -> dict[str, str]:
    return {name: str(value).strip().lower() for name, value in slots.items()}
