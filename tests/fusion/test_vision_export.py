"""The product recogniser as ONNX and in 8 bit answers as torch does."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dialogue.types import Picture
from fusion.vision.export import main

pytest.importorskip("onnxscript", reason="pip install -e '.[training]'")
HEAD = Path(__file__).parents[2] / "data" / "models" / "products"


@pytest.mark.slow
def test_the_exported_recogniser_answers_as_torch_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], photos: dict[str, Picture]
) -> None:
    rows = []
    for number, (product, picture) in enumerate(sorted(photos.items())):
        Image.fromarray(np.asarray(picture.pixels)).save(tmp_path / f"{number}.png")
        row = {"image": f"{number}.png", "fine_id": int(product)}
        rows += [{**row, "split": split} for split in ("train", "val")]
    lines = [json.dumps(row) for row in rows]
    (tmp_path / "manifest.jsonl").write_text("\n".join(lines))
    # main() itself refuses logits that differ.
    main([str(HEAD), str(tmp_path), str(tmp_path / "out")])
    table = json.loads(capsys.readouterr().out)
    assert table["onnx"]["agrees"] == 1.0
    assert table["onnx_int8"]["agrees"] >= 0.75
    assert table["onnx_int8"]["mb"] < table["onnx"]["mb"] / 2
    assert table["onnx"]["top1"] == table["torch"]["top1"]
