"""The house's alarms: a file or function this long has two nouns in it."""

from __future__ import annotations

import ast
from pathlib import Path

HOUSE = Path(__file__).parent.parent
ROOMS = ("app", "dialogue", "speech", "fusion", "web")
RECIPES = ("fusion/train.py", "fusion/vision/train.py")
FILE_LINES, RECIPE_LINES, FUNCTION_LINES = 300, 450, 45


def _sources() -> list[Path]:
    return [
        p for room in ROOMS for p in (HOUSE / room).rglob("*.py") if "migrations" not in p.parts
    ]


def test_no_file_outgrows_its_noun() -> None:
    lengths = {str(p.relative_to(HOUSE)): len(p.read_text().splitlines()) for p in _sources()}
    long = {p: n for p, n in lengths.items() if n > (RECIPE_LINES if p in RECIPES else FILE_LINES)}
    assert not long


def test_no_function_outgrows_a_screen() -> None:
    long = {
        f"{path.relative_to(HOUSE)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= FUNCTION_LINES
    }
    assert not long


def test_every_public_name_says_what_it_promises() -> None:
    silent = [
        f"{path.relative_to(HOUSE)}:{node.name}"
        for path in _sources()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert not silent
