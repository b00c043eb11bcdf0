"""Parameters of the shared system and of one model per task: python -m fusion.params."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from torch import nn

from fusion.checkpoint import load_checkpoint
from fusion.config import ModelConfig, model_config
from fusion.extractors import efficientnet
from fusion.model import PARTS, FusionModel
from fusion.packed import packaged, read_packed

TASKS = ("intent", "sentiment", "emotion", "urgency", "product")
WHISPER_BASE = {"width": 512, "layers": 6, "mels": 80, "positions": 1500}
"""Encoder of Whisper base (Radford et al. 2023, table 1)."""


@dataclass(frozen=True, slots=True)
class Row:
    """A module and how many numbers it learned."""

    part: str
    """What it is for."""
    model: str
    parameters: int


BASELINE = (
    Row("text → intent", "distilbert-base-multilingual-cased", 134_000_000),
    Row("text → sentiment", "distilbert-base-multilingual-cased", 134_000_000),
    Row("text → emotion", "distilbert-base-multilingual-cased", 134_000_000),
    Row("text → urgency", "distilbert-base-multilingual-cased", 134_000_000),
    Row("voice → sentiment", "wav2vec2-base", 95_000_000),
    Row("voice → emotion", "wav2vec2-base", 95_000_000),
    Row("voice → urgency", "wav2vec2-base", 95_000_000),
    Row("picture → product", "EfficientNet-B0", 5_300_000),
)
"""What a practitioner would fine-tune for each, with its size as its authors publish it.

The smallest well-known model that reads Chinese and English, and the smallest self-supervised one
that hears: XLM-RoBERTa (278 million) or a large wav2vec 2.0 would make the saving look better.
"""
FRUGAL = (
    *(Row(f"text → {task}", "multilingual-e5-small", 118_000_000) for task in TASKS[:4]),
    *(Row(f"voice → {task}", "Whisper base, encoder", 20_600_000) for task in TASKS[1:4]),
    Row("picture → product", "EfficientNet-Lite0", 4_700_000),
)
"""The same questions with our own encoders, a copy for each."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints both sides, module by module, and the saving."""
    parser = argparse.ArgumentParser(prog="python -m fusion.params", description=__doc__)
    parser.add_argument("--checkpoint", type=Path, help="count this model instead of the default")
    parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")
    options = parser.parse_args(arguments)
    model = load_checkpoint(options.checkpoint).model if options.checkpoint else default_model()
    shared = shared_rows(model)
    sides = {"shared": shared, "baseline": BASELINE, "frugal_baseline": FRUGAL}
    totals = {name: sum(row.parameters for row in rows) for name, rows in sides.items()}
    savings = {
        f"saving_against_{name}": round(1 - totals["shared"] / totals[name], 4)
        for name in ("baseline", "frugal_baseline")
    }
    if options.json:
        rows = {name: [asdict(row) for row in side] for name, side in sides.items()}
        sys.stdout.write(json.dumps({"rows": rows, "totals": totals, **savings}) + "\n")
        return
    console = Console()
    for name, side in sides.items():
        console.print(_table(name.replace("_", " "), side, totals[name]))
    for name, saving in savings.items():
        console.print(f"{name.replace('_', ' ')}: {saving:.1%} fewer parameters")


def default_model() -> FusionModel:
    """The product's three modalities and five tasks at the library's default size."""
    return FusionModel(default_config())


def default_config() -> ModelConfig:
    """Text, voice and picture on frozen extractors, one shared trunk."""
    labels = {"intent": 40, "sentiment": 3, "emotion": 8, "product": 81}
    tasks = {
        name: {"kind": "classification", "labels": [str(i) for i in range(n)]}
        for name, n in labels.items()
    } | {"urgency": {"kind": "regression"}}
    return model_config({"modalities": {"text": {}, "audio": {}, "image": {}}, "tasks": tasks})


def shared_rows(model: FusionModel) -> list[Row]:
    """Every network behind one turn, frozen or trained, counted once."""
    frozen = {
        "text": Row("text encoder, frozen", "multilingual-e5-small", e5_parameters()),
        "audio": Row("voice encoder, frozen", "Whisper base, encoder", whisper_parameters()),
        "image": Row("picture encoder, frozen", "EfficientNet-Lite0", count(efficientnet().model)),
    }
    rows = [row for name, row in frozen.items() if name in model.modalities]
    return rows + [Row(f"fusion: {part}", "ours", count(getattr(model, part))) for part in PARTS]


def count(module: nn.Module) -> int:
    """Numbers that were or can be learned."""
    return sum(p.numel() for p in module.parameters())


def e5_parameters() -> int:
    """Numbers in the packed file; its 4-bit weights are counted one by one."""
    packed = read_packed(packaged())
    return sum(packed.sizes())


def whisper_parameters() -> int:
    """From the published shape, so that no weights are needed to count them."""
    width, mels = WHISPER_BASE["width"], WHISPER_BASE["mels"]
    convolutions = (3 * mels * width + width) + (3 * width * width + width)
    # Keys have no bias in Whisper.
    attention = 4 * width * width + 3 * width
    feed_forward = 8 * width * width + 5 * width
    layer = attention + feed_forward + 4 * width
    positions = WHISPER_BASE["positions"] * width
    return convolutions + positions + WHISPER_BASE["layers"] * layer + 2 * width


def _table(title: str, rows: Sequence[Row], total: int) -> Table:
    table = Table("part", "model", "parameters", title=title, title_justify="left")
    table.columns[2].justify = "right"
    for row in rows:
        table.add_row(row.part, row.model, f"{row.parameters:,}")
    table.add_section()
    table.add_row("total", "", f"{total:,}")
    return table


if __name__ == "__main__":
    main()
