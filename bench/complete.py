"""Learns when what was understood is all of it: `python bench/complete.py OUT --language zh`.

Lines of the pack's `dev`, whole and once cut at a comma or between two words, are read as a turn
would be; a logistic regression weighs how probably the words end, how sure their intent is and
how long they are. None is a line of bench/endings.jsonl. Writes what `speech.turns.Sense` holds.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
from pauses import cut, kept_apart
from sklearn.linear_model import LogisticRegression

from app.engines.understanding import build_embedder, build_parser
from app.house import read_settings
from dialogue.nlu.examples import read_examples
from dialogue.nlu.parser import DialogueParser
from dialogue.pack import load_domain
from dialogue.types import Language, State, Understanding
from speech.turns import Endings, Sense, units

STRENGTH = 0.3
"""Inverse of the pull towards 0, of standardised numbers."""


def main() -> None:
    """Learns and writes."""
    options = _options()
    settings = read_settings(options.domain)
    domain = load_domain(settings.pack)
    examples = read_examples(settings.pack, domain.languages, domain.intents)
    endings = Endings(example.text for example in examples)
    parser = build_parser(settings, domain, build_embedder(settings))
    senses = {
        language: asdict(_learnt(endings, parser, language, settings.pack, options))
        for language in options.language
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(senses, indent=2) + "\n", "utf-8")


def _learnt(
    endings: Endings,
    parser: DialogueParser,
    language: Language,
    pack: Path,
    options: argparse.Namespace,
) -> Sense:
    rows, marks = [], []
    for text, whole in _lines(pack / "dev" / f"{language}.jsonl", language, options):
        meaning = parser.parse(text, language, State(language=language))
        if meaning.text and meaning.intent != "greet":
            rows.append(_numbers(endings.probability(meaning.text), meaning))
            marks.append(whole)
    found = np.array(rows)
    mean, deviation = found.mean(axis=0), found.std(axis=0)
    model = LogisticRegression(C=STRENGTH).fit((found - mean) / deviation, marks)
    weights = model.coef_[0] / deviation
    bias = float(model.intercept_[0] - weights @ mean)
    return Sense(*(round(float(w), 4) for w in (*weights, bias)))


def _numbers(likelihood: float, meaning: Understanding) -> list[float]:
    """What `Sense` weighs, one by one."""
    return [
        Sense(*each, 0.0).score(likelihood, meaning)
        for each in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    ]


def _lines(
    path: Path, language: Language, options: argparse.Namespace
) -> Iterator[tuple[str, bool]]:
    """Each line, and its beginning, with whether it is whole."""
    chooser = random.Random(options.seed)
    apart = kept_apart(options.apart)
    for line in path.read_text("utf-8").splitlines():
        text = json.loads(line)["text"]
        if str(units(text)) in apart:
            continue
        yield text, True
        if len(units(text)) > 2:
            yield cut(text, language, chooser).split("|")[0], False


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--language", nargs="+", choices=("zh", "en"), default=["zh"])
    parser.add_argument("--domain", default="fresh")
    parser.add_argument("--apart", type=Path, default=Path("bench/endings.jsonl"))
    parser.add_argument("--seed", type=int, default=4)
    return parser.parse_args()


if __name__ == "__main__":
    main()
