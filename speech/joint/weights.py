"""Weights: how much each kind of evidence counts in joint decoding."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from dialogue.types import Language


@dataclass(frozen=True, slots=True)
class Weights:
    """Of one language of one pack; `lingxi joint fit` finds them.

    Until then the recognizer's words are believed unless much speaks against them.
    """

    phonetic: float = 0.1
    """Per nat of ln P(phones of the words | sound)."""
    echo: float = 0.15
    """Per nat by which they are unlike the recognizer's words in sound."""
    fit: float = 0.15
    """Per nat of ln P(words) by the business's language."""
    literal: float = 1.0
    """For words the recognizer chose itself."""
    known: float = 0.3
    """For each name or number that exists."""
    text: float = 1.0
    """Exponent of P(intent | words)."""
    sounds: float = 0.3
    """Exponent of P(intent | the sounds that were heard)."""
    heard: float = 0.0
    """Exponent of what the recognizer's own words mean, beside the mixture over all readings."""

    @property
    def evidence(self) -> tuple[float, ...]:
        """What weighs the words, in the order of `Reading.evidence`."""
        return self.phonetic, self.echo, self.fit, self.literal, self.known

    @property
    def views(self) -> tuple[float, float]:
        """What weighs the two opinions on their meaning."""
        return self.text, self.sounds


def read_weights(path: Path) -> dict[Language, Weights]:
    """The weights that `write_weights` wrote; none where there is no file."""
    if not path.is_file():
        return {}
    stored: dict[Language, dict[str, float]] = json.loads(path.read_text("utf-8"))
    return {language: Weights(**numbers) for language, numbers in stored.items()}


def write_weights(path: Path, weights: Mapping[Language, Weights]) -> None:
    """Writes a small JSON file, rounded to what development data can tell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rounded = {
        language: {name: round(value, 4) for name, value in asdict(each).items()}
        for language, each in weights.items()
    }
    path.write_text(json.dumps(rounded, indent=2) + "\n", "utf-8")
