"""Reads text in pictures with RapidOCR (PP-OCRv6, Chinese and English)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dialogue.types import Picture

DETECTION_SIDE = 960
"""Pixels the longest side is reduced to for finding lines; reading uses the full picture."""
SAME_LINE = 0.5
"""Boxes whose middles are nearer than this share of their height stand on one line."""

Box = tuple[float, float, float, str]
"""Left, middle and height in pixels, and the text."""


class RapidTextReader:
    """RapidOCR on the CPU, without the upside-down classifier."""

    def __init__(self, threads: int = 2, side: int = DETECTION_SIDE) -> None:
        from rapidocr import RapidOCR

        self._engine: Any = RapidOCR(params=_settings(threads, side))
        # The package sets up a coloured handler of its own on standard error.
        logging.getLogger("RapidOCR").handlers.clear()
        self._lock = threading.Lock()

    def read(self, picture: Picture) -> tuple[str, ...]:
        """Lines of text, top to bottom; none where there is no text. Thread-safe."""
        bgr = np.ascontiguousarray(picture.pixels[:, :, ::-1])
        # One picture at a time: two would compete for the same cores.
        with self._lock:
            found = self._engine(bgr)
        if found.boxes is None or found.txts is None:
            return ()
        return lines(found.boxes, found.txts)


def lines(boxes: NDArray[np.float32], texts: Sequence[str]) -> tuple[str, ...]:
    """Boxes (n, 4 corners, 2) joined into lines, left to right and top to bottom."""
    pieces = sorted((_box(b, t) for b, t in zip(boxes, texts, strict=True)), key=lambda p: p[1])
    rows: list[list[Box]] = []
    for piece in pieces:
        if rows and _same_line(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return tuple(" ".join(piece[3] for piece in sorted(row)) for row in rows)


def _box(corners: NDArray[np.float32], text: str) -> Box:
    x, y = corners[:, 0], corners[:, 1]
    return float(x.min()), float(y.mean()), float(y.max() - y.min()), text.strip()


def _same_line(one: Box, other: Box) -> bool:
    return abs(one[1] - other[1]) < SAME_LINE * min(one[2], other[2])


def _settings(threads: int, side: int) -> dict[str, Any]:
    return {
        "Global.use_cls": False,
        "Global.log_level": "error",
        "Det.limit_type": "max",
        "Det.limit_side_len": side,
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,
    }
