"""Smaller fusion models, before and after: python bench/smaller.py FOLDER.

FOLDER is one that `bench/composed.py` trained in (`zh/features-alone`). Its first model is the
teacher: a student half as wide, and one that only hears, each with and without it; then the
teacher and the student as ONNX and in 8 bit. Milliseconds are of one run and compare with each
other alone.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import torch
from composed import score
from gated import rated

from fusion.checkpoint import load_checkpoint
from fusion.export import main as export
from fusion.params import count
from fusion.recipe import read_recipe
from fusion.train import train

TEACHER = "gated-agree-asked-0"
STUDENTS: dict[str, dict[str, Any]] = {
    "hears only": {"modalities": ("voice",), "tasks": ("sentiment",)},
    "half as wide": {"model": {"width": 32, "layers": 1, "heads": 4, "dropout": 0.2}},
}


def main() -> None:
    """Prints a JSON object a line, as they are ready."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    torch.set_num_threads(1)
    tell("teacher", weighed(folder, folder / TEACHER))
    tell("teacher, exported", exported(folder, folder / TEACHER))
    for name, change in STUDENTS.items():
        for taught in (False, True):
            out = learned(folder, name, change, taught=taught)
            tell(f"{name}, {'taught' if taught else 'alone'}", weighed(folder, out))
    tell("half as wide, exported", exported(folder, folder / "half-as-wide-True"))


def tell(name: str, found: dict[str, Any]) -> None:
    """One line."""
    sys.stdout.write(json.dumps({name: found}) + "\n")
    sys.stdout.flush()


def learned(folder: Path, name: str, change: dict[str, Any], *, taught: bool) -> Path:
    """Trains one student by the teacher's recipe, changed."""
    recipe = json.loads((folder / f"{TEACHER}.json").read_text())
    for part in ("modalities", "tasks"):
        recipe[part] = {
            k: v for k, v in recipe[part].items() if k in change.get(part, recipe[part])
        }
    recipe["model"] = change.get("model", recipe["model"])
    recipe["out"] = f"{name.replace(' ', '-')}-{taught}"
    if taught:
        recipe |= {"teacher": TEACHER, "loss": recipe["loss"] | {"distil": 1.0}}
    path = folder / f"{recipe['out']}.json"
    path.write_text(json.dumps(recipe))
    train(read_recipe(path))
    return folder / recipe["out"]


def weighed(folder: Path, out: Path) -> dict[str, Any]:
    """Parameters, and scores on the turns for reporting."""
    model = load_checkpoint(out).model
    kinds = ("agree", "asked") if "product" in model.tasks else ("agree",)
    return {"parameters": count(model)} | rated(folder, out, kinds, score)


def exported(folder: Path, out: Path) -> dict[str, Any]:
    """The table of `python -m fusion.export` on report turns that have every modality."""
    told = io.StringIO()
    with redirect_stdout(told):
        export([str(out), str(folder / "report-agree.jsonl"), str(out / "exported")])
    table: dict[str, Any] = json.loads(told.getvalue())
    return table


if __name__ == "__main__":
    main()
