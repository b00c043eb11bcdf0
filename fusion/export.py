"""Export to ONNX and to 8 bit, checked: python -m fusion.export CHECKPOINT MANIFEST OUT."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fusion.checkpoint import FILE, load_checkpoint
from fusion.config import ConfigError
from fusion.data.collate import Batch, collate
from fusion.data.dataset import MultiModalDataset
from fusion.data.media import RowError
from fusion.data.prepared import PreparedRows
from fusion.evaluate import task_scores
from fusion.model import FusionModel
from fusion.padded import Padded

FIELDS = ("values", "mask", "times")
CLOSE = 1e-3
"""Largest difference between logits of torch and of ONNX."""
RUNS = 20


class Flat(nn.Module):
    """The model with plain tensors in and out: three per modality, and the quality."""

    def __init__(self, model: FusionModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Logits of each task, then modality weights and the cross-modal ratio."""
        names = self.model.modalities
        batch = {name: Padded(*tensors[3 * i : 3 * i + 3]) for i, name in enumerate(names)}
        found = self.model(batch, tensors[-1])
        return (
            *(found.logits[task] for task in self.model.tasks),
            found.weights,
            found.cross_modal,
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes model.onnx and model.int8.onnx; prints size, time and score of each."""
    parser = argparse.ArgumentParser(prog="python -m fusion.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("manifest", type=Path, help="rows to compare answers and scores on")
    parser.add_argument("out", type=Path)
    options = parser.parse_args(arguments)
    try:
        table = export(options.checkpoint, options.manifest, options.out)
    except (ConfigError, RowError) as error:
        sys.exit(str(error))
    sys.stdout.write(json.dumps(table) + "\n")


def export(checkpoint: Path, manifest: Path, out: Path) -> dict[str, dict[str, Any]]:
    """Writes both files to `out`; what `report` says of torch, ONNX and 8-bit ONNX."""
    model = load_checkpoint(checkpoint).model
    rows = whole_rows(model, manifest)
    full, small = out / "model.onnx", out / "model.int8.onnx"
    out.mkdir(parents=True, exist_ok=True)
    export_onnx(model, rows, full)
    quantise(full, small)
    torch_path = checkpoint / FILE if checkpoint.is_dir() else checkpoint
    expected = _reader(model)(rows)
    return {
        "torch": report(torch_path, model, rows, _reader(model), expected),
        "onnx": report(full, model, rows, _session(model, full), expected),
        "onnx_int8": report(small, model, rows, _session(model, small), expected),
    }


def whole_rows(model: FusionModel, manifest: Path) -> Batch:
    """The rows of `manifest` that have every modality, as one batch. ConfigError without any."""
    dataset = MultiModalDataset.from_manifest(manifest, model.modalities, model.tasks)
    dataset.rows = [row for row in dataset.rows if len(row.values) == len(model.modalities)]
    if not dataset.rows:
        raise ConfigError(f"{manifest}: no row has every modality; compare on one that does")
    prepared = PreparedRows(dataset, model.encoders, model.config.tasks)  # type: ignore[arg-type]
    prepared.read(range(len(dataset)), skip_bad=False)
    rows = prepared.take(range(len(prepared)))
    return collate(rows, model.modalities, [set()] * len(rows))


def export_onnx(model: FusionModel, rows: Batch, path: Path) -> None:
    """Writes `path`, for any number of rows and steps. ConfigError where answers differ."""
    try:
        import onnxscript  # noqa: F401 - what torch needs, and would only name in a long trace
    except ImportError as error:
        raise ConfigError("onnx is missing: pip install -e '.[training]'") from error
    tensors = _tensors(model, rows)
    dynamic = torch.export.Dim.DYNAMIC
    shapes = (*({0: dynamic, 1: dynamic} for _ in tensors[:-1]), {0: dynamic})
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # The exporter warns of its own parts.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Flat(model).eval(), tensors, str(path), input_names=_names(model),
            output_names=[*model.tasks, "weights", "cross_modal"], dynamic_shapes=(shapes,),
            dynamo=True, external_data=False, verbose=False,
        )  # fmt: skip
    expected, found = _reader(model)(rows), _session(model, path)(rows)
    worst = max(float(np.abs(expected[task] - found[task]).max()) for task in model.tasks)
    if worst > CLOSE:
        raise ConfigError(f"{path}: logits differ from torch's by {worst:.2g}")


def quantise(full: Path, small: Path) -> None:
    """Matrices in 8 bit, activations as they come: for the processor."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)  # it recommends a preparation that the exporter has done
    try:
        quantize_dynamic(
            full, small, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gemm"]
        )
    finally:
        root.setLevel(before)


Reader = Callable[[Batch], dict[str, NDArray[np.float32]]]


def report(
    path: Path, model: FusionModel, rows: Batch, read: Reader, expected: dict[str, NDArray[Any]]
) -> dict[str, Any]:
    """Megabytes, milliseconds for one row, the score of each task, and how often it is torch's.

    `agrees` is the share of rows with the same best class, of a regression or of several labels
    the largest difference of logits.
    """
    logits = read(rows)
    one = _first(rows)
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        read(one)
        times.append(time.perf_counter() - start)
    scores = {
        name: round(
            task_scores(torch.from_numpy(logits[name]), rows.targets[name], task)["score"], 4
        )
        for name, task in model.config.tasks.items()
    }
    size = path.stat().st_size / 1e6
    agrees = {
        name: _agreement(logits[name], expected[name], exclusive=task.exclusive)
        for name, task in model.config.tasks.items()
    }
    middle = round(1000 * sorted(times)[RUNS // 2], 2)
    return {"mb": round(size, 2), "ms": middle, "scores": scores, "agrees": agrees}


def _agreement(one: NDArray[Any], other: NDArray[Any], *, exclusive: bool) -> float:
    if exclusive:
        return round(float((one.argmax(axis=1) == other.argmax(axis=1)).mean()), 4)
    return round(float(np.abs(one - other).max()), 4)


def _reader(model: FusionModel) -> Reader:
    def read(rows: Batch) -> dict[str, NDArray[np.float32]]:
        with torch.inference_mode():
            found = model.eval()(rows.inputs, rows.quality).logits
        return {name: logits.numpy() for name, logits in found.items()}

    return read


def _session(model: FusionModel, path: Path) -> Reader:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    taken = {each.name for each in session.get_inputs()}

    def read(rows: Batch) -> dict[str, NDArray[np.float32]]:
        pairs = zip(_names(model), _tensors(model, rows), strict=True)
        given = {name: tensor.numpy() for name, tensor in pairs if name in taken}
        found: Any = session.run(list(model.tasks), given)
        return dict(zip(model.tasks, found, strict=True))

    return read


def _names(model: FusionModel) -> list[str]:
    return [f"{name}_{field}" for name in model.modalities for field in FIELDS] + ["quality"]


def _tensors(model: FusionModel, rows: Batch) -> tuple[Tensor, ...]:
    inputs = [getattr(rows.inputs[name], field) for name in model.modalities for field in FIELDS]
    return (*inputs, rows.quality)


def _first(rows: Batch) -> Batch:
    inputs = {n: Padded(p.values[:1], p.mask[:1], p.times[:1]) for n, p in rows.inputs.items()}
    targets = {name: each[:1] for name, each in rows.targets.items()}
    return Batch(inputs, rows.quality[:1], targets, rows.weight[:1])


if __name__ == "__main__":
    main()
