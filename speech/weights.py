"""Model files that come in pieces inside packages, put together once in a cache folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

Progress = Callable[[str, float], None]
"""Called with a file's name and the share of it that is done, 0 to 1."""

_BLOCK = 1 << 22


class BrokenWeights(RuntimeError):  # noqa: N818 - says what is the matter
    """A model file is not what it should be; the message says which package to reinstall."""


def join(
    parts: Sequence[Traversable], target: Path, sha256: str, progress: Progress | None = None
) -> Path:
    """`parts` end to end as `target`, verified; at once when it is there already.

    Two processes may do it together: each writes its own file, and the rename is atomic.
    """
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        digest = _write(parts, handle, target.name, progress)
        if digest != sha256:
            raise BrokenWeights(
                f"{target.name} has sha256 {digest[:12]}…, expected {sha256[:12]}…; "
                "reinstall the packages that carry it"
            )
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
    return target


def copy(source: Traversable, target: Path) -> Path:
    """`source` as the file `target`, written atomically."""
    if not target.exists():
        join([source], target, hashlib.sha256(source.read_bytes()).hexdigest())
    return target


def _write(parts: Sequence[Traversable], handle: int, name: str, progress: Progress | None) -> str:
    digest = hashlib.sha256()
    with os.fdopen(handle, "wb") as out:
        for number, part in enumerate(parts, 1):
            with part.open("rb") as piece:
                while block := piece.read(_BLOCK):
                    out.write(block)
                    digest.update(block)
            if progress:
                progress(name, number / len(parts))
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()
