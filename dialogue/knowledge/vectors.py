"""Vectors of articles' texts, each computed once and kept between starts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dialogue.engines import Embedder

_PROBE = "灵犀 knowledge"
"""Its vector stands for the embedder: another model is another file."""


def vectors_of(texts: Sequence[str], embedder: Embedder, cache: Path | None) -> NDArray[np.float32]:
    """(n, width) vectors of `texts`; those that `cache`, a folder, holds are not computed anew."""
    if cache is None:
        return embedder.embed(texts)
    probe = str(embedder.embed([_PROBE])[0].round(2).tolist())
    path = cache / f"texts-{_key(probe)}.npz"
    known = _read(path)
    keys = [_key(text) for text in texts]
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if new:
        made = embedder.embed([*new.values()]).astype(np.float16)
        known |= dict(zip(new, made, strict=True))
        _write(path, known)
    return np.stack([known[key] for key in keys]).astype(np.float32)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read(path: Path) -> dict[str, NDArray[np.float16]]:
    if not path.is_file():
        return {}
    with np.load(path) as kept:
        return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))


def _write(path: Path, known: dict[str, NDArray[np.float16]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, keys=np.array([*known]), vectors=np.stack([*known.values()]))
    partial.replace(path)
