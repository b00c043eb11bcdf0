"""What commands print: JSON alone on standard output, progress on a terminal's standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.engines import Progress as Report


def print_json(value: Any) -> None:
    """One JSON object on standard output and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def print_scores(name: str, scores: Mapping[str, Any], as_json: bool) -> None:
    """Figures as one JSON object, or as a table of two columns."""
    if as_json:
        print_json(scores)
        return
    table = Table("measure", name, box=None)
    for measure, value in scores.items():
        table.add_row(measure, f"{value:.4f}" if isinstance(value, float) else str(value))
    Console().print(table)


@contextmanager
def loading() -> Iterator[Report]:
    """A progress bar per thing that is being made ready, where standard error is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<24}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def report(what: str, share: float) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=1.0)
            bars.update(tasks[what], completed=share)

        yield report
