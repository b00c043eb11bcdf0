"""Compose: paired turns from data of single modalities: python -m fusion.data.compose.


A sentence that names a thing meets a photo of it, or of something else; parts go missing, photos
blur and sound gets noisy. What comes out is a manifest for `fusion.train`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fusion.config import ConfigError

Row = dict[str, Any]

PARTS = ("text", "audio", "image")
BLUR = (1.5, 4.0)
"""Pixels."""
NOISE_DB = (0.0, 15.0)


@dataclass(frozen=True, slots=True)
class Mix:
    """How often things go wrong, each from 0 to 1."""

    wrong: float = 0.4
    """The photo shows something else than is named."""
    missing: float = 0.2
    """A part is not there; one always is."""
    noise: float = 0.2
    """The photo is blurred, or the sound noisy."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes OUT and prints how many rows of each kind it holds."""
    parser = argparse.ArgumentParser(prog="python -m fusion.data.compose", description=__doc__)
    parser.add_argument("texts", type=Path, help="JSON Lines with text (or audio) and KEY")
    parser.add_argument("pictures", type=Path, help="JSON Lines with image and KEY")
    parser.add_argument("out", type=Path)
    parser.add_argument("--key", default="product", help="column that both files name things by")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--wrong", type=float, default=Mix().wrong, help=Mix.__doc__)
    parser.add_argument("--missing", type=float, default=Mix().missing)
    parser.add_argument("--noise", type=float, default=Mix().noise)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    mix = Mix(options.wrong, options.missing, options.noise)
    folder = options.out.parent
    texts, pictures = (_read(path, folder) for path in (options.texts, options.pictures))
    rng = random.Random(options.seed)  # noqa: S311 - not for secrets
    rows = compose(texts, pictures, options.key, options.rows, mix, rng)
    folder.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    counts = {part: sum(part in row for row in rows) for part in PARTS}
    counts |= {f"match_{m}": sum(row.get("match") == m for row in rows) for m in ("yes", "no")}
    sys.stdout.write(json.dumps({"rows": len(rows), **counts}) + "\n")


def compose(
    texts: Sequence[Row],
    pictures: Sequence[Row],
    key: str,
    count: int,
    mix: Mix,
    rng: random.Random,
) -> list[Row]:
    """`count` rows with `named`, `shown` and `match` (yes or no), and the text's other columns.

    What a row does not have, it says nothing about: without a photo there is no `shown`, without
    words no `named` and none of the text's labels.
    """
    shown: dict[str, list[Row]] = defaultdict(list)
    for picture in pictures:
        shown[str(picture[key])].append(picture)
    usable = [text for text in texts if str(text[key]) in shown]
    if not usable or len(shown) < 2:
        raise ConfigError(f"texts and pictures share too few values of {key} to be paired")
    return [_row(i, rng.choice(usable), shown, key, mix, rng) for i in range(count)]


def _row(
    number: int,
    text: Row,
    shown: Mapping[str, Sequence[Row]],
    key: str,
    mix: Mix,
    rng: random.Random,
) -> Row:
    named = str(text[key])
    wrong = rng.random() < mix.wrong
    other = rng.choice(sorted(set(shown) - {named})) if wrong else named
    whole = {**text, "image": rng.choice(shown[other])["image"]}
    here = [part for part in PARTS if part in whole]
    kept = {part for part in here if rng.random() >= mix.missing} or {rng.choice(here)}
    row: Row = {"id": str(number)}
    if kept & {"text", "audio"}:
        row |= {name: value for name, value in text.items() if name not in (*PARTS, key, "id")}
        row["named"] = named
    if "image" in kept:
        row["shown"] = other
    if "named" in row and "shown" in row:
        row["match"] = "no" if wrong else "yes"
    noise = {}
    if "image" in kept and rng.random() < mix.noise:
        noise["image"] = round(rng.uniform(*BLUR), 2)
    if "audio" in kept and rng.random() < mix.noise:
        noise["audio"] = round(rng.uniform(*NOISE_DB), 1)
    return (
        row
        | {part: whole[part] for part in here if part in kept}
        | ({"noise": noise} if noise else {})
    )


def _read(path: Path, folder: Path) -> list[Row]:
    """The rows of a JSON Lines file, their files relative to `folder`."""
    rows: list[Row] = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
    for row in rows:
        for part in ("image", "audio"):
            if part in row:
                row[part] = os.path.relpath(path.parent / row[part], folder)
    return rows


if __name__ == "__main__":
    main()
