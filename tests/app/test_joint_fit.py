"""`lingxi joint fit`: which languages' weights it fits, and where it starts from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app.commands import joint
from speech.joint.fit import Observation
from speech.joint.weights import Weights, read_weights

IN_USE = {"zh": Weights(phonetic=0.4), "en": Weights(phonetic=0.0, fit=0.5, literal=0.5)}


def observed(count: int) -> tuple[list[Observation], list[str]]:
    """The sound favours the right one of two readings, the language the wrong one."""
    views = np.log(np.full((2, 2, 2), 0.05))
    views[:, 0, 1] = views[:, 1, 0] = np.log(0.9)
    evidence = np.array([[0.0, 0.0, 0.0, 1.0, 0.0], [4.0, 0.0, -2.0, 0.0, 0.0]])
    each = Observation(evidence, np.array([0.5, 0.0]), views, 0)
    return [each] * count, [str(number) for number in range(count)]


def fitted(folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> dict[str, Weights]:
    """What is written where English was heard in thirty sentences and Chinese in two."""
    heard = {"en": observed(30), "zh": observed(2)}
    monkeypatch.setattr(joint, "_heard", lambda *_: heard)
    monkeypatch.setattr(joint, "joint_weights", lambda _: IN_USE)
    manifest, out = folder / "m.jsonl", folder / "weights.json"
    manifest.write_text(json.dumps({"audio": "a.wav", "intent": "x", "text": "y"}) + "\n", "utf-8")
    (folder / "a.wav").touch()
    ran = CliRunner().invoke(joint.joint, ["fit", str(manifest), "--out", str(out), *options])
    assert ran.exit_code == 0, ran.output
    return dict(read_weights(out))


def test_a_language_that_was_hardly_heard_keeps_its_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = fitted(tmp_path, monkeypatch)
    assert found["zh"] == IN_USE["zh"]
    assert found["en"].phonetic > IN_USE["en"].phonetic


def test_refining_stays_nearer_to_the_weights_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anew = fitted(tmp_path, monkeypatch)["en"]
    refined = fitted(tmp_path, monkeypatch, "--refine")["en"]
    before = IN_USE["en"]
    assert before.phonetic < refined.phonetic
    assert abs(refined.fit - before.fit) < abs(anew.fit - before.fit)
