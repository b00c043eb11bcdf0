"""`lingxi bench voice`: how long a caller waits, measured at the caller."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from app.commands.bench import PERCENTILES, percentiles, spoken
from app.commands.bench_callers import Heard, Line, SimulatedCaller
from app.commands.bench_naive import naive
from app.commands.output import loading, print_json
from app.engines import build_voices
from app.house import read_settings
from app.manifest import read_manifest
from app.store.archive import Archive
from app.store.database import open_database
from dialogue.types import LANGUAGES, AudioClip, Language
from speech.audio import decode

START_SECONDS = 600
_QUIETLY = {
    "LINGXI_PLAYGROUND": "false",
    "LINGXI_LOG_LEVEL": "ERROR",
    "LINGXI_SPEECH__WARM": "false",
    "LINGXI_LIMITS__CONVERSATIONS_PER_HOUR": "100000",
    "LINGXI_LIMITS__MESSAGES_PER_MINUTE": "100000",
    "LINGXI_LIVE__CALLS": "1000",
}
"""The server that is started has the phrases of `lingxi models warm`, and makes no others."""
GAP_SECONDS = 0.3
"""From which silence inside a reply counts."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server to call."""

    url: str
    var: Path | None = None
    """Its folder, where the bench started it: the traces are read from there."""


def voice(
    sessions: Annotated[int, typer.Option(help="Callers at the same time.")] = 1,
    turns: Annotated[int, typer.Option(help="Questions of each caller and language.")] = 10,
    manifest: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Recordings; else the product's voices."),
    ] = None,
    server: Annotated[str, typer.Option(help="An address; else one is started.")] = "",
    compare: Annotated[
        bool, typer.Option(help="The naive pipeline on the same clips too.")
    ] = False,
    budget: Annotated[float, typer.Option(help="ms that p90 may take; 0: any.")] = 0.0,
    domain: Annotated[str, typer.Option()] = "",
    seed: Annotated[int, typer.Option(help="Chooses the questions.")] = 7,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Simulated callers on the real socket: last voiced sample to first audible sample."""
    chooser = random.Random(seed)  # noqa: S311 - a choice of questions, no secret
    lines = _lines(manifest, domain, sessions * turns, chooser, quiet=as_json)
    with _serving(server, domain) as served:
        callers = [
            [SimulatedCaller(served.url, _share(said, n, turns)) for said in lines.values()]
            for n in range(sessions)
        ]
        heard = asyncio.run(_all(callers))
        stages = _stages(served, [one.conversation_id for calls in callers for one in calls])
    found = {"sessions": sessions, **report(heard, stages)}
    found["refused"] = sum(bool(one.refused) for calls in callers for one in calls)
    if compare:
        found |= _compared(lines, domain, found["by_language"])
    print_json(found) if as_json else _show(found)
    p90 = found["first_audio_ms"].get("p90", float("inf"))
    if found["lost"] or found["doubled"] or (budget and p90 > budget):
        raise typer.Exit(1)


def report(heard: Sequence[Heard], stages: dict[str, list[float]]) -> dict[str, Any]:
    """The figures of `bench voice`: milliseconds at the client."""
    asked = [h for h in heard if h.kind == "question"]
    broke = [h for h in heard if h.kind == "interruption"]
    nodded = [h for h in heard if h.kind == "backchannel"]
    return {
        "turns": len(asked),
        "first_audio_ms": _waits(asked),
        "stages": {stage: percentiles(values) for stage, values in stages.items()},
        "by_language": {
            language: {"first_audio_ms": _waits([h for h in asked if h.language == language])}
            for language in LANGUAGES
            if any(h.language == language for h in asked)
        },
        "silence_ms": percentiles([1000 * h.silent for h in broke if h.silent is not None]),
        "missed_interruptions": _share_of(broke, [not h.stopped for h in broke]),
        "backchannels_taken": _share_of(nodded, [h.stopped for h in nodded]),
        "false_ends": _share_of(asked, [h.turns > 1 for h in asked]),
        "gaps": _share_of(asked, [any(g > GAP_SECONDS for g in h.gaps) for h in asked]),
        "lost": sum(not h.done or not h.turns for h in asked),
        "doubled": sum(h.doubled for h in heard),
    }


def _compared(
    lines: dict[Language, list[Line]], domain: str, ours: dict[Language, Any]
) -> dict[str, Any]:
    """The naive pipeline's waits, and how many times sooner ours are at p90."""
    asked = {tongue: [a for a in said if a.kind == "question"] for tongue, said in lines.items()}
    with loading() as progress:
        waits = {tongue: percentiles(ms) for tongue, ms in naive(asked, domain, progress).items()}
    sooner = {
        tongue: round(found["p90"] / ours[tongue]["first_audio_ms"]["p90"], 2)
        for tongue, found in waits.items()
        if ours.get(tongue, {}).get("first_audio_ms")
    }
    return {"naive_ms": waits, "times_sooner": sooner}


def _waits(heard: Sequence[Heard]) -> dict[str, float]:
    return percentiles([1000 * h.first_audio for h in heard if h.first_audio is not None])


def _share_of(heard: Sequence[Heard], flags: Sequence[bool]) -> float | None:
    return round(sum(flags) / len(flags), 3) if heard else None


async def _all(callers: Sequence[Sequence[SimulatedCaller]]) -> list[Heard]:
    """Sessions side by side; of each one call after the other, a language a call."""

    async def session(calls: Sequence[SimulatedCaller]) -> list[Heard]:
        return [heard for one in calls for heard in await one.call()]

    return [heard for some in await asyncio.gather(*map(session, callers)) for heard in some]


def _share(lines: Sequence[Line], caller: int, turns: int) -> list[Line]:
    """The questions of one caller, with what is spoken into the replies to them; from the start
    again when the lines run out."""
    starts = [n for n, line in enumerate(lines) if line.kind == "question"]
    ends = [*starts[1:], len(lines)]
    mine = [(caller * turns + n) % len(starts) for n in range(turns)]
    return [line for n in mine for line in lines[starts[n] : ends[n]]]


def _lines(
    manifest: Path | None, domain: str, wanted: int, chooser: random.Random, *, quiet: bool
) -> dict[Language, list[Line]]:
    """By language: what is said, in order; a caller speaks one language in a call."""
    if manifest:
        recorded = [_recorded(row) for row in read_manifest(manifest)]
        by = {tongue: [r for r in recorded if r.language == tongue] for tongue in LANGUAGES}
        return {tongue: some for tongue, some in by.items() if some}
    settings = read_settings(domain)
    with loading() as progress:
        voices = build_voices(settings, progress)
    lines: dict[Language, list[Line]] = {}
    for language, synthesizer in voices.items():
        rows = read_manifest(settings.pack / "heldout" / f"{language}.jsonl")
        texts = [r["text"] for r in rows if r["intent"] != "out_of_scope"]
        fit = [text for text in texts if 6 <= len(text) <= 60]
        chosen = chooser.sample(fit, min(wanted, len(fit)))
        clips = spoken(synthesizer, chosen, language, quiet=quiet)
        lines[language] = [Line(clip, language) for clip in clips]
    return lines


def _recorded(row: dict[str, Any]) -> Line:
    clip = decode(Path(row["audio"]).read_bytes())
    language: Language = "en" if row.get("language") == "en" else "zh"
    return Line(AudioClip(clip.samples, clip.rate), language, row.get("kind") or "question")


@contextmanager
def _serving(server: str, domain: str) -> Iterator[Served]:
    """The server at an address, or one in its own process and folder."""
    if server:
        yield Served(server.rstrip("/"))
        return
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder)
        kept = read_settings(domain).var
        if (kept / "models").is_dir():
            (var / "models").symlink_to((kept / "models").resolve())
        if (kept / "phrases").is_dir():
            shutil.copytree(kept / "phrases", var / "phrases")
        environment = {**os.environ, **_QUIETLY, "LINGXI_VAR": folder, "LINGXI_PORT": str(port)}
        if domain:
            environment["LINGXI_DOMAIN"] = domain
        command = [sys.executable, "-m", "app", "serve"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own interpreter
            try:
                url = f"http://127.0.0.1:{port}"
                _await(url, process)
                yield Served(url, var)
            finally:
                process.terminate()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise typer.BadParameter("the server did not start; try `lingxi serve` to see why")


def _stages(served: Served, conversations: Sequence[str]) -> dict[str, list[float]]:
    """Milliseconds of each stage's first span, from the server's own traces."""
    if served.var is None:
        return {}
    spent: dict[str, list[float]] = {}
    database = open_database(f"sqlite:///{served.var / 'lingxi.db'}")
    try:
        for conversation_id in conversations:
            for turn in Archive(database).conversation(conversation_id)["turns"]:
                first: dict[str, float] = {}
                for span in turn.get("trace") or []:
                    first.setdefault(span["stage"], span["ms"])
                for stage, ms in first.items():
                    spent.setdefault(stage, []).append(ms)
    finally:
        database.close()
    return spent


def _show(found: dict[str, Any]) -> None:
    table = Table("", *(f"p{p} ms" for p in PERCENTILES), box=None)
    rows = {f"{k} first audible": v["first_audio_ms"] for k, v in found["by_language"].items()}
    rows |= {"interruption to silence": found["silence_ms"], **found["stages"]}
    for name, values in rows.items():
        table.add_row(name, *(f"{v:.0f}" for v in values.values()))
    Console().print(table)
    rest = {k: v for k, v in found.items() if not isinstance(v, dict)}
    Console().print(json.dumps(rest))
