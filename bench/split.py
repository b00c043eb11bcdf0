"""Splits a manifest by a seed: `python bench/split.py MANIFEST OUT --first 150`.

OUT/first.jsonl is for choosing, OUT/rest.jsonl for reporting; the same seed always splits alike.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

from app.manifest import read_manifest

SEED = 20261123


def main() -> None:
    """Writes both halves, with absolute paths to the recordings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("out", type=Path, help="a folder")
    parser.add_argument("--first", type=int, default=150, help="rows in the first half")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    halves = split(read_manifest(options.manifest), options.first)
    for name, rows in zip(("first", "rest"), halves, strict=True):
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (options.out / f"{name}.jsonl").write_text("".join(lines), "utf-8")


def split(rows: list[dict[str, Any]], first: int) -> tuple[list[dict[str, Any]], ...]:
    """`first` rows drawn by `SEED`, and the others, each in the manifest's order."""
    drawn = set(random.Random(SEED).sample(range(len(rows)), first))
    return (
        [row for number, row in enumerate(rows) if number in drawn],
        [row for number, row in enumerate(rows) if number not in drawn],
    )


if __name__ == "__main__":
    main()
