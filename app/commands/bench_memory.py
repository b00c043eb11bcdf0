"""Memory over hours of calls: where it stood once caches were full, and how far it went after."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FLAT = 0.05
"""Share by which memory may differ from where it stood after the warm-up."""
WARM_SHARE = 0.2
"""Of the time: caches fill in it."""
_PIECES = 10
"""Equal spans of time whose medians are compared: one reply under way is no growth."""
_WARM_PIECES = round(WARM_SHARE * _PIECES)
_SHOWN = 40
"""Samples in a report."""
_MEGA = 2**20


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a server."""

    at: float
    """Seconds since the first."""
    resident_mb: float
    own_mb: float
    """Without pages of files, which the system takes away and brings back as it likes."""
    threads: int
    phrases: int
    """In its phrase cache, on disk."""


def sample(pid: int, var: Path, at: float) -> Sample:
    """What the process `pid` holds now, whose folder is `var`."""
    process, page = Path(f"/proc/{pid}"), os.sysconf("SC_PAGE_SIZE") / _MEGA
    _, resident, shared, *_ = map(int, (process / "statm").read_text().split())
    threads = sum(1 for _ in (process / "task").iterdir())
    phrases = sum(1 for _ in (var / "phrases").glob("*.npz"))
    return Sample(at, resident * page, (resident - shared) * page, threads, phrases)


def flatness(samples: Sequence[Sample]) -> dict[str, Any]:
    """Whether memory stayed within ±5 % of its baseline, and all that one needs to doubt it.

    The samples are cut into ten spans of time. Two are the warm-up, the median of the third is
    the baseline; the medians of all later ones are compared with it, of resident memory as of the
    process's own. The slope is that of the least squares through all that follows the warm-up.
    """
    pieces = [p for p in np.array_split(np.arange(len(samples)), _PIECES) if len(p)]
    judged = pieces[_WARM_PIECES:] or pieces
    warm = samples[judged[0][0]]
    resident = _drift([[samples[n].resident_mb for n in piece] for piece in judged])
    own = _drift([[samples[n].own_mb for n in piece] for piece in judged])
    rest = samples[judged[0][0] :]
    return {
        "warm_minutes": round(warm.at / 60, 1),
        "memory_mb": resident,
        "own_mb": own,
        "slope_mb_per_hour": round(_slope([each.at for each in rest], [e.own_mb for e in rest]), 1),
        "phrases": {"start": samples[0].phrases, "warm": warm.phrases, "end": rest[-1].phrases},
        "threads": {"warm": warm.threads, "end": rest[-1].threads},
        "samples": [
            [round(one.at), round(one.resident_mb, 1), round(one.own_mb, 1), one.phrases]
            for one in samples[:: max(1, len(samples) // _SHOWN)]
        ],
        "flat": max(resident["furthest"], own["furthest"]) <= FLAT,
    }


def _drift(pieces: Sequence[Sequence[float]]) -> dict[str, float]:
    """Baseline, last and highest median, and by what share one is furthest from the first."""
    baseline, *later = medians = [float(np.median(piece)) for piece in pieces]
    return {
        "baseline": round(baseline, 1),
        "last": round(medians[-1], 1),
        "highest": round(max(medians), 1),
        "furthest": round(max((abs(each / baseline - 1) for each in later), default=0.0), 4),
    }


def _slope(at: Sequence[float], megabytes: Sequence[float]) -> float:
    """MB an hour of the straight line nearest to these samples."""
    hours = np.array(at) / 3600
    if np.ptp(hours) == 0:
        return 0.0
    return float(np.polyfit(hours, megabytes, 1)[0])
