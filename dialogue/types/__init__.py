"""The words that every room shares: frozen values, the standard library and numpy only."""

from dialogue.types.meaning import (
    Heard,
    Hints,
    Hypothesis,
    Posterior,
    Request,
    Sighting,
    Slot,
    Source,
    Transcript,
    Understanding,
    Word,
)
from dialogue.types.reply import Card, CardKind, Form, ReplyPart, ReplyPlan, Step, Suggestion
from dialogue.types.sound import AudioClip, Picture
from dialogue.types.state import Act, ActionResult, Decision, Outcome, Owner, State, Waiting
from dialogue.types.turn import LANGUAGES, MODALITIES, Language, Modality, Quality, Turn

__all__ = [
    "LANGUAGES",
    "MODALITIES",
    "Act",
    "ActionResult",
    "AudioClip",
    "Card",
    "CardKind",
    "Decision",
    "Form",
    "Heard",
    "Hints",
    "Hypothesis",
    "Language",
    "Modality",
    "Outcome",
    "Owner",
    "Picture",
    "Posterior",
    "Quality",
    "ReplyPart",
    "ReplyPlan",
    "Request",
    "Sighting",
    "Slot",
    "Source",
    "State",
    "Step",
    "Suggestion",
    "Transcript",
    "Turn",
    "Understanding",
    "Waiting",
    "Word",
]
