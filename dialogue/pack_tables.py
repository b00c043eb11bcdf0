"""Tables of a pack's TOML files, and what is wrong with them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from dialogue.domain import PackError

Table = dict[str, Any]


def read_toml(path: Path) -> Table:
    """The table in `path`; PackError where there is none."""
    if not path.is_file():
        raise PackError(f"{path.name}: not found in {path.parent}")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{path.name}: {error}") from error


def need(table: Table, key: str, where: str) -> Any:
    """`table[key]`; PackError where it is missing."""
    if key not in table:
        raise PackError(f"{where}: missing key {key!r}")
    return table[key]


def pattern_of(pattern: str, where: str) -> str:
    """`pattern`, which compiles; PackError where it does not."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise PackError(f"{where}: {error}") from error
    return pattern
