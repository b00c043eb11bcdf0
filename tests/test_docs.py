"""The docs name what the code has: settings, commands, routes, back-ends, errors; links lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.__main__ import lingxi
from app.config import Settings
from app.errors import REFUSALS
from app.main import create_app

HOUSE = Path(__file__).parent.parent
PAGES = sorted([*HOUSE.glob("*.md"), *(HOUSE / "docs").rglob("*.md"), HOUSE / "data/README.md"])
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


@cache
def _text(page: str) -> str:
    return (HOUSE / page).read_text(encoding="utf-8")


def _fields(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _fields(inner, f"{prefix}{name}__")
        else:
            yield (prefix + name).upper(), field


SETTINGS = dict(_fields(Settings, "lingxi_"))


def _row(setting: str) -> list[str]:
    """The cells of the setting's row in docs/settings.md; none where it has no row."""
    for line in _text("docs/settings.md").splitlines():
        if line.startswith(f"| `{setting}` |"):
            return [cell.strip() for cell in line.strip("| ").split(" | ")]
    return []


def _shown(default: Any) -> str | None:
    """How a default stands in the table; None where it is told in words."""
    match default:
        case bool():
            return f"`{str(default).lower()}`"
        case int() | float():
            return f"`{default}`"
        case str():
            return f"`{default}`" if default else "empty"
        case _:
            return None


def _commands(group: Any, prefix: str) -> Iterator[str]:
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        yield from _commands(command, f"{prefix} {name}") if inner else [f"{prefix} {name}"]


COMMANDS = tuple(_commands(typer.main.get_command(lingxi), "lingxi"))


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_explained_with_its_default(setting: str) -> None:
    cells = _row(setting)
    assert len(cells) == 3, f"docs/settings.md has no row of three cells for {setting}"
    shown = _shown(SETTINGS[setting].default)
    assert shown is None or cells[1] == shown


def test_no_setting_is_explained_that_there_is_not() -> None:
    pages = ("README.md", "docs/settings.md", "docs/api.md", "docs/domain-packs.md")
    named = {n for page in pages for n in re.findall(r"LINGXI_[A-Z_]+", _text(page))}
    assert named - {"LINGXI_"} <= set(SETTINGS)


@pytest.mark.parametrize(
    ("setting", "choice"),
    [
        (name, choice)
        for name, field in SETTINGS.items()
        if get_origin(field.annotation) is Literal
        for choice in get_args(field.annotation)
    ],
)
def test_every_choice_of_a_back_end_is_explained(setting: str, choice: str) -> None:
    assert f"`{choice}`" in " ".join(_row(setting))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    room, _, name = command.removeprefix("lingxi ").partition(" ")
    listed = [line for line in _text("README.md").splitlines() if line.startswith("| `lingxi")]
    said = re.compile(rf"`(lingxi )?{re.escape(f'{room} {name}'.strip())}\b")
    assert any(said.search(line) for line in listed)


def test_every_route_is_in_the_api_page() -> None:
    page, without_gradio = _text("docs/api.md"), Settings(playground=False)
    routes = [
        (method.upper(), path)
        for path, methods in create_app(without_gradio).openapi()["paths"].items()
        if path.startswith("/v1/")
        for method in methods
    ]
    assert routes
    missing = [f"{method} {path}" for method, path in routes if f"`{method} {path}" not in page]
    assert not missing


@pytest.mark.parametrize("code", REFUSALS)
def test_every_error_code_is_listed_with_its_status(code: str) -> None:
    assert f"| `{code}` | {REFUSALS[code].status} |" in _text("docs/api.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(HOUSE)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    prose = CODE.sub("", page.read_text(encoding="utf-8"))
    dead = [
        link
        for link in LINK.findall(prose)
        if not re.match(r"[a-z]+:|#", link) and not _leads(page.parent / link.partition("#")[0])
    ]
    assert not dead


def _leads(target: Path) -> bool:
    found = target.resolve()
    return found.exists()


def test_the_throttles_that_are_told_are_those_that_hold() -> None:
    limits = Settings.model_fields["limits"].default
    told = dict(re.findall(r"^\| ([a-z -]+) \| (\d+) ", _text("docs/api.md"), re.MULTILINE))
    assert {
        name: int(told[name]) for name in ("new conversations", "messages", "files", "sign-in")
    } == {
        "new conversations": limits.conversations_per_hour,
        "messages": limits.messages_per_minute,
        "files": limits.uploads_per_minute,
        "sign-in": limits.logins_per_five_minutes,
    }
