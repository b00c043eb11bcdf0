"""The count of parameters, and the benchmark's shapes."""

from __future__ import annotations

import json

import pytest

from fusion.bench import main as bench
from fusion.params import BASELINE, e5_parameters, main, whisper_parameters


def test_the_shared_system_is_much_smaller_than_a_model_per_task(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["totals"]["shared"] == sum(row["parameters"] for row in found["rows"]["shared"])
    assert found["totals"]["baseline"] == sum(row.parameters for row in BASELINE)
    assert found["saving_against_baseline"] > 0.42
    assert found["saving_against_frugal_baseline"] > 0.42


def test_frozen_encoders_have_their_published_sizes() -> None:
    assert e5_parameters() == pytest.approx(118e6, rel=0.01)
    assert whisper_parameters() == pytest.approx(20.6e6, rel=0.01)


def test_the_benchmark_measures_both_precisions(capsys: pytest.CaptureFixture[str]) -> None:
    bench(["--sizes", "1", "--seconds", "0.01", "--json"])
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [(r["kind"], r["precision"]) for r in rows] == [
        ("inference", "fp32"), ("inference", "bf16"), ("training", "fp32"), ("training", "bf16"),
    ]  # fmt: skip
    assert all(row["rows_per_second"] > 0 for row in rows)
