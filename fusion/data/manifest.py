"""Manifest: training rows in JSON Lines, checked before anything is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fusion.config import ConfigError
from fusion.data.media import RowError, timed_text

INLINE = ("text",)
"""Modalities whose value stands in the row itself; the others name files."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row, nothing decoded yet."""

    place: str
    """File and line, for messages."""
    id: str
    values: dict[str, Any]
    """A value, a path or a list of paths, by modality; what the row lacks is absent."""
    targets: dict[str, Any] = field(default_factory=dict)
    """Labels, numbers or lists of labels, by task; a row may lack some."""
    quality: dict[str, float] = field(default_factory=dict)
    """Given scores, 0 to 1, by modality; the others are measured."""
    noise: dict[str, float] = field(default_factory=dict)
    """What to spoil on reading: `image` blur in pixels, `audio` signal to noise in dB."""
    weight: float | None = None
    """Of the row in the loss; None takes the mean quality."""
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What heads from elsewhere say, by modality, then task: probabilities by label, or a value."""


def read_manifest(path: Path, modalities: Sequence[str], tasks: Sequence[str]) -> list[Row]:
    """The rows of `path` that have any of the modalities, with files relative to it.

    RowError names the line that is wrong; ConfigError the modality or task that no row has.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    found = [
        _row(f"{path}:{number}", line, path.parent, modalities, tasks)
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]
    rows = [row for row in found if row.values]
    for modality in modalities:
        if not any(modality in row.values for row in rows):
            raise ConfigError(f"{path}: no row has a value for modality {modality}")
    for task in tasks:
        if not any(task in row.targets for row in rows):
            raise ConfigError(f"{path}: no row has a value for task {task}")
    return rows


def fingerprint(rows: Sequence[Row]) -> str:
    """A short hash of what the rows say and of the sizes of the files they name."""
    digest = hashlib.sha256()
    for row in rows:
        said = [row.id, row.targets, row.noise, *([row.answers] if row.answers else [])]
        digest.update(json.dumps(said, default=str).encode())
        for name, value in sorted(row.values.items()):
            for each in value if isinstance(value, list) else [value]:
                size = each.stat().st_size if isinstance(each, Path) and each.exists() else ""
                shown = each.name if isinstance(each, Path) else str(each)
                digest.update(f"{name}:{shown}:{size};".encode())
    return digest.hexdigest()[:16]


def _row(
    place: str, line: str, folder: Path, modalities: Collection[str], tasks: Collection[str]
) -> Row:
    try:
        given = json.loads(line)
    except json.JSONDecodeError as error:
        raise RowError(f"{place}: no JSON: {error}") from error
    if not isinstance(given, Mapping):
        raise RowError(f"{place}: must be an object")
    here = {m: given[m] for m in modalities if given.get(m) not in (None, "", [])}
    try:
        values = {m: _value(m, value, folder) for m, value in here.items()}
        if "text" in values and given.get("words"):
            values["text"] = timed_text(values["text"], given["words"])
        quality = {m: _share(q) for m, q in dict(given.get("quality", {})).items()}
        noise = {m: float(n) for m, n in dict(given.get("noise", {})).items()}
        weight = float(given["weight"]) if "weight" in given else None
        answers = {m: dict(said) for m, said in dict(given.get("answers", {})).items()}
    except (TypeError, ValueError) as error:
        raise RowError(f"{place}: {error}") from error
    targets = {t: given[t] for t in tasks if given.get(t) is not None}
    return Row(place, str(given.get("id", place)), values, targets, quality, noise, weight, answers)


def _value(modality: str, value: Any, folder: Path) -> Any:
    if modality in INLINE:
        if not isinstance(value, str):
            raise ValueError(f"{modality} must be a string, not {value!r}")
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return [folder / each for each in value]
    if not isinstance(value, str):
        raise ValueError(f"{modality} must name a file or a list of files, not {value!r}")
    return folder / value


def _share(quality: Any) -> float:
    score = float(quality)
    if not 0 <= score <= 1:
        raise ValueError(f"quality must lie between 0 and 1, not {score}")
    return score
