"""Draws lines with pauses from a pack's utterances: `python bench/pauses.py OUT --language zh`.

Writes lines as bench/calls.py speaks them, to learn ends of turns from: utterances cut at a comma
or between two words ("phrase"), two of them one after the other ("requests"), a hesitation before
one ("filler"), and whole ones. None is a line of bench/endings.jsonl, which measures.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from pathlib import Path
from typing import Any

import jieba

from dialogue.nlu.examples import read_examples
from dialogue.pack import load_domain
from dialogue.types import Language
from speech.turns import units

SHARES = {"phrase": 0.45, "requests": 0.15, "filler": 0.05, "": 0.35}
LEAST, MOST = {"zh": 6, "en": 4}, {"zh": 20, "en": 14}
"""Units of the utterances that are taken."""
FILLERS = {"zh": ("嗯", "呃", "那个"), "en": ("um", "uh", "so um")}
_MARKS = " ,，.。!！?？;；"
_COMMA = re.compile(r"[，,；;。.!！?？]+\s*")
_OTHER = {"zh": re.compile(r"[a-zA-Z]"), "en": re.compile(r"[\u3400-\u9fff]")}


def main() -> None:
    """Draws and writes."""
    options = _options()
    language, chooser = options.language, random.Random(options.seed)
    domain, apart = load_domain(options.pack), kept_apart(options.apart)
    examples = read_examples(options.pack, (language,), domain.intents)
    texts = [t for t in sorted({e.text for e in examples}) if _fits(t, language)]
    texts = [text for text in texts if str(units(text)) not in apart]
    chooser.shuffle(texts)
    kinds = [kind for kind, share in SHARES.items() for _ in range(round(share * options.count))]
    chooser.shuffle(kinds)
    rows = [_row(kind, texts, language, chooser) for kind in kinds]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    options.out.write_text("".join(lines), "utf-8")


def kept_apart(lines: Path) -> set[str]:
    """The lines that measure, as their units."""
    rows = map(json.loads, lines.read_text("utf-8").splitlines())
    return {str(units(row["text"].replace("|", " "))) for row in rows}


def cut(text: str, language: Language, chooser: random.Random) -> str:
    """`text` with a "|" after one of its commas, else between two of its words."""
    bare = text.strip(_MARKS)
    places = [mark.end() for mark in _COMMA.finditer(bare)]
    if not places:
        words = jieba.lcut(bare) if language == "zh" else re.findall(r"\S+\s*", bare)
        ends = [len("".join(words[:n])) for n in range(1, len(words))]
        places = [end for end in ends if len(units(bare[:end])) > 1] or [len(bare)]
    at = chooser.choice(places)
    return f"{bare[:at].strip()}|{bare[at:]}"


def _fits(text: str, language: Language) -> bool:
    long = LEAST[language] <= len(units(text)) <= MOST[language]
    return long and "\n" not in text and not _OTHER[language].search(text)


def _row(kind: str, texts: list[str], language: Language, chooser: random.Random) -> dict[str, Any]:
    text = texts.pop()
    if kind == "phrase":
        text = cut(text, language, chooser)
    elif kind == "requests":
        text = f"{text.strip(_MARKS)}|{texts.pop().strip(_MARKS)}"
    elif kind == "filler":
        text = f"{chooser.choice(FILLERS[language])}|{text}"
    row = {"text": text, "language": language, "kind": "question", "split": "train"}
    return row | ({"pause": kind} if kind else {})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--language", choices=("zh", "en"), required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--pack", type=Path, default=Path("data/domains/fresh"))
    parser.add_argument("--apart", type=Path, default=Path("bench/endings.jsonl"))
    parser.add_argument("--seed", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
