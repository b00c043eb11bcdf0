"""Also: several requests in one turn, found by splitting where customers join them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from dialogue import cues
from dialogue.types import Posterior

SURE = 0.6
"""A piece counts as its own request from this probability."""

_JOIN = re.compile(
    r"顺便|另外|还有(?:就是|一(?:个|件))?|以及|再(?:帮我|问一下|问下)|然后(?:再)?|[。！？!?；;\n]"
    r"|\band also\b|\balso\b|\bby the way\b|\bone more thing\b|\bas well as\b|\.\s"
    r"|\band (?=how|what|when|where|can|could|do|i )",
    re.IGNORECASE,
)


def pieces(text: str) -> tuple[str, ...]:
    """`text` cut where another request may begin; a single piece when it says one thing."""
    cut = (piece.strip(" ,，。.、") for piece in _JOIN.split(text))
    return tuple(piece for piece in cut if cues.units(piece) >= 2)


def further_intents(
    text: str,
    first: str,
    posteriors: Callable[[Sequence[str]], list[Posterior]],
    ignored: Collection[str],
) -> tuple[str, ...]:
    """Intents of the pieces of `text` that are surely neither `first` nor in `ignored`."""
    parts = pieces(text)
    if len(parts) < 2:
        return ()
    best = [ranked[0] for ranked in posteriors(parts)]
    sure = dict.fromkeys(name for name, p in best if p >= SURE and name not in ignored)
    # The whole turn's intent must be one of the pieces, or the split means nothing.
    return tuple(name for name in sure if name != first) if first in sure else ()
