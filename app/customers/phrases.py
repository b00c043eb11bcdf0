"""Phrases: how simulated customers put things, from a pack's customers/<set>.<language>.yml."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dialogue.types import Language

_NAMED = re.compile(r"\{(\w+)\}")


class PhrasesError(ValueError):
    """A set of phrases cannot be read; the message names the file and what is missing."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something a customer wants to know, and the articles that tell it."""

    text: str
    articles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Phrases:
    """Every wording of one set and language."""

    language: Language
    needs: Mapping[str, tuple[str, ...]]
    lines: Mapping[str, tuple[str, ...]]
    questions: tuple[Question, ...]

    def need(self, name: str, chooser: random.Random, /, **values: str) -> str:
        """One of the ways to ask for `name`."""
        return _filled(chooser.choice(self.needs[name]), values)

    def line(self, name: str, chooser: random.Random, /, **values: str) -> str:
        """One of the ways to say `name`."""
        return _filled(chooser.choice(self.lines[name]), values)


def read_phrases(folder: Path, chosen: str, language: Language) -> Phrases:
    """The set `chosen` ("dev", "report") of `folder`; raises PhrasesError."""
    file = folder / f"{chosen}.{language}.yml"
    try:
        table: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        needs = {name: tuple(map(str, said)) for name, said in table.pop("needs").items()}
        asked = tuple(Question(q, frozenset(a.split("|"))) for q, a in table.pop("questions"))
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise PhrasesError(f"{file}: {error}") from error
    lines = {name: tuple(map(str, said)) for name, said in table.items()}
    return Phrases(language, needs, lines, asked)


def _filled(phrase: str, values: Mapping[str, str]) -> str:
    return _NAMED.sub(lambda found: values[found[1]], phrase)
