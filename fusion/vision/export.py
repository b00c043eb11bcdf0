"""The product recogniser as ONNX and in 8 bit: python -m fusion.vision.export HEAD DATA OUT."""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from dialogue.types import Picture
from fusion.config import ConfigError
from fusion.softmax import SoftmaxHead, load_head
from fusion.vision.efficientnet import EfficientNetLite0
from fusion.vision.photos import preprocess

Floats = NDArray[np.float32]

CLOSE = 5e-3
"""Largest difference between logits of torch and of ONNX."""
CALIBRATED = 64
"""Training photos whose activations set the 8-bit ranges."""
RUNS = 30
BATCH = 8
EDGES = ("pixels", "logits")


class Recognizer(nn.Module):
    """Pixels to the head's logits, in one piece."""

    def __init__(self, encoder: EfficientNetLite0, head: SoftmaxHead) -> None:
        super().__init__()
        self.encoder = nn.Sequential(encoder.lower, encoder.upper)
        self.linear = nn.Linear(*head.weight.shape[::-1])
        # The centre goes into the bias: (x - c)·w·s + b is x·(w·s) + (b - c·w·s).
        weight = head.weight * head.scale
        bias = head.bias - weight @ head.centre
        self.linear.load_state_dict(
            {"weight": torch.from_numpy(weight), "bias": torch.from_numpy(bias)}
        )
        self.temperature = head.temperature

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, classes) from (n, 3, 224, 224) as `preprocess` gives them."""
        features = nn.functional.normalize(self.encoder(pixels), dim=1)
        logits: Tensor = self.linear(features)
        return logits / self.temperature


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes products.onnx and products.int8.onnx; prints size, time and score of each."""
    parser = argparse.ArgumentParser(prog="python -m fusion.vision.export", description=__doc__)
    parser.add_argument("head", type=Path, help="folder of fusion.vision.train")
    parser.add_argument("data", type=Path, help="folder with manifest.jsonl")
    parser.add_argument("out", type=Path)
    options = parser.parse_args(arguments)
    rows = [json.loads(x) for x in (options.data / "manifest.jsonl").read_text().splitlines()]
    known = [row for row in rows if row["split"] == "train"]
    random.Random(0).shuffle(known)  # noqa: S311 - not for secrets
    shown = [pixels(options.data / row["image"]) for row in known[:CALIBRATED]]
    unseen = [row for row in rows if row["split"] != "train"]
    photos = np.stack([pixels(options.data / row["image"]) for row in unseen])
    head = load_head(options.head / "head.safetensors")
    encoder = EfficientNetLite0(tuned=options.head / "upper.safetensors")
    model = Recognizer(encoder, head).eval()
    options.out.mkdir(parents=True, exist_ok=True)
    full, small = options.out / "products.onnx", options.out / "products.int8.onnx"
    export(model, photos[:2], full)
    quantise(full, small, shown)
    truth = [head.labels.index(str(row["fine_id"])) for row in unseen]
    ways = {"torch": reader(model), "onnx": session(full), "onnx_int8": session(small)}
    parameters = sum(p.numel() for p in model.parameters())
    sizes = {
        "torch": 4 * parameters,
        "onnx": full.stat().st_size,
        "onnx_int8": small.stat().st_size,
    }
    expected = answers(ways["torch"], photos)
    table = {
        name: {"mb": round(sizes[name] / 1e6, 2)} | report(read, photos, truth, expected)
        for name, read in ways.items()
    }
    sys.stdout.write(json.dumps(table) + "\n")


def pixels(photo: Path) -> Floats:
    """(3, 224, 224) of a file."""
    with Image.open(photo) as image:
        return preprocess(Picture(np.asarray(image.convert("RGB"))))


def export(model: Recognizer, photos: Floats, path: Path) -> None:
    """Writes `path`, for any number of photos. ConfigError where answers differ."""
    try:
        import onnxscript  # noqa: F401 - what torch needs, and would only name in a long trace
    except ImportError as error:
        raise ConfigError("onnx is missing: pip install -e '.[training]'") from error
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # The exporter warns of its own parts.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, (torch.from_numpy(photos),), str(path), input_names=EDGES[:1],
            output_names=EDGES[1:], dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
            dynamo=True, external_data=False, verbose=False,
        )  # fmt: skip
    worst = float(np.abs(reader(model)(photos) - session(path)(photos)).max())
    if worst > CLOSE:
        raise ConfigError(f"{path}: logits differ from torch's by {worst:.2g}")


def quantise(full: Path, small: Path, shown: Sequence[Floats]) -> None:
    """Weights in 8 bit by channel, activations in 8 bit by the ranges that photos `shown` need.

    The first convolution and those of single channels stay as they are: they hold 4 % of the
    weights and most of what 8 bits get wrong. Weights use seven of the eight bits, since processors
    without VNNI add pairs of products in 16 bits, which overflow.
    """
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)  # it recommends a preparation that the exporter has done
    try:
        quantize_static(
            full, small, Shown(shown), quant_format=QuantFormat.QDQ, per_channel=True,
            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, reduce_range=True,
            op_types_to_quantize=["Conv"], nodes_to_exclude=_delicate(full),
        )  # fmt: skip
    finally:
        root.setLevel(before)


def _delicate(path: Path) -> list[str]:
    """Names of the first convolution and of the depthwise ones."""
    import onnx

    convolutions = [node for node in onnx.load(path).graph.node if node.op_type == "Conv"]
    single = [
        node.name
        for node in convolutions
        if any(told.name == "group" and told.i > 1 for told in node.attribute)
    ]
    return [convolutions[0].name, *single]


class Shown:
    """Photos one by one, as the calibration reads them."""

    def __init__(self, shown: Sequence[Floats]) -> None:
        self._left: Iterator[Floats] = iter(shown)

    def get_next(self) -> dict[str, Floats] | None:
        """The next photo; None after the last."""
        photo = next(self._left, None)
        return None if photo is None else {EDGES[0]: photo[None]}


Reader = Callable[[Floats], Floats]


def reader(model: Recognizer) -> Reader:
    """Answers by torch."""

    @torch.inference_mode()
    def read(photos: Floats) -> Floats:
        return np.asarray(model(torch.from_numpy(photos)).numpy())

    return read


def session(path: Path) -> Reader:
    """Answers by ONNX Runtime."""
    import onnxruntime

    opened = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return lambda photos: np.asarray(opened.run([EDGES[1]], {EDGES[0]: photos})[0])


def answers(read: Reader, photos: Floats) -> Floats:
    """(n, classes)"""
    return np.concatenate([read(photos[at : at + BATCH]) for at in range(0, len(photos), BATCH)])


def report(read: Reader, photos: Floats, truth: Sequence[int], expected: Floats) -> dict[str, Any]:
    """Milliseconds for one photo, top-1, top-5, and how often the best answer is torch's."""
    found = answers(read, photos)
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        read(photos[:1])
        times.append(time.perf_counter() - start)
    best = np.argsort(-found, axis=1)
    hits = {n: np.mean([t in row[:n] for t, row in zip(truth, best, strict=True)]) for n in (1, 5)}
    return {
        "ms": round(1000 * sorted(times)[RUNS // 2], 2),
        "agrees": round(float((best[:, 0] == expected.argmax(axis=1)).mean()), 4),
        **{f"top{n}": round(float(share), 4) for n, share in hits.items()},
    }


if __name__ == "__main__":
    main()
