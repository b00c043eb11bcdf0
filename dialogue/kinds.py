"""Kinds of moves: what a turn can do to a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NOTHING = "next to nothing was said"
"""Reason of a move that may be ignored."""
STOPPED = "stopped"
"""What `State.ended` holds after the customer dropped a request."""


class MoveKind(StrEnum):
    """What a turn does to the conversation."""

    INFORM = "inform"
    AFFIRM = "affirm"
    DENY = "deny"
    CANCEL = "cancel"
    CORRECT = "correct"
    REQUEST = "request"
    HUMAN = "human"
    REPEAT = "repeat"
    PICTURE = "picture"
    LANGUAGE = "language"
    OUTSIDE = "outside"
    REASON = "reason"
    LACKS = "lacks"
    QUESTION = "question"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Move:
    """One turn as an act."""

    kind: MoveKind
    topic: str = ""
    """The intent (REQUEST), the slot that was wrong (CORRECT) or is not at hand (LACKS), the
    language (LANGUAGE)."""
    reason: str = ""
