"""`lingxi bench stories`: whether turns of stories take no longer than their story allows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from app.commands.bench import percentiles
from app.commands.options import DomainName
from app.commands.output import loading, print_json
from app.house import read_settings, settle
from app.rehearsal import Telling, rehearsing
from app.stories import Story, StoryError, read_stories


def stories(
    path: Annotated[
        Path | None, typer.Argument(exists=True, help="A file or folder; the pack's by default.")
    ] = None,
    domain: DomainName = "",
    runs: Annotated[int, typer.Option(min=1, help="How often each story is told.")] = 3,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Tells the stories in which a turn has `within_ms`; exit status 1 where one took longer."""
    settings = read_settings(domain)
    try:
        told = timed(read_stories(path or settings.pack / "stories", settings.pack))
    except StoryError as error:
        raise typer.BadParameter(str(error)) from error
    if not told:
        raise typer.BadParameter("no turn of these stories says within_ms")
    aloud = any(exchange.spoken for story in told for exchange in story.exchanges)
    with loading() as progress, rehearsing(settings, progress, aloud=aloud) as rehearsal:
        settle()
        rehearsal.tell(told[0])  # the first turn of all loads what is loaded late
        tellings = [rehearsal.tell(story) for _ in range(runs) for story in told]
    found = report(tellings)
    print_json(found) if as_json else _show(found)
    if found["late"] or found["otherwise"]:
        raise typer.Exit(1)


def timed(told: tuple[Story, ...]) -> tuple[Story, ...]:
    """Those of the stories in which a turn says how long it may take."""
    return tuple(s for s in told if any(exchange.within_ms for exchange in s.exchanges))


def report(tellings: list[Telling]) -> dict[str, Any]:
    """The figures: turns that have a limit, those that took longer, stories that went otherwise."""
    turns = [turn for telling in tellings for turn in _turns(telling)]
    late = [f"{name}: {ms:.0f} ms (within {within:g})" for name, ms, within in turns if ms > within]
    faults = [f"{t.story.name}: {fault}" for t in tellings for fault in t.faults]
    ms = percentiles([ms for _, ms, _ in turns])
    return {"turns": len(turns), "ms": ms, "late": late, "otherwise": faults}


def _turns(telling: Telling) -> Iterator[tuple[str, float, float]]:
    """Name, milliseconds taken and allowed of each turn that has a limit."""
    pairs = zip(telling.story.exchanges, telling.ms, strict=False)
    for number, (exchange, ms) in enumerate(pairs, 1):
        if exchange.within_ms:
            yield f"{telling.story.name}, turn {number}", ms, exchange.within_ms


def _show(found: dict[str, Any]) -> None:
    console = Console()
    for line in (*found["otherwise"], *found["late"]):
        console.print(line, markup=False, highlight=False)
    console.print(f"{found['turns']} turns with a limit, {len(found['late'])} took longer")
