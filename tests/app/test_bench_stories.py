"""`lingxi bench stories` fails where a turn took longer than its story allows, and only there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.__main__ import lingxi
from app.commands import bench_stories
from app.commands.bench_stories import report
from app.rehearsal import Telling
from app.stories import Exchange, Story
from tests.fakes import PACK, cheap_settings, small_pack

TWO = Story("two turns", "en", (Exchange("hi", within_ms=100), Exchange("bye")))


def telling(*ms: float, faults: tuple[str, ...] = ()) -> Telling:
    return Telling(TWO, faults, ms=ms)


def test_only_turns_with_a_limit_count() -> None:
    assert report([telling(60, 900), telling(80, 900)]) == {
        "turns": 2,
        "ms": pytest.approx({"p50": 70, "p90": 78, "p99": 79.8}),
        "late": [],
        "otherwise": [],
    }


def test_a_turn_that_took_longer_is_named_with_what_it_took() -> None:
    found = report([telling(60, 900), telling(140, 10)])
    assert found["late"] == ["two turns, turn 1: 140 ms (within 100)"]


def test_a_story_that_goes_otherwise_is_named() -> None:
    assert report([telling(60, faults=("turn 2: greets",))])["otherwise"] == [
        "two turns: turn 2: greets"
    ]


@pytest.fixture
def cheap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file for stories, told by cheap engines."""
    small_pack(tmp_path / "domains")
    settings = cheap_settings(tmp_path / "var", tmp_path / "domains")
    monkeypatch.setattr(bench_stories, "read_settings", lambda domain: settings)
    return tmp_path / "stories.yml"


@pytest.mark.parametrize(("within", "status"), [(60_000, 0), (0.001, 1)])
def test_the_command_tells_the_stories_and_fails_by_its_exit_status(
    cheap: Path, within: float, status: int
) -> None:
    turn = f"{{customer: where is FD2024051, does: ask phone_tail, within_ms: {within}}}"
    cheap.write_text(f"- story: asked\n  language: en\n  turns: [{turn}]\n")
    result = CliRunner().invoke(lingxi, ["bench", "stories", str(cheap), "--runs", "2", "--json"])
    assert result.exit_code == status, result.output
    found = json.loads(result.stdout)
    assert (found["turns"], len(found["late"])) == (2, 2 * status)


def test_stories_without_a_limit_are_refused() -> None:
    command = ["bench", "stories", str(PACK / "stories" / "general.yml")]
    result = CliRunner().invoke(lingxi, command)
    assert result.exit_code == 2
    assert "within_ms" in result.output
