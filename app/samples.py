"""Samples: the recordings and pictures that the rows of a manifest name, and their labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import track

from app.errors import IntakeError
from app.manifest import ManifestError, need, read_manifest
from app.pictures import decode_picture
from app.signatures import sniff
from dialogue.types import AudioClip, Picture
from speech.audio import TooLong, Undecodable, decode

LABELS = ("label", "intent", "emotion", "sentiment", "fine_class")
"""Columns that may hold the label, the first that is there."""
PIXELS = 50_000_000
"""Of a picture, at most."""

Row = dict[str, Any]
T = TypeVar("T")


def labelled(
    manifest: Path, named: str, usual: Sequence[str] = LABELS
) -> tuple[list[Row], list[str]]:
    """The rows of `manifest` and their labels, from the column `named` or the first of `usual`.

    Raises ManifestError where a row has none.
    """
    rows = read_manifest(manifest)
    need(rows, manifest)
    column = named or next((name for name in usual if name in rows[0]), "")
    if not column or column not in rows[0]:
        wanted = repr(named) if named else f"of labels (none of {', '.join(usual)}); see --label"
        raise ManifestError(f"{manifest}: has no column {wanted}")
    need(rows, manifest, column)
    return rows, [str(row[column]).strip() for row in rows]


def recording(row: Row) -> AudioClip:
    """The sound of `row`; ManifestError naming the file where it cannot be read."""
    try:
        return decode(Path(row["audio"]).read_bytes())
    except (OSError, Undecodable, TooLong) as error:
        raise ManifestError(f"{row['audio']}: {error}") from error


def photo(row: Row) -> Picture:
    """The picture of `row`; ManifestError naming the file where it cannot be read."""
    try:
        content = Path(row["image"]).read_bytes()
        signature = sniff(content)
        if signature is None or signature.kind != "picture":
            raise ManifestError(f"{row['image']}: is no picture")
        return decode_picture(content, signature, PIXELS)[0]
    except (OSError, IntakeError) as error:
        raise ManifestError(f"{row['image']}: {error}") from error


def watched(rows: Sequence[T], doing: str) -> Iterable[T]:
    """`rows` one by one, with a progress bar where standard error is a terminal."""
    terminal = Console(stderr=True)
    return track(rows, doing, console=terminal, disable=not terminal.is_terminal)
