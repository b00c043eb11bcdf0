"""`lingxi bench customers`: simulated customers by text, and what came of their conversations."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from app.commands.output import loading, print_json
from app.customers import Encounter, Goal, PhrasesError, hold, look_around, meet, read_phrases
from app.house import read_settings
from app.rehearsal import Rehearsal, rehearsing
from dialogue.types import LANGUAGES


def customers(
    conversations: Annotated[int, typer.Option(min=1, help="How many, half per language.")] = 100,
    seed: Annotated[int, typer.Option(help="Draws goals, traits and wordings.")] = 1,
    phrases: Annotated[
        str, typer.Option(help="Set of wordings: report, or dev to mend by.")
    ] = "report",
    kind: Annotated[str, typer.Option(help="Only customers with this goal.")] = "",
    transcripts: Annotated[
        Path | None, typer.Option(help="Writes the conversations that went wrong there.")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(help="Writes each conversation there as it ends; those there are not held."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Holds conversations with the real line on demo tables; each is audited against the books."""
    settings = read_settings()
    with loading() as progress, rehearsing(settings, progress) as rehearsal:
        try:
            numbers = track(
                range(conversations), "talking", console=Console(stderr=True), disable=as_json
            )
            met = list(_meet(rehearsal, numbers, seed, phrases, kind, keep))
        except PhrasesError as error:
            raise typer.BadParameter(str(error)) from error
    if transcripts:
        transcripts.write_text("\n\n".join(map(_transcript, filter(_wrong, met))), "utf-8")
    found = report(met)
    print_json(found) if as_json else _show(found)


def report(met: Sequence[Encounter]) -> dict[str, Any]:
    """The figures over all conversations, and by goal, language and trait."""
    traits = {name for each in met for name in each.traits}
    return {
        **_figures(met),
        "dead_ends": sum(bool(each.dead_ends) for each in met),
        "unconfirmed": sum(bool(each.unconfirmed) for each in met),
        "leaks": sum(bool(each.leaks) for each in met),
        "same_words": sum(each.same_words for each in met),
        "by_language": _by(met, lambda each: (each.language,)),
        "by_goal": _by(met, lambda each: (each.goal.kind,)),
        "by_trait": {name: _by(met, lambda each: each.traits)[name] for name in sorted(traits)},
    }


def _meet(
    rehearsal: Rehearsal,
    numbers: Iterable[int],
    seed: int,
    chosen: str,
    kind: str,
    keep: Path | None,
) -> Iterator[Encounter]:
    with rehearsal.stage() as house:
        world, folder = look_around(house.engines.domain, house.database), house.settings.pack
    sets = {name: read_phrases(folder / "customers", chosen, name) for name in LANGUAGES}
    before = dict(kept(keep)) if keep else {}
    for number in numbers:
        # Each conversation has a seed of its own, so that it can be held again alone.
        chooser = Random(f"{seed}:{number}")  # noqa: S311 - nothing secret
        name = f"{chosen} {kind} {seed}:{number}"
        if found := before.get(name):
            yield found
            continue
        person = meet(world, sets[LANGUAGES[number % len(LANGUAGES)]], chooser, kind)
        with rehearsal.stage() as house:
            met = hold(house, person, world)
        if keep:
            with keep.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"name": name, **asdict(met)}, default=list) + "\n")
        yield met


def kept(file: Path) -> Iterator[tuple[str, Encounter]]:
    """Name (set, kind, seed, number) and course of the conversations in `file`, if it is there."""
    if not file.exists():
        return
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        goal = Goal(row["goal"]["kind"], values=row["goal"]["values"])
        name = row.pop("name")
        yield name, Encounter(**{**row, "goal": goal, "traits": tuple(row["traits"])})


def _figures(met: Sequence[Encounter]) -> dict[str, Any]:
    n = len(met)
    reached = sum(each.outcome == "reached" for each in met)
    handed = sum(each.outcome == "handed_off" for each in met)
    return {
        "conversations": n,
        "reached": round(reached / n, 4),
        "handed_off": round(handed / n, 4),
        "settled": round((reached + handed) / n, 4),
        "turns": round(sum(each.turns for each in met) / n, 2),
    }


def _by(
    met: Sequence[Encounter], keys: Callable[[Encounter], Iterable[str]]
) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Encounter]] = defaultdict(list)
    for each in met:
        for key in keys(each):
            groups[key].append(each)
    return {key: _figures(groups[key]) for key in sorted(groups)}


def _wrong(each: Encounter) -> bool:
    return each.outcome == "given_up" or bool(each.dead_ends or each.unconfirmed or each.leaks)


def _transcript(each: Encounter) -> str:
    faults = [*each.dead_ends, *each.unconfirmed, *(f"leak {order}" for order in each.leaks)]
    head = f"## {each.goal.kind} {each.language} {each.outcome} {each.goal.values} {each.traits}"
    return "\n".join([head, *(f"! {fault}" for fault in faults), *each.lines])


def _show(found: dict[str, Any]) -> None:
    table = Table("", "n", "settled", "reached", "handed off", "turns", box=None)
    groups = {"all": found, **found["by_language"], **found["by_goal"], **found["by_trait"]}
    for name, figures in groups.items():
        shares = (f"{figures[key]:.3f}" for key in ("settled", "reached", "handed_off"))
        table.add_row(name, str(figures["conversations"]), *shares, str(figures["turns"]))
    Console().print(table)
    counts = ("dead_ends", "unconfirmed", "leaks", "same_words")
    Console().print(", ".join(f"{found[key]} {key.replace('_', ' ')}" for key in counts))
