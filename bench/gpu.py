"""Live calls on a GPU, by Whisper's size and the number of callers: make bench-gpu.

The embedded base has its own weights. Small and large-v3-turbo are built in their published sizes
with random weights: right for time, and what they hear means nothing (every decoding runs to its
longest). Without a GPU it says so and measures the processor.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.table import Table
from whisper.model import ModelDimensions, Whisper

_TEXT, _AUDIO = 448, 1500


@dataclass(frozen=True, slots=True)
class Size:
    """A published size of Whisper."""

    mels: int
    width: int
    heads: int
    encoder: int
    decoder: int
    vocabulary: int


SIZES = {
    "small": Size(80, 768, 12, 12, 12, 51_865),
    "large-v3-turbo": Size(128, 1280, 20, 32, 4, 51_866),
}
COLUMNS = ("first_audio_ms", "answer_ms", "after_decision_ms")


def main(
    models: Annotated[str, typer.Option(help="Of base, small, large-v3-turbo.")] = (
        "base,small,large-v3-turbo"
    ),
    callers: Annotated[str, typer.Option(help="At once, each number in turn.")] = "1,4,16,64",
    turns: Annotated[int, typer.Option(help="Questions of each caller and language.")] = 3,
    out: Annotated[Path | None, typer.Option(help="All figures, as JSON.")] = None,
) -> None:
    """First audible sample at the caller for each size and number of callers."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    name = torch.cuda.get_device_name() if device == "cuda" else "no GPU here: the processor"
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for model in models.split(","):
            weights = "" if model == "base" else str(untrained(model, Path(folder)))
            for number in callers.split(","):
                found = _measured(weights, device, int(number), turns)
                rows.append({"model": model, "weights": "random" if weights else "own", **found})
                _show(name, rows)
    if out:
        out.write_text(json.dumps({"device": name, "rows": rows}, indent=1), "utf-8")


def untrained(model: str, folder: Path) -> Path:
    """A checkpoint in `folder` of the size named `model`, with random weights."""
    size = SIZES[model]
    dims = ModelDimensions(
        n_mels=size.mels,
        n_audio_ctx=_AUDIO,
        n_audio_state=size.width,
        n_audio_head=size.heads,
        n_audio_layer=size.encoder,
        n_vocab=size.vocabulary,
        n_text_ctx=_TEXT,
        n_text_state=size.width,
        n_text_head=size.heads,
        n_text_layer=size.decoder,
    )
    torch.manual_seed(0)
    built = Whisper(dims)
    torch.nn.init.normal_(built.decoder.positional_embedding, std=0.02)
    path = folder / f"{model}.pt"
    torch.save({"dims": asdict(dims), "model_state_dict": built.state_dict()}, path)
    return path


def _measured(weights: str, device: str, callers: int, turns: int) -> dict[str, Any]:
    settings = {
        "LINGXI_SPEECH__RECOGNIZER": "openai-whisper",
        "LINGXI_SPEECH__DEVICE": device,
        "LINGXI_SPEECH__WHISPER": weights,
    }
    asked = ["--sessions", str(callers), "--turns", str(turns), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "app", "bench", "voice", *asked],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if not done.stdout.strip():
        return {"callers": callers, "failed": done.returncode}
    return {"callers": callers, **json.loads(done.stdout.splitlines()[-1])}


def _show(device: str, rows: list[dict[str, Any]]) -> None:
    table = Table("Whisper", "callers", title=device, box=None)
    for column in (*COLUMNS, "lost", "server"):
        table.add_column(column)
    for row in rows:
        waits = [_waits(row.get(column) or {}) for column in COLUMNS]
        server = json.dumps(row.get("server", {"failed": row.get("failed")}))
        name = f"{row['model']} ({row['weights']} weights)"
        table.add_row(name, str(row["callers"]), *waits, str(row.get("lost", "")), server)
    Console(width=200).print(table)


def _waits(figures: dict[str, float]) -> str:
    return f"{figures['p50']:.0f} / {figures['p90']:.0f}" if figures else "–"


if __name__ == "__main__":
    typer.run(main)
