"""Manifests: JSON Lines or CSV tables of things to evaluate on, paths relative to the file."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any


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
    for row in rows:
        for key in ("audio", "image"):
            if row.get(key):
                row[key] = str((path.parent / row[key]).resolve())
    return rows


def _csv(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as table:
        return [dict(row) for row in csv.DictReader(table)]


def _json_lines(path: Path) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise ManifestError(f"{path}, row {number}: {error}") from error
        if not isinstance(row, dict):
            raise ManifestError(f"{path}, row {number}: not a JSON object")
        rows.append(row)
    return rows


def need(rows: list[dict[str, Any]], path: Path, *columns: str) -> None:
    """Raises ManifestError naming the first row that lacks one of `columns`."""
    for number, row in enumerate(rows, 1):
        for column in columns:
            if row.get(column) in (None, ""):
                raise ManifestError(f"{path}, row {number}: has no {column!r}")
    if not rows:
        raise ManifestError(f"{path}: has no rows")
