"""What a caller was sent to hear, and how much of it has sounded."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

_SLACK = 1.5
"""Seconds beyond its length after which a part counts as played without its client's word."""
_ROUNDING = 20
"""ms by which a client may count differently."""


@dataclass(slots=True)
class Part:
    """One part of a reply at the client."""

    turn_id: str
    number: int
    text: str
    ms: int
    played: int = 0
    """ms."""


class Loudspeaker:
    """The client's side of playback, as far as its acknowledgements tell."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._parts: dict[tuple[str, int], Part] = {}
        self._until = 0.0
        """When everything sent will have sounded at the latest."""

    @property
    def playing(self) -> bool:
        """Whether something may still sound."""
        return self.left_ms > 0 and self._clock() < self._until + _SLACK

    @property
    def left_ms(self) -> int:
        """Milliseconds sent and not acknowledged."""
        return sum(part.ms - part.played for part in self._parts.values())

    def sent(self, part: Part) -> None:
        """`part` is on its way."""
        if self.left_ms == 0:
            self._parts = {k: p for k, p in self._parts.items() if k[0] == part.turn_id}
        self._parts[part.turn_id, part.number] = part
        left = (part.ms - part.played) / 1000
        self._until = max(self._until, self._clock()) + left

    def played(self, turn_id: str, number: int, ms: int) -> None:
        """The client's acknowledgement; it never goes back, and parts before it have sounded."""
        for (turn, other), part in self._parts.items():
            if turn == turn_id and other < number:
                part.played = part.ms
        if known := self._parts.get((turn_id, number)):
            known.played = max(known.played, ms if ms < known.ms - _ROUNDING else known.ms)

    def held(self, seconds: float) -> None:
        """Playback stood still for so long."""
        self._until += seconds

    def silence(self) -> dict[str, dict[int, str]]:
        """Stops; for each turn not played to its end, the words that had sounded by part."""
        broken = {turn for (turn, _), part in self._parts.items() if part.played < part.ms}
        heard: dict[str, dict[int, str]] = {turn: {} for turn in broken}
        for (turn, number), part in self._parts.items():
            if turn in broken and part.played:
                heard[turn][number] = heard_of(part)
        self._parts.clear()
        self._until = 0.0
        return heard


def heard_of(part: Part) -> str:
    """The words of `part` that had sounded, by share of its length; whole words in English."""
    if part.played >= part.ms:
        return part.text
    end = round(len(part.text) * part.played / max(part.ms, 1))
    cut = part.text[:end]
    if part.text[end : end + 1].isascii() and not part.text[end : end + 1].isspace():
        cut = cut.rpartition(" ")[0] if cut.isascii() else cut
    return cut.rstrip()
