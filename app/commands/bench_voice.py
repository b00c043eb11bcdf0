"""`lingxi bench voice`: how long a caller waits, measured at the caller."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.commands.bench import PERCENTILES, percentiles
from app.commands.bench_callers import Heard, Line, SimulatedCaller
from app.commands.bench_lines import said
from app.commands.bench_naive import naive
from app.commands.bench_rightness import Turns, understood
from app.commands.bench_server import kept, serving
from app.commands.bench_usage import watched
from app.commands.bench_waterfall import svg, waterfall
from app.commands.output import loading, print_json
from dialogue.types import LANGUAGES, Language

GAP_SECONDS = 0.3
"""From which silence inside a reply counts."""
PROMISE_MS = 800.0
"""What the waterfall is drawn against."""
_HEARING = ("vad", "asr", "joint", "nlu")

Traces = Mapping[str, Sequence[Mapping[str, Any]]]
"""The spans of each turn by its id."""


def voice(
    sessions: Annotated[int, typer.Option(help="Callers at the same time.")] = 1,
    turns: Annotated[int, typer.Option(help="Questions of each caller and language.")] = 10,
    manifest: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Recordings; else the product's voices."),
    ] = None,
    server: Annotated[str, typer.Option(help="An address; else one is started.")] = "",
    listen: Annotated[
        float,
        typer.Option(help="Seconds after which callers stop a reply; 0: never."),
    ] = 0.0,
    compare: Annotated[
        bool, typer.Option(help="The naive pipeline on the same clips too.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Draws the waterfall here, as SVG.")
    ] = None,
    budget: Annotated[float, typer.Option(help="ms that p90 may take; 0: any.")] = 0.0,
    domain: Annotated[str, typer.Option()] = "",
    seed: Annotated[int, typer.Option(help="Chooses the questions.")] = 7,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Simulated callers on the real socket: last voiced sample to first audible sample."""
    lines = said(manifest, domain, sessions * turns, random.Random(seed), quiet=as_json)  # noqa: S311 - no secret
    with serving(server, domain) as served:
        callers = [
            [SimulatedCaller(served.url, _share(mine, n, turns), listen) for mine in lines.values()]
            for n in range(sessions)
        ]
        with watched(served.pid) as usage:
            heard = asyncio.run(_all(callers))
        every = [one for calls in callers for one in calls]
        records = kept(served, [held for one in every for held in one.conversations])
    found = {"sessions": sessions, **report(heard, records), "server": usage.figures()}
    found["refused"] = sum(bool(one.refused) for one in every)
    if compare:
        asked = {tongue: _share(mine, 0, sessions * turns) for tongue, mine in lines.items()}
        found |= _compared(asked, domain, found["by_language"])
    if picture:
        picture.write_text(_picture(heard, traces_of(records)), "utf-8")
    print_json(found) if as_json else _show(found)
    if not passes(found, budget):
        raise typer.Exit(1)


def passes(found: Mapping[str, Any], budget: float) -> bool:
    """Whether a release may go out: nothing lost or doubled, p90 in `budget` ms (0: any)."""
    p90 = found["first_audio_ms"].get("p90", float("inf"))
    return not (found["lost"] or found["doubled"] or (budget and p90 > budget))


def report(heard: Sequence[Heard], turns: Turns) -> dict[str, Any]:
    """The figures of `bench voice`: milliseconds at the client, and what was understood."""
    traces = traces_of(turns)
    asked = [h for h in heard if h.asked.kind == "question"]
    broke = [h for h in heard if h.asked.kind == "interruption"]
    nodded = [h for h in heard if h.asked.kind == "backchannel"]
    paused = [h for h in asked if h.asked.pause]
    filled = [bool(_span(traces, h, "acknowledgement")) for h in asked if h.turn_id in traces]
    return {
        "turns": len(asked),
        **_waits(asked, traces),
        "stages": _stages(traces),
        "by_language": {
            language: _waits(mine, traces) | understood(mine, turns)
            for language in LANGUAGES
            if (mine := [h for h in asked if h.asked.language == language])
        },
        "after_decision_ms": percentiles(_after_decision(traces)),
        "fillers": _share_of(filled),
        "silence_ms": percentiles([1000 * h.silent for h in broke if h.silent is not None]),
        "missed_interruptions": _share_of([not h.stopped for h in broke]),
        "backchannels_taken": _share_of([h.stopped for h in nodded]),
        "false_ends": _share_of([h.turns > 1 for h in asked if not h.asked.pause]),
        "false_ends_in_pauses": _share_of([h.turns > 1 for h in paused]),
        "gaps": _share_of([any(g > GAP_SECONDS for g in h.gaps) for h in asked]),
        "lost": sum(not h.done or not h.turns for h in asked),
        "doubled": sum(h.doubled for h in heard),
    }


def traces_of(turns: Turns) -> Traces:
    """The spans of what the server keeps of turns."""
    return {name: turn.get("trace") or [] for name, turn in turns.items()}


def _compared(
    lines: dict[Language, list[Line]], domain: str, ours: dict[Language, Any]
) -> dict[str, Any]:
    """The naive pipeline's waits, and how many times sooner ours are at p90."""
    asked = {tongue: [a for a in mine if a.kind == "question"] for tongue, mine in lines.items()}
    with loading() as progress:
        waits = {tongue: percentiles(ms) for tongue, ms in naive(asked, domain, progress).items()}
    sooner = {
        tongue: round(found["p90"] / ours[tongue]["first_audio_ms"]["p90"], 2)
        for tongue, found in waits.items()
        if ours.get(tongue, {}).get("first_audio_ms")
    }
    return {"naive_ms": waits, "times_sooner": sooner}


def _waits(heard: Sequence[Heard], traces: Traces) -> dict[str, Any]:
    """To the first sound, and to the first that carries the answer: not a mere "one moment"."""
    first = [1000 * h.first_audio for h in heard if h.first_audio is not None]
    answers = [
        1000 * sounds[filler]
        for h in heard
        if (sounds := [h.sounded[number] for number in sorted(h.sounded)])
        and (filler := int(bool(_span(traces, h, "acknowledgement")))) < len(sounds)
    ]
    bars = waterfall((traces[h.turn_id] for h in heard if h.turn_id in traces), first)
    return {
        "first_audio_ms": percentiles(first),
        "answer_ms": percentiles(answers),
        "waterfall": [asdict(bar) for bar in bars],
    }


def _stages(traces: Traces) -> dict[str, dict[str, float]]:
    """How long each stage took where it first occurred."""
    spent: dict[str, list[float]] = {}
    for spans in traces.values():
        first: dict[str, float] = {}
        for span in spans:
            first.setdefault(span["stage"], span["ms"])
        for stage, ms in first.items():
            spent.setdefault(stage, []).append(ms)
    return {stage: percentiles(values) for stage, values in spent.items()}


def _after_decision(traces: Traces) -> list[float]:
    """Milliseconds of hearing and understanding that were left when a turn was taken to end."""
    left = []
    for spans in traces.values():
        decided = next((s["ms"] for s in spans if s["stage"] == "endpoint"), None)
        ends = [s["start_ms"] + s["ms"] for s in spans if s["stage"] in _HEARING]
        if decided is not None and ends:
            left.append(max(0.0, max(ends) - decided))
    return left


def _span(traces: Traces, heard: Heard, stage: str) -> Mapping[str, Any] | None:
    return next((s for s in traces.get(heard.turn_id, ()) if s["stage"] == stage), None)


def _picture(heard: Sequence[Heard], traces: Traces) -> str:
    charts = {}
    for language in LANGUAGES:
        mine = [h for h in heard if h.asked.kind == "question" and h.asked.language == language]
        first = [1000 * h.first_audio for h in mine if h.first_audio is not None]
        if first:
            title = f"{language}, {len(first)} turns, median end / p90 in ms"
            charts[title] = waterfall((traces.get(h.turn_id, ()) for h in mine), first)
    return svg(charts, PROMISE_MS)


def _share_of(flags: Sequence[bool]) -> float | None:
    return round(sum(flags) / len(flags), 3) if flags else None


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


def _show(found: dict[str, Any]) -> None:
    table = Table("", *(f"p{p} ms" for p in PERCENTILES), box=None)
    rows = {"interruption to silence": found["silence_ms"], **found["stages"]}
    for language, figures in found["by_language"].items():
        rows |= {f"{language} first audible": figures["first_audio_ms"]}
        rows |= {f"{language} answer": figures["answer_ms"]}
    for language, figures in found.get("naive_ms", {}).items():
        rows |= {f"{language} first audible, naive pipeline": figures}
    for name, values in rows.items():
        table.add_row(name, *(f"{v:.0f}" for v in values.values()))
    Console().print(table)
    for language, figures in found["by_language"].items():
        falls = Table(f"{language}, ms after the last sound", "begins", "ends", "p90", box=None)
        for bar in figures["waterfall"]:
            falls.add_row(bar["stage"], *(f"{bar[k]:.0f}" for k in ("begins", "ends", "late")))
        Console().print(falls)
    rest = {k: v for k, v in found.items() if not isinstance(v, dict | list)} | found["server"]
    for language, figures in found["by_language"].items():
        rest |= {f"{language} {name}": figures[name] for name in ("intents_right", "words_wrong")}
    rest |= {"times_sooner": found["times_sooner"]} if "times_sooner" in found else {}
    Console().print(json.dumps(rest))
