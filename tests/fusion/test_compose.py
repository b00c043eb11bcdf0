"""Composed turns say only what their parts say."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from fusion.config import ConfigError
from fusion.data.compose import Mix, compose, main

TEXTS = [{"text": f"my {p} is late", "product": p, "intent": "late"} for p in ("kiwi", "milk")]
PICTURES = [
    {"image": f"{p}{i}.jpg", "product": p} for p in ("kiwi", "milk", "beet") for i in (0, 1)
]


def made(mix: Mix, seed: int = 0) -> list[dict[str, Any]]:
    return compose(TEXTS, PICTURES, "product", 400, mix, random.Random(seed))


def test_a_photo_matches_if_it_shows_what_is_named() -> None:
    rows = made(Mix(wrong=0.5, missing=0.0, noise=0.0))
    for row in rows:
        assert row["image"].startswith(row["shown"])
        assert row["named"] in row["text"]
        assert row["match"] == ("yes" if row["shown"] == row["named"] else "no")
    assert sum(row["match"] == "no" for row in rows) / 400 == pytest.approx(0.5, abs=0.1)


def test_a_missing_part_takes_its_answers_with_it() -> None:
    rows = made(Mix(missing=0.5))
    assert all(("image" in row) == ("shown" in row) for row in rows)
    assert all(("text" in row) == ("named" in row) == ("intent" in row) for row in rows)
    assert all(("match" in row) == ("named" in row and "shown" in row) for row in rows)
    assert all("text" in row or "image" in row for row in rows)
    assert not [row for row in rows if "noise" in row and "image" not in row]


def test_the_same_seed_makes_the_same_rows() -> None:
    assert made(Mix()) == made(Mix()) != made(Mix(), seed=1)


def test_things_that_no_photo_shows_cannot_be_paired() -> None:
    with pytest.raises(ConfigError, match="too few values of product"):
        compose([{"text": "a", "product": "pear"}], PICTURES, "product", 1, Mix(), random.Random(0))


def test_paths_stay_right_from_another_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, rows in (("texts", TEXTS), ("pictures", PICTURES)):
        path = tmp_path / "in" / f"{name}.jsonl"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(json.dumps(row) for row in rows))
    out = tmp_path / "out" / "rows.jsonl"
    main([str(tmp_path / "in" / "texts.jsonl"), str(tmp_path / "in" / "pictures.jsonl"), str(out),
          "--rows", "5", "--missing", "0"])  # fmt: skip
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert all(row["image"].startswith("../in/") for row in rows)
    assert json.loads(capsys.readouterr().out)["image"] == 5
