"""The command line says in a sentence what a person can put right."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import typer

from app import __main__ as command_line
from app.commands.serve import taken
from app.store.database import open_database


def run(monkeypatch: pytest.MonkeyPatch, *words: str, **settings: str) -> str:
    """What `lingxi` says at its end."""
    for name, value in settings.items():
        monkeypatch.setenv(f"LINGXI_{name}", value)
    monkeypatch.setattr("sys.argv", ["lingxi", *words])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    return str(ended.value.code)


def test_a_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    said = run(
        monkeypatch, "seed", PORT="seven", SHOP__ACTIONS="http", SHOP__SECRET="hunter2secret"
    )
    assert said.startswith("LINGXI_PORT: ")
    assert "hunter2secret" not in said


def test_a_secret_is_not_told_where_another_setting_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = run(monkeypatch, "seed", SHOP__ACTIONS="http", SHOP__SECRET="hunter2secret")
    assert "LINGXI_SHOP__URL" in said
    assert "cret" not in said.replace("SECRET", "")


def test_an_unknown_pack_is_said_with_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "'fresh'" in run(monkeypatch, "seed", DOMAIN="nope")


def test_a_folder_that_cannot_be_made_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    assert "file" in run(monkeypatch, "db", "upgrade", VAR=str(tmp_path / "file" / "var"))


@pytest.mark.parametrize(
    "words", [["--image", "/nope.jpg"], ["--audio", "/"], ["--locale", "fr", "--text", "x"], []]
)
def test_ask_refuses_what_it_cannot_send_before_anything_loads(
    monkeypatch: pytest.MonkeyPatch, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "ask", *words) == "2"
    assert "Traceback" not in capsys.readouterr().err


def test_a_port_in_use_is_said_before_anything_loads() -> None:
    with taken("127.0.0.1", 0) as door:
        port = door.getsockname()[1]
        with pytest.raises(typer.BadParameter, match="LINGXI_PORT"):
            taken("127.0.0.1", port)
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass  # who comes early is let wait


def test_a_database_that_is_not_ours_is_named_without_its_password() -> None:
    with pytest.raises(ValueError, match="mysql") as refused:
        open_database("mysql://root:hunter2@host/name")
    assert "hunter2" not in str(refused.value)
