"""`lingxi bench`: how long a customer waits."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from app.answering import Turned, answer
from app.commands.output import loading, print_json
from app.house import House, open_settings, read_settings, settle
from app.manifest import read_manifest
from dialogue.pack import load_domain
from dialogue.types import AudioClip, Language
from speech.audio import encode_wav
from speech.engines import Synthesizer

bench = typer.Typer(help="Measures latency.", no_args_is_help=True)

PERCENTILES = (50, 90, 99)
_WARM = 3
"""Turns per language that are run first and not counted."""


@bench.command()
def turn(
    turns: Annotated[int, typer.Option(help="Voice turns per language.")] = 40,
    domain: Annotated[str, typer.Option()] = "",
    seed: Annotated[int, typer.Option(help="Chooses the questions.")] = 7,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """From the end of a voice note to the first audible clause, and typed turns beside it."""
    settings = read_settings(domain)
    questions = _questions(settings.pack, turns + _WARM, random.Random(seed))  # noqa: S311 - no secret
    with TemporaryDirectory() as folder:
        # Apart from the installation's conversations: operators need not read these.
        own = settings.model_copy(update={"database_url": f"sqlite:///{folder}/bench.db"})
        with loading() as progress:
            house = open_settings(own, progress)
            house.engines.complete()
        settle()
        found = report(*_answered(house, questions, quiet=as_json))
        house.database.close()
    print_json(found) if as_json else _show(found)


def _answered(
    house: House, questions: Mapping[Language, list[str]], *, quiet: bool
) -> tuple[dict[Language, list[Turned]], dict[Language, list[Turned]]]:
    """The questions of each language spoken, and typed, without those that warm up."""
    voice: dict[Language, list[Turned]] = {}
    typed: dict[Language, list[Turned]] = {}
    for language, texts in questions.items():
        clips = spoken(house.engines.voices[language], texts, language, quiet=quiet)
        voice[language] = [
            answer(house, language, files=(("audio", encode_wav(clip)),)) for clip in clips
        ][_WARM:]
        typed[language] = [answer(house, language, text) for text in texts][_WARM:]
    return voice, typed


def report(
    voice: dict[Language, list[Turned]], typed: dict[Language, list[Turned]]
) -> dict[str, Any]:
    """The figures of `bench turn`: milliseconds, by language and stage."""
    every = [turned for turns in voice.values() for turned in turns]
    return {
        "sessions": 1,
        "turns": len(every),
        "first_audio_ms": percentiles(_first_audio(every)),
        "typed_ms": percentiles(_ends(t for turns in typed.values() for t in turns)),
        "stages": _stages(every),
        "by_language": {
            language: {
                "first_audio_ms": percentiles(_first_audio(turns)),
                "typed_ms": percentiles(_ends(typed[language])),
                "stages": _stages(turns),
            }
            for language, turns in voice.items()
        },
        "lost": sum(not turned.parts for turned in every),
        "doubled": sum(_doubled(turned) for turned in every),
    }


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p90 and p99 of `values`; empty where there are none."""
    if not values:
        return {}
    return {f"p{p}": round(float(np.percentile(values, p)), 1) for p in PERCENTILES}


def _questions(pack: Path, n: int, chooser: random.Random) -> dict[Language, list[str]]:
    """`n` held-out questions of each language of the pack. BadParameter where it has too few."""
    found: dict[Language, list[str]] = {}
    for language in load_domain(pack).languages:
        path = pack / "heldout" / f"{language}.jsonl"
        if not path.is_file():
            raise typer.BadParameter(f"There are no questions to ask: {path} is missing")
        rows = read_manifest(path)
        texts = [row["text"] for row in rows if row["intent"] != "out_of_scope"]
        fitting = [t for t in texts if 6 <= len(t) <= 80]
        if n > len(fitting):
            raise typer.BadParameter(f"--turns: {path} has {len(fitting) - _WARM} to ask at most")
        found[language] = chooser.sample(fitting, n)
    return found


def spoken(
    voice: Synthesizer, questions: list[str], language: Language, *, quiet: bool
) -> Iterable[AudioClip]:
    """`questions`, said one by one as they are asked for."""
    for text in track(questions, f"{language}", console=Console(stderr=True), disable=quiet):
        clips = list(voice.speak(text))
        yield AudioClip(np.concatenate([c.samples for c in clips]), clips[0].rate)


def _first_audio(turns: Iterable[Turned]) -> list[float]:
    return [t.trace.first_audio * 1000 for t in turns if t.trace.first_audio is not None]


def _ends(turns: Iterable[Turned]) -> list[float]:
    return [1000 * max(s.start + s.seconds for s in turned.trace.spans) for turned in turns]


def _stages(turns: Iterable[Turned]) -> dict[str, dict[str, float]]:
    spent: dict[str, list[float]] = defaultdict(list)
    for turned in turns:
        first: dict[str, float] = {}
        for span in turned.trace.spans:
            first.setdefault(span.stage, span.seconds * 1000)
        for stage, ms in first.items():
            spent[stage].append(ms)
    return {stage: percentiles(values) for stage, values in spent.items()}


def _doubled(turned: Turned) -> bool:
    numbers = [part.number for part in turned.parts]
    return len(numbers) != len(set(numbers))


def _show(found: dict[str, Any]) -> None:
    table = Table("", "p50 ms", "p90 ms", "p99 ms", box=None)
    for language, figures in found["by_language"].items():
        rows = {"first audible clause": figures["first_audio_ms"], "typed": figures["typed_ms"]}
        for name, values in {**rows, **figures["stages"]}.items():
            table.add_row(f"{language} {name}", *(f"{v:.0f}" for v in values.values()))
    Console().print(table)
    Console().print(f"{found['turns']} turns, {found['lost']} lost, {found['doubled']} doubled")
