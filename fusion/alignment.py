"""Alignment: which frames of sound and video belong to which words, by the clock."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dialogue.types import Picture, Word


@dataclass(frozen=True, slots=True)
class TimedText:
    """A text whose words have times."""

    text: str
    words: tuple[Word, ...]

    def span(self, start: int, end: int) -> tuple[float, float] | None:
        """Seconds in which the characters from `start` to `end` are said; None where unknown."""
        at = 0
        for word in self.words:
            found = self.text.find(word.text.strip(), at)
            if found < 0:
                continue
            at = found + len(word.text.strip())
            if found < end and start < at:
                return word.start, word.end
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Pictures of a video, each with the time it is shown."""

    pictures: tuple[Picture, ...]
    times: tuple[float, ...]
    """Seconds from the start."""


def overlap(words: Tensor, frames: Tensor) -> Tensor:
    """(words, frames) share of each frame's seconds in each word; rows sum to 1 or are zero.

    Both are (n, 2) starts and ends in seconds; NaN never overlaps.
    """
    start = torch.maximum(words[:, None, 0], frames[None, :, 0])
    end = torch.minimum(words[:, None, 1], frames[None, :, 1])
    shared = (end - start).nan_to_num(0.0).clamp(min=0.0)
    return shared / shared.sum(dim=1, keepdim=True).clamp(min=1e-9)


def fineness(progress: float, begin: float = 0.3, end: float = 0.7) -> float:
    """Coarse-to-fine schedule: 0 aligns whole clips, 1 single words, rising from `begin` to `end`.

    `progress` is the share of training that is done. Frames are only worth comparing once clips
    are: an untrained encoder's frames are all alike.
    """
    return min(1.0, max(0.0, (progress - begin) / (end - begin)))
