"""Throughput of training and inference: python -m fusion.bench, on a GPU where there is one."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from fusion.losses import MultiModalLoss
from fusion.model import FusionModel
from fusion.padded import Padded, Steps, pad
from fusion.params import default_model

SIZES = (1, 4, 16, 64)
"""Rows per batch."""
WORDS, FRAMES, CELLS = 16, 250, 49
"""Steps of a usual turn: a sentence, five seconds of speech, one picture."""
SECONDS = 1.0
"""For which each cell of the table is measured."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Rows per second, fp32 and bf16, for inference and for a training step."""
    parser = argparse.ArgumentParser(prog="python -m fusion.bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="rows per batch")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="per figure")
    parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")
    options = parser.parse_args(arguments)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = default_model().to(device)
    rows = [
        measure(model, size, precision, kind, options.seconds)
        for kind in ("inference", "training")
        for size in options.sizes
        for precision in ("fp32", "bf16")
    ]
    found = {"device": described(device), "cuda": device == "cuda", "rows": rows}
    if options.json:
        sys.stdout.write(json.dumps(found) + "\n")
        return
    console = Console()
    console.print(f"device: {found['device']}")
    if device == "cpu":
        console.print("No GPU here: these are figures of the CPU.")
    console.print(
        "Features of the frozen encoders are given; what is measured is the fusion model."
    )
    console.print(_table(rows))


def measure(
    model: FusionModel, size: int, precision: str, kind: str, seconds: float
) -> dict[str, Any]:
    """Rows per second and milliseconds per batch, the middle of all runs."""
    device = next(model.parameters()).device
    batch = {name: each.to(device) for name, each in turns(size).items()}
    step = _trainer(model) if kind == "training" else _reader(model)

    def run() -> None:
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            step(batch)
        if device.type == "cuda":
            torch.cuda.synchronize()

    run()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    middle = sorted(times)[len(times) // 2]
    return {
        "kind": kind, "batch": size, "precision": precision,
        "ms": round(1000 * middle, 2), "rows_per_second": round(size / middle, 1),
    }  # fmt: skip


def turns(size: int) -> dict[str, Padded]:
    """A batch of made-up features of usual shape."""
    chance = torch.Generator().manual_seed(0)
    shapes = {"text": (WORDS + 1, 384), "audio": (FRAMES, 512), "image": (1, CELLS, 1280)}
    return {
        name: pad([Steps(torch.randn(*shape, generator=chance)) for _ in range(size)])
        for name, shape in shapes.items()
    }


def described(device: str) -> str:
    """The machine in words."""
    if device == "cuda":
        return str(torch.cuda.get_device_name())
    threads = torch.get_num_threads()
    return f"{platform.processor() or platform.machine()} CPU, {threads} threads"


def _reader(model: FusionModel) -> Callable[[dict[str, Padded]], None]:
    model.eval()

    def read(batch: dict[str, Padded]) -> None:
        with torch.inference_mode():
            model(batch)

    return read


def _trainer(model: FusionModel) -> Callable[[dict[str, Padded]], None]:
    model.train()
    device = next(model.parameters()).device
    loss = MultiModalLoss(model.config.tasks).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-4)

    def learn(batch: dict[str, Padded]) -> None:
        n = len(next(iter(batch.values())).mask)
        targets = {
            name: torch.zeros(
                n, dtype=torch.long if task.exclusive else torch.float32, device=device
            )
            for name, task in model.config.tasks.items()
        }
        optimizer.zero_grad(set_to_none=True)
        loss(model(batch), targets, torch.ones(n, device=device)).total.backward()
        optimizer.step()

    return learn


def _table(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table("", "batch", "fp32 ms", "bf16 ms", "fp32 rows/s", "bf16 rows/s")
    pairs = zip(rows[::2], rows[1::2], strict=True)
    for full, half in pairs:
        table.add_row(
            full["kind"], str(full["batch"]), f"{full['ms']:.1f}", f"{half['ms']:.1f}",
            f"{full['rows_per_second']:.0f}", f"{half['rows_per_second']:.0f}",
        )  # fmt: skip
    return table


if __name__ == "__main__":
    main()
