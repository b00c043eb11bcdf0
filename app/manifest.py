"""Manifests: JSON Lines or CSV tables of things to evaluate on, paths relative to the file."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

_SURPLUS = "…"
"""Under this name stands what a row of a table has too much."""


class ManifestError(ValueError):
    """A manifest cannot be read; the message names file and row."""


def read_manifest(path: Path) -> list[dict[str, Any]]:
    """The rows of `path`, in order; `audio` and `image` become absolute paths.

    Raises ManifestError for a file that is neither JSON Lines nor CSV, or not UTF-8.
    """
    try:
        rows = _csv(path) if path.suffix.lower() == ".csv" else _json_lines(path)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(f"{path}: {error}") from error
    for number, row in enumerate(rows, 1):
        for key in ("audio", "image"):
            if row.get(key):
                if not isinstance(row[key], str):
                    raise ManifestError(f"{path}, row {number}: {key} is not the name of a file")
                row[key] = str((path.parent / row[key]).resolve())
    return rows


def _csv(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as table:
        read = csv.DictReader(table, skipinitialspace=True, restkey=_SURPLUS)
        read.fieldnames = [name.strip() for name in read.fieldnames or ()]
        rows: list[dict[str, Any]] = []
        for number, row in enumerate(read, 1):
            if _SURPLUS in row:
                raise ManifestError(f"{path}, row {number}: more cells than columns; quote commas")
            cells: dict[str, Any] = {name: (cell or "").strip() for name, cell in row.items()}
            if "slots" in cells:
                cells["slots"] = _object(cells["slots"] or "{}", f"{path}, row {number}, slots")
            rows.append(cells)
    return rows


def _json_lines(path: Path) -> list[dict[str, Any]]:
    rows = []
    # Not splitlines(): JSON may hold U+2028 as it is.
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), 1):
        if line.strip():
            rows.append(_object(line, f"{path}, row {number}"))
    return rows


def _object(text: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        hint = "; a table is read from a file that ends in .csv, else each line is a JSON object"
        raise ManifestError(f"{where}: {error}{hint}") from error
    if not isinstance(found, dict):
        raise ManifestError(f"{where}: not a JSON object")
    return found


def need(rows: list[dict[str, Any]], path: Path, *columns: str) -> None:
    """Raises ManifestError naming the first row that lacks one of `columns`."""
    for number, row in enumerate(rows, 1):
        for column in columns:
            if row.get(column) in (None, ""):
                raise ManifestError(f"{path}, row {number}: has no {column!r}")
    if not rows:
        raise ManifestError(f"{path}: has no rows")
