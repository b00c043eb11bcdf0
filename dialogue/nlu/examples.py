"""Examples: a pack's training utterances, with the slots that are marked inside them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from dialogue.domain import PackError
from dialogue.types import Language

_MARKED = re.compile(r"\[([^\[\]]+)\]\((\w+)\)")


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance and what it means."""

    text: str
    intent: str
    language: Language | None = None
    slots: tuple[tuple[str, str], ...] = ()
    """Slot name and the words that fill it."""


def read_examples(
    folder: Path, languages: Collection[Language], intents: Collection[str]
) -> tuple[Example, ...]:
    """The utterances in `folder`/nlu; PackError names a file with an unknown intent."""
    found: list[Example] = []
    for language in languages:
        for path in sorted((folder / "nlu" / language).glob("*.yml")):
            found += _read(path, language, intents)
    return tuple(found)


def read_unseen(
    folder: Path, languages: Collection[Language], intents: Collection[str]
) -> tuple[Example, ...]:
    """The lines in `folder`/dev, which calibrate and teach nothing; PackError names a bad one."""
    found: list[Example] = []
    for language in languages:
        path = folder / "dev" / f"{language}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        for number, line in enumerate(lines, 1):
            try:
                found.append(_told(line, language, intents))
            except (ValueError, KeyError, TypeError) as error:
                raise PackError(f"dev/{path.name}, row {number}: {error!r}") from error
    return tuple(found)


def unmarked(line: str) -> str:
    """The utterance as a customer writes it: `[FD2024051](order_id)` becomes FD2024051."""
    return _MARKED.sub(r"\1", line).strip()


def _read(path: Path, language: Language, intents: Collection[str]) -> tuple[Example, ...]:
    intent, examples = _told_in(path.read_bytes(), language, path.name)
    if intent not in intents:
        raise PackError(f"nlu/{language}/{path.name}: intent {intent!r} is not in domain.toml")
    return examples


@lru_cache(maxsize=256)
def _told_in(file: bytes, language: Language, name: str) -> tuple[str, tuple[Example, ...]]:
    """The intent and the utterances of one file, which several engines ask for."""
    try:
        table = yaml.load(file.decode(), yaml.CSafeLoader) or {}
    except yaml.YAMLError as error:
        raise PackError(f"nlu/{language}/{name}: {error}") from error
    intent = str(table.get("intent"))
    lines = table.get("utterances") or ()
    return intent, tuple(_example(str(line), intent, language) for line in lines)


def _example(line: str, intent: str, language: Language) -> Example:
    slots = tuple((name, words) for words, name in _MARKED.findall(line))
    return Example(unmarked(line), intent, language, slots)


def _told(line: str, language: Language, intents: Collection[str]) -> Example:
    row = json.loads(line)
    text, intent = str(row["text"]), str(row["intent"])
    if intent not in intents:
        raise ValueError(f"intent {intent!r} is not in domain.toml")
    return Example(text, intent, language)
