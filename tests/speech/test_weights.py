from __future__ import annotations

import hashlib
import multiprocessing
from pathlib import Path

import pytest

from speech.weights import BrokenWeights, join


def parts(folder: Path) -> tuple[list[Path], str]:
    made = []
    for number, content in enumerate((b"one" * 1000, b"two" * 1000)):
        made.append(folder / f"part{number}")
        made[-1].write_bytes(content)
    return made, hashlib.sha256(b"one" * 1000 + b"two" * 1000).hexdigest()


def test_pieces_are_joined_verified_and_reported(tmp_path: Path) -> None:
    pieces, sha256 = parts(tmp_path)
    seen: list[tuple[str, float]] = []
    made = join(pieces, tmp_path / "out" / "model.bin", sha256, lambda *p: seen.append(p))
    assert made.read_bytes() == b"one" * 1000 + b"two" * 1000
    assert seen == [("model.bin", 0.5), ("model.bin", 1.0)]


def test_broken_pieces_leave_nothing_behind(tmp_path: Path) -> None:
    pieces, _ = parts(tmp_path)
    target = tmp_path / "out" / "model.bin"
    with pytest.raises(BrokenWeights, match="reinstall"):
        join(pieces, target, "0" * 64)
    assert list(target.parent.iterdir()) == []


def test_two_processes_may_join_at_once(tmp_path: Path) -> None:
    pieces, sha256 = parts(tmp_path)
    target = tmp_path / "out" / "model.bin"
    jobs = [
        multiprocessing.get_context("spawn").Process(target=join, args=(pieces, target, sha256))
        for _ in range(2)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert [job.exitcode for job in jobs] == [0, 0]
    assert [p.name for p in target.parent.iterdir()] == ["model.bin"]


def test_whisper_comes_out_of_its_packages_complete(whisper_folder: Path) -> None:
    names = {p.name for p in whisper_folder.iterdir()}
    assert names == {"model.bin", "config.json", "tokenizer.json", "vocabulary.txt"}
