"""Every import contract is broken by the violation it is there to stop."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
ROOMS = ("app", "dialogue", "speech", "fusion", "web")

VIOLATIONS = {
    "No room imports app": ("speech/audio.py", "import app.config"),
    "speech, fusion and web know each other and dialogue only through dialogue.types": (
        "fusion/text.py",
        "import speech.audio",
    ),
    "Rooms import nothing of dialogue but its types": ("web/pages.py", "import dialogue.domain"),
    "dialogue imports no other room": ("dialogue/policy.py", "import fusion.text"),
    "dialogue.types imports nothing of ours and only numpy from outside": (
        "dialogue/types/turn.py",
        "import yaml",
    ),
    "Inside dialogue": ("dialogue/state.py", "import dialogue.manager"),
    "Dialogue's core knows no model, web or database": ("dialogue/policy.py", "import torch"),
    "speech and fusion know no web and no database": ("speech/audio.py", "import fastapi"),
    "web knows no models and no database": ("web/pages.py", "import torch"),
    "Only app.store and app.migrations import SQLAlchemy": (
        "app/commands/upkeep.py",
        "import sqlalchemy",
    ),
    "Only app.engines names back-ends": ("app/intake.py", "import fusion.vision.ocr"),
    "Inside app": ("app/store/__init__.py", "import app.api"),
}


def _lint(folder: Path) -> str:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout


def _verdicts(output: str) -> dict[str, str]:
    return dict(re.findall(r"^(.+?) (KEPT|BROKEN)", output, re.MULTILINE))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for room in ROOMS:
        shutil.copytree(HOUSE / room, tmp_path / room, ignore=shutil.ignore_patterns("static"))
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_deliberate_violation_breaks_its_contract(contract: str, copy: Path) -> None:
    file, line = VIOLATIONS[contract]
    path = copy / file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{text}\n{line}\n", encoding="utf-8")
    assert _verdicts(_lint(copy))[contract] == "BROKEN"


def test_every_contract_has_a_violation_and_is_kept() -> None:
    verdicts = _verdicts(_lint(HOUSE))
    assert set(verdicts) == set(VIOLATIONS)
    assert set(verdicts.values()) == {"KEPT"}


@pytest.mark.parametrize("source", ["web", "dialogue.types"])
def test_what_is_forbidden_of_dialogue_is_all_but_its_types(source: str) -> None:
    contracts = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (named,) = (
        set(contract["forbidden_modules"])
        for contract in contracts["contracts"]
        if source in contract.get("source_modules", ())
        and "dialogue.policy" in contract.get("forbidden_modules", ())
    )
    modules = {path.stem for path in (HOUSE / "dialogue").glob("[a-z]*")} - {"types"}
    assert {f"dialogue.{module}" for module in modules} <= named


def test_what_serves_by_default_does_without_torch() -> None:
    served = "app.__main__, app.main, fusion.feeling.head, fusion.understander"
    seen = "fusion.vision.lite, fusion.vision.ocr, fusion.vision.products"
    told = f"import sys, {served}, {seen}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], cwd=HOUSE, capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
