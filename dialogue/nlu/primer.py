"""Primer: a few of a pack's own sentences, told to the recognizer before it listens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from dialogue.domain import Domain
from dialogue.nlu.examples import Example

LONGEST = 720
"""Characters; Whisper reads the last 223 tokens of what came before."""
_WORD = re.compile(r"[a-z']+|[㐀-鿿]")


def primer(domain: Domain, examples: Sequence[Example]) -> str:
    """Utterances that together say the words of the pack's choices; "" for a pack without any."""
    choices = {name: spec.values for name, spec in domain.slots.items() if spec.values}
    missing = {part for values in choices.values() for value, _ in values for part in _parts(value)}
    useful = [e.text for e in examples if any(name in choices for name, _ in e.slots)]
    told = ""
    while useful:
        best = max(useful, key=lambda text: len(missing & _parts(text)) / len(text))
        if not missing & _parts(best) or len(told) + len(best) + 2 > LONGEST:
            break
        told += f"{best[0].upper()}{best[1:].rstrip('.?')}. "
        missing -= _parts(best)
    return told.strip()


def _parts(text: str) -> set[str]:
    """The words of `text` and what stands side by side: a value is heard as a whole."""
    words = _WORD.findall(text.lower())
    return {*words, *(f"{a} {b}" for a, b in pairwise(words))}
