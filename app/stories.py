"""Stories: conversations of a domain pack that must go a certain way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import yaml

from dialogue.types import LANGUAGES, Language, Outcome

TURN_KEYS = frozenset(
    "customer spoken photo intent slots does flow language says matches never"  # noqa: SIM905
    " form card suggests shop shop_says within_ms later".split()
)

STORY_KEYS = frozenset(("story", "language", "at", "customer", "turns"))

_LISTS = ("says", "matches", "never", "form", "suggests")
_TABLES = ("slots", "shop", "shop_says")
_OWN = ("spoken", "within_ms", "later")
"""Keys whose values are no text."""
_OUTCOMES = tuple(outcome.value for outcome in Outcome)


class StoryError(ValueError):
    """A story cannot be read; the message names file, story and key."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the customer sends, and what has to come of it; what is empty is not looked at."""

    customer: str = ""
    spoken: bool = False
    """The words are said by the voice of their language and heard by the recognizer."""
    photo: str = ""
    """File under the pack's folder."""
    intent: str = ""
    slots: Mapping[str, str] | None = None
    """Values read from this turn, by name."""
    does: str = ""
    """Act and topic of something decided, e.g. "ask order_id"; the topic may be left out."""
    flow: str | None = None
    """The flow that is under way afterwards; "" for none."""
    language: str = ""
    says: tuple[str, ...] = ()
    """Each stands in the reply."""
    matches: tuple[str, ...] = ()
    """Each of these regular expressions is found in it."""
    never: tuple[str, ...] = ()
    """None of them does."""
    form: tuple[str, ...] = ()
    """Forms that are chosen: text, speech, card."""
    card: str = ""
    """Kind of a card that comes with it."""
    suggests: tuple[str, ...] = ()
    """Labels among the quick replies."""
    within_ms: float | None = None
    """How long it may take; recorded with the report, enforced by `lingxi bench`."""
    later: float = 0.0
    """Hours that have gone by since the reply before."""
    shop: Mapping[str, str] | None = None
    """What the shop answers afterwards: "order_status FD2024056" to its code or outcome."""
    shop_says: Mapping[str, str] | None = None
    """What it is made to answer in this turn: an action to "failed" or "refused not_found"."""


@dataclass(frozen=True, slots=True)
class Story:
    """One conversation from its beginning."""

    name: str
    language: Language
    exchanges: tuple[Exchange, ...]
    file: str = ""
    at: datetime | None = None
    """The moment it is told at, on the business's own clock; None is now."""
    customer: str = ""
    """The shop's id of the customer whom the host site vouches for; "" for nobody."""


def read_stories(path: Path, pack: Path) -> tuple[Story, ...]:
    """The stories in `path`, a file or a folder of *.yml, whose photos are files of `pack`.

    StoryError says what is wrong where.
    """
    files = sorted(path.glob("*.yml")) if path.is_dir() else [path]
    stories = tuple(story for file in files for story in _read(file))
    if not stories:
        raise StoryError(f"{path}: no stories in it")
    for story, photo in ((s, e.photo) for s in stories for e in s.exchanges if e.photo):
        if not (pack / photo).is_file():
            raise StoryError(f"{story.file}: {story.name!r}: photo: there is no {photo} in {pack}")
    return stories


def _read(file: Path) -> list[Story]:
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise StoryError(f"{file}: {error}") from error
    if not isinstance(found, list):
        raise StoryError(f"{file}: wants a list of stories")
    return [_story(table, file) for table in found]


def _story(table: Mapping[str, Any], file: Path) -> Story:
    name = str(table.get("story", ""))
    where = f"{file.name}: {name!r}"
    if not name or table.get("language") not in LANGUAGES or not table.get("turns"):
        raise StoryError(f"{where}: a story has story, language ({', '.join(LANGUAGES)}) and turns")
    if unknown := set(table) - STORY_KEYS:
        raise StoryError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    turns = tuple(_exchange(turn, where) for turn in table["turns"])
    at = _moment(table.get("at"), where)
    customer = str(table.get("customer") or "")
    return Story(name, cast("Language", table["language"]), turns, file.name, at, customer)


def _moment(value: object, where: str) -> datetime | None:
    try:
        found = None if value is None else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise StoryError(f"{where}: at: {value!r} is no moment such as 2026-11-25 03:00") from error
    if found and found.tzinfo:
        raise StoryError(f"{where}: at: {value!r} is told in the business's own zone, without one")
    return found


def _exchange(table: Mapping[str, Any], where: str) -> Exchange:
    if unknown := set(table) - TURN_KEYS:
        raise StoryError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    if not table.get("customer") and not table.get("photo"):
        raise StoryError(f"{where}: a turn needs customer or photo")
    plain: dict[str, Any] = {
        k: str(table[k] or "") for k in table if k not in (*_LISTS, *_TABLES, *_OWN)
    }
    lists: dict[str, Any] = {k: _texts(table.get(k)) for k in _LISTS}
    within = table.get("within_ms")
    if within is not None and not isinstance(within, int | float):
        raise StoryError(f"{where}: within_ms: {within!r} is no number of milliseconds")
    later = table.get("later", 0.0)
    if not isinstance(later, int | float) or later < 0:
        raise StoryError(f"{where}: later: {later!r} is no number of hours")
    spoken = table.get("spoken", False)
    if not isinstance(spoken, bool) or (spoken and not plain.get("customer")):
        raise StoryError(f"{where}: spoken is true or false, and needs words of a customer")
    tables: dict[str, Any] = {name: _table(table.get(name), name, where) for name in _TABLES}
    _check(lists["matches"], tables["shop_says"], where)
    return Exchange(**plain, **lists, **tables, spoken=spoken, within_ms=within, later=later)


def _check(patterns: Sequence[str], script: Mapping[str, str], where: str) -> None:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise StoryError(f"{where}: matches: {pattern!r}: {error}") from error
    for answer in script.values():
        if answer.partition(" ")[0] not in _OUTCOMES:
            wanted = ", ".join(_OUTCOMES)
            raise StoryError(f"{where}: shop_says: {answer!r} does not begin with one of {wanted}")


def _table(value: object, name: str, where: str) -> dict[str, str]:
    if not isinstance(value, dict | None):
        raise StoryError(f"{where}: {name}: {value!r} is no table")
    return {str(k): str(v) for k, v in (value or {}).items()}


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
