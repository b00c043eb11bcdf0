"""Vectors: embeddings of the texts asked for last, kept for the next start and searched."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dialogue.engines import Embedder, Vectors

Floats = NDArray[np.float32]
_NONE: tuple[list[bytes], Floats] = ([], np.zeros((0, 1), np.float32))
PROBE = "你好, where is my order?"
SAME = 0.999
"""Cosine above which two embedders are the same one, rounding on another processor aside."""
DIGEST = 16
"""Bytes that stand for a text: the file holds no words."""


class KeptVectors:
    """An embedder that asks another only for texts that a shelf of `vectors` does not know.

    Afterwards the shelf holds the texts asked for and no others: what left the training set or an
    article is gone.
    """

    def __init__(self, embedder: Embedder, vectors: Vectors, shelf: str) -> None:
        self._embedder, self._vectors, self._shelf = embedder, vectors, shelf

    def embed(self, texts: Sequence[str]) -> Floats:
        """(n, width) unit-length vectors, one per text, in order."""
        names = [name_of(text) for text in texts]
        probe = self._embedder.embed([PROBE])[0]
        known = dict(self._vectors.kept(self._shelf))
        if not _same(known.get(name_of(PROBE)), probe):
            known = {}
        new = {name: text for name, text in zip(names, texts, strict=True) if name not in known}
        if new:
            known.update(zip(new, self._embedder.embed(list(new.values())), strict=True))
        kept = {name: known[name] for name in names} | {name_of(PROBE): probe}
        if new or len(kept) < len(known):
            self._vectors.keep(self._shelf, kept)
        return np.stack([kept[name] for name in names])


class LocalVectors:
    """Implements `Vectors` in memory, and with a folder in one file a shelf."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._shelves: dict[str, tuple[list[bytes], Floats]] = {}

    def kept(self, shelf: str) -> Mapping[bytes, Floats]:
        """What the shelf holds; nothing where its file cannot be read."""
        if shelf not in self._shelves:
            self._shelves[shelf] = _read(self._folder / f"{shelf}.npz") if self._folder else _NONE
        names, rows = self._shelves[shelf]
        return dict(zip(names, rows, strict=True))

    def keep(self, shelf: str, vectors: Mapping[bytes, Floats]) -> None:
        """Puts `vectors` in the place of everything that `shelf` held."""
        names, rows = list(vectors), np.stack(list(vectors.values()))
        self._shelves[shelf] = names, rows
        if self._folder:
            _write(self._folder / f"{shelf}.npz", names, rows)

    def nearest(self, shelf: str, asked: Floats, n: int) -> Mapping[bytes, float]:
        """The `n` nearest to `asked` and their cosines, by comparing all."""
        names, rows = self._shelves.get(shelf, _NONE)
        if not names:
            return {}
        near = rows @ asked
        best = range(len(names)) if len(names) <= n else np.argpartition(-near, n)[:n].tolist()
        return {names[i]: float(near[i]) for i in best}


def name_of(text: str) -> bytes:
    """What stands for `text` in a shelf, which holds no words."""
    return hashlib.blake2b(text.encode(), digest_size=DIGEST).digest()


def _same(one: Floats | None, other: Floats) -> bool:
    return one is not None and one.shape == other.shape and float(one @ other) >= SAME


def _read(path: Path) -> tuple[list[bytes], Floats]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            names, rows = stored["names"], stored["rows"]
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return _NONE
    return [name.tobytes() for name in names], rows


def _write(path: Path, names: Sequence[bytes], rows: Floats) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    table = np.frombuffer(b"".join(names), np.uint8).reshape(-1, DIGEST)
    np.savez(partial, allow_pickle=False, names=table, rows=rows)
    partial.replace(path)
