"""When a turn ends: silence against what the words so far ask for."""

from __future__ import annotations

from app.config import Live
from speech.segmenter import Segmenter


def over(segmenter: Segmenter, live: Live, patience: float | None) -> bool:
    """Whether the turn has ended; `patience` is None while the words are not known yet."""
    if not segmenter.speaking:
        return False
    if segmenter.seconds >= live.longest:
        return True
    wanted = live.long if patience is None else patience
    return segmenter.silence >= wanted and not (segmenter.loud or segmenter.stirring)
