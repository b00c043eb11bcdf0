"""The loudspeaker of a simulated caller."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Playback:
    """A loudspeaker: plays what comes at once, one after the other."""

    ends: float = 0.0
    queued: list[tuple[str, int, float, float]] = field(default_factory=list)
    """(turn, part, begins, seconds) of sound that came."""
    left: list[tuple[str, int, float, float]] = field(default_factory=list)
    """The same, while it stands still."""

    def add(self, turn_id: str, part: int, seconds: float, now: float) -> tuple[float, float]:
        """When this sound begins, and how long nothing sounded before it."""
        gap = max(0.0, now - self.ends)
        begins = max(now, self.ends)
        self.ends = begins + seconds
        self.queued.append((turn_id, part, begins, seconds))
        return begins, gap

    def position(self, now: float) -> tuple[str, int, int] | None:
        """Turn, part and milliseconds of it that have sounded."""
        sounded = [each for each in self.queued if each[2] <= now]
        if not sounded:
            return None
        turn, part, *_ = sounded[-1]
        ms = sum(
            1000 * min(seconds, now - begins)
            for t, p, begins, seconds in sounded
            if (t, p) == (turn, part)
        )
        return turn, part, round(ms)

    def pause(self, now: float) -> None:
        """Stands still; `resume` goes on."""
        self.left = [
            (turn, part, max(begins, now), begins + seconds - max(begins, now))
            for turn, part, begins, seconds in self.queued
            if begins + seconds > now
        ]
        self.queued = [
            (turn, part, begins, min(seconds, now - begins))
            for turn, part, begins, seconds in self.queued
            if begins < now
        ]
        self.ends = min(self.ends, now)

    def resume(self, now: float) -> None:
        """Plays what was left."""
        left, self.left = self.left, []
        for turn, part, _, seconds in left:
            self.add(turn, part, seconds, now)

    def stop(self, now: float) -> None:
        """Falls silent for good."""
        self.pause(now)
        self.left = []
