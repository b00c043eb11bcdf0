"""`lingxi bench endings`: where turns are taken to end, on a clock of sound alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from app.commands.bench import percentiles
from app.commands.bench_callers import FLOOR, Line, voiced
from app.commands.bench_lines import recorded
from app.commands.output import loading, print_json
from app.config import Live
from app.engines import build_turn_detector
from app.house import House, open_house
from app.live.ending import over
from app.live.opening import end_of_turn
from app.manifest import read_manifest
from app.trace import Trace
from dialogue.types import AudioClip, Language, State
from speech.audio import WHISPER_RATE, resample
from speech.engines import VoiceDetector
from speech.segmenter import Segmenter, Sensitivity

FRAME = WHISPER_RATE // 50
_TAIL_SECONDS = 2.0
Patience = Callable[[AudioClip, Language], float]
"""Seconds of silence that the words of a clip ask for."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Where one line was taken to end."""

    line: Line
    waited: float
    """Seconds after its last voiced sample; negative: in the middle of it."""
    guesses: int
    """Recognitions that were begun."""

    @property
    def false(self) -> bool:
        """Whether it had not ended."""
        return self.waited < 0


def endings(
    manifest: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Recordings.")],
    recognition: Annotated[
        float, typer.Option(help="Seconds that hearing is taken to need.")
    ] = 0.4,
    domain: Annotated[str, typer.Option()] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """False ends and waits, whatever the speed of this machine."""
    lines = [line for row in read_manifest(manifest) if (line := recorded(row)).kind == "question"]
    with loading() as progress:
        house = open_house(domain, progress)
    live, patience = house.settings.live, words(house)
    every = [
        ended(line, house.engines.detector, live, patience, recognition)
        for line in track(lines, "listening", console=Console(stderr=True), disable=as_json)
    ]
    found = report(every)
    print_json(found) if as_json else _show(found)


def words(house: House) -> Patience:
    """What the real engines hear and how long they would wait."""
    endings = end_of_turn(house.settings, build_turn_detector(house.settings))

    def patience(clip: AudioClip, language: Language) -> float:
        turn = house.intake.speech("turn", "conversation", language, clip)
        meaning = house.conversation.hear(turn, State(language=language), Trace()).meaning
        return endings.patience(meaning, asked=None, clip=clip)

    return patience


def ended(
    line: Line, detector: VoiceDetector, live: Live, patience: Patience, recognition: float
) -> Ended:
    """Plays `line` to a segmenter as a call would; only hearing takes time, `recognition` s."""
    samples = resample(line.clip, WHISPER_RATE).samples
    _, last = voiced(samples)
    tail = np.random.default_rng(0).normal(0, FLOOR, round(_TAIL_SECONDS * WHISPER_RATE))
    sound = np.concatenate([samples, tail.astype(np.float32)])
    segmenter = Segmenter(detector.stream(), live.breath)
    how = Sensitivity(live.listening_probability, live.listening_seconds, live.release)
    known: float | None = None
    """Seconds of voice that the words at hand were heard from."""
    ready, wait, guesses, now = 0.0, 0.0, 0, 0.0
    for start in range(0, len(sound), FRAME):
        segmenter.feed(sound[start : start + FRAME], how)
        now = (start + FRAME) / WHISPER_RATE
        if known is not None and segmenter.voiced - known > live.missed:
            known = None
        if known is None and segmenter.speaking and segmenter.silence >= live.suspect:
            known, ready, guesses = segmenter.voiced, now + recognition, guesses + 1
            wait = patience(segmenter.clip, line.language)
        if known is not None and over(segmenter, live, wait if now >= ready else None):
            break
    return Ended(line, now - last / WHISPER_RATE, guesses)


def report(every: Sequence[Ended]) -> dict[str, Any]:
    """Shares of lines with a pause that were cut in it, and ms waited after whole ones."""
    return {
        "n": len(every),
        "by_language": {
            language: _figures([e for e in every if e.line.language == language])
            for language in sorted({e.line.language for e in every})
        },
        **_figures(every),
    }


def _figures(every: Iterable[Ended]) -> dict[str, Any]:
    paused = [e for e in every if e.line.pause]
    kinds = sorted({e.line.pause for e in paused})
    return {
        "paused": len(paused),
        "false_ends": _share(paused),
        "false_ends_by_pause": {
            kind: _share([e for e in paused if e.line.pause == kind]) for kind in kinds
        },
        "whole_cut": _share([e for e in every if not e.line.pause]),
        "wait_ms": percentiles([1000 * e.waited for e in every if not e.false]),
        "whole_wait_ms": percentiles(
            [1000 * e.waited for e in every if not (e.false or e.line.pause)]
        ),
    }


def _share(ended: Sequence[Ended]) -> float | None:
    return round(sum(e.false for e in ended) / len(ended), 3) if ended else None


def _show(found: dict[str, Any]) -> None:
    table = Table("", "false ends", "wait p50 ms", "p90", box=None)
    for language, figures in found["by_language"].items():
        waits = figures["wait_ms"]
        share = figures["false_ends"]
        table.add_row(
            f"{language}, {figures['paused']} with a pause",
            "" if share is None else f"{share:.1%}",
            *(f"{waits[p]:.0f}" for p in ("p50", "p90")),
        )
    Console().print(table)
