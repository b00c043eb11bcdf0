"""What a customer sent: one turn, in any mix of modalities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialogue.types.sound import AudioClip, Picture

Language = Literal["zh", "en"]
Modality = Literal["text", "voice", "picture"]
Device = Literal["muted", "screen_reader", "narrow"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")
DEVICES: tuple[Device, ...] = ("muted", "screen_reader", "narrow")
MODALITIES: tuple[Modality, ...] = ("text", "voice", "picture")


@dataclass(frozen=True, slots=True)
class Quality:
    """How usable one modality of a turn is."""

    modality: Modality
    score: float
    """0 (useless) to 1 (clean); what the weighting of modalities starts from."""
    measures: tuple[tuple[str, float], ...] = ()
    """Named measurements behind the score, e.g. ("snr_db", 18.2), ("blur", 0.1)."""


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """One message of a customer, decoded and measured."""

    id: str
    conversation_id: str
    locale: Language
    """The language of the customer's page; a prior, not a verdict."""
    text: str | None = None
    audio: AudioClip | None = None
    pictures: tuple[Picture, ...] = ()
    quality: tuple[Quality, ...] = ()
    wants_speech: bool | None = None
    """Spoken answers: True asked for, False declined, None left to the planner."""
    device: tuple[Device, ...] = ()
    """What is known of what it was sent from; the form of the answer heeds it."""

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """Which modalities are present, in the order of `MODALITIES`."""
        present = (bool(self.text), self.audio is not None, bool(self.pictures))
        return tuple(m for m, here in zip(MODALITIES, present, strict=True) if here)

    def quality_of(self, modality: Modality) -> float:
        """The quality score of `modality`; 1.0 where it was not measured."""
        return next((q.score for q in self.quality if q.modality == modality), 1.0)
