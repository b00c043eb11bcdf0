"""Knowledge articles: Markdown with a header, one file per article and language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml

from dialogue.types import Language

_HEADER = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_HEADING = re.compile(r"^##\s+(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """The part of an article under one heading."""

    heading: str
    """"" for what stands before the first heading: the short answer."""
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """One answer, written for customers."""

    name: str
    """The file's name without language and ending."""
    language: Language
    title: str
    topics: tuple[str, ...]
    """Intents it answers."""
    questions: tuple[str, ...]
    """How customers ask for it."""
    sections: tuple[Section, ...]
    image: str = ""
    """Address of a picture, relative to the site."""


def read_articles(folder: Path) -> tuple[Article, ...]:
    """All `<name>.<language>.md` in `folder`, by name.

    Raises ValueError naming the file when one cannot be read.
    """
    return tuple(_read(path) for path in sorted(folder.glob("*.md")))


def _read(path: Path) -> Article:
    name, _, language = path.stem.rpartition(".")
    if language not in get_args(Language):
        raise ValueError(f"{path}: name it <article>.zh.md or <article>.en.md")
    match = _HEADER.match(path.read_text(encoding="utf-8"))
    if match is None:
        raise ValueError(f"{path}: needs a header between two lines of ---")
    header: dict[str, Any] = yaml.load(match[1], yaml.CSafeLoader)
    if not header.get("title"):
        raise ValueError(f"{path}: the header needs a title")
    return Article(
        name=name,
        language=language,  # type: ignore[arg-type]
        title=str(header["title"]),
        topics=tuple(header.get("topics", ())),
        questions=tuple(header.get("questions", ())),
        sections=_sections(match[2]),
        image=str(header.get("image", "")),
    )


def _sections(body: str) -> tuple[Section, ...]:
    start, *rest = _HEADING.split(body)
    headings, texts = ["", *rest[::2]], [start, *rest[1::2]]
    pairs = ((h.strip(), t.strip()) for h, t in zip(headings, texts, strict=True))
    return tuple(Section(h, t) for h, t in pairs if t)
