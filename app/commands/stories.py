"""`lingxi test`: tells a pack's stories and says which went otherwise."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from app.commands.options import DomainName
from app.commands.output import loading
from app.coverage import Covered
from app.house import read_settings
from app.rehearsal import Telling, rehearsing
from app.stories import StoryError, read_stories


def tell(
    stories: Annotated[
        Path | None, typer.Argument(exists=True, help="A file or folder; the pack's by default.")
    ] = None,
    domain: DomainName = "",
    junit: Annotated[Path | None, typer.Option(help="Also write the result as JUnit XML.")] = None,
) -> None:
    """Tells stories to the real line, each against a fresh demo shop; exit status 1 on a fault."""
    settings = read_settings(domain)
    try:
        told = read_stories(stories or settings.pack / "stories", settings.pack)
    except StoryError as error:
        raise typer.BadParameter(str(error)) from error
    tellings: list[tuple[Telling, float]] = []
    covered: tuple[Covered, ...] = ()
    aloud = any(exchange.spoken for story in told for exchange in story.exchanges)
    with loading() as progress, rehearsing(settings, progress, aloud=aloud) as rehearsal:
        for story in track(told, "telling", console=Console(stderr=True)):
            started = time.monotonic()
            tellings.append((rehearsal.tell(story), time.monotonic() - started))
        covered = rehearsal.coverage([telling for telling, _ in tellings])
    if junit:
        junit.write_bytes(junit_xml(tellings))
    _show([telling for telling, _ in tellings], covered)


def junit_xml(tellings: Sequence[tuple[Telling, float]]) -> bytes:
    """The result as JUnit reads it; seconds per story."""
    failed = sum(bool(telling.faults) for telling, _ in tellings)
    suite = ElementTree.Element(
        "testsuite", name="stories", tests=str(len(tellings)), failures=str(failed)
    )
    for telling, seconds in tellings:
        about = {"classname": telling.story.file, "name": telling.story.name}
        case = ElementTree.SubElement(suite, "testcase", about, time=f"{seconds:.3f}")
        ElementTree.SubElement(case, "system-out").text = "\n".join(_times(telling))
        if telling.faults:
            fault = ElementTree.SubElement(case, "failure", message=telling.faults[0])
            fault.text = "\n".join(telling.faults)
    return bytes(ElementTree.tostring(suite, "utf-8", xml_declaration=True))


def _times(telling: Telling) -> Iterator[str]:
    """How long each turn took, beside how long it may."""
    for number, (exchange, ms) in enumerate(
        zip(telling.story.exchanges, telling.ms, strict=False), 1
    ):
        allowed = f" (within {exchange.within_ms:g})" if exchange.within_ms else ""
        yield f"turn {number}: {ms:.0f} ms{allowed}"


def _show(tellings: Sequence[Telling], covered: Sequence[Covered]) -> None:
    console = Console()
    for telling in tellings:
        mark = "[red]✗[/]" if telling.faults else "[green]✓[/]"
        console.print(f"{mark} {telling.story.file} · {telling.story.name}", highlight=False)
        for fault in telling.faults:
            console.print(f"    {fault}", markup=False, highlight=False)
    for each in covered:
        seen, there = len(each.there & each.seen), len(each.there)
        console.print(f"{each.kind}: {seen} of {there} ({each.share:.1%})", highlight=False)
        if each.missing:
            console.print(f"    not: {', '.join(each.missing)}", markup=False, highlight=False)
    failed = sum(bool(telling.faults) for telling in tellings)
    console.print(f"{len(tellings) - failed} of {len(tellings)} stories went as told")
    if failed:
        raise typer.Exit(1)
