"""Weights: how much each modality of a turn counts, by measured quality and by what it says."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dialogue.types import Modality, Sighting, Transcript, Turn
from fusion.vision.receipts import find_order

FULL_TEXT = 12
"""Characters beyond which a text says as much as a text can."""
READ_CONFIDENCE = 0.9
"""Confidence in an order number read in a picture: its form is checked, its digits are not."""


def modality_weights(
    turn: Turn, transcript: Transcript | None, sightings: Sequence[Sighting]
) -> tuple[tuple[Modality, float], ...]:
    """How much each modality that is there counts, by quality and content; sums to 1."""
    content: dict[Modality, float] = {
        "text": min(1.0, len((turn.text or "").strip()) / FULL_TEXT),
        "voice": spoken_confidence(transcript),
        "picture": _picture_content(sightings),
    }
    raw = {m: max(turn.quality_of(m) * content[m], 0.01) for m in turn.modalities}
    total = sum(raw.values())
    return tuple((modality, weight / total) for modality, weight in raw.items())


def spoken_confidence(transcript: Transcript | None) -> float:
    """0 to 1: how far the best hypothesis may be trusted; 0 when nobody spoke."""
    if transcript is None or not transcript.hypotheses:
        return 0.0
    said = math.exp(min(0.0, transcript.hypotheses[0].logprob))
    return said * (1.0 - transcript.no_speech)


def _picture_content(sightings: Sequence[Sighting]) -> float:
    """Half for being there, more for a product or an order number that was recognised."""
    product = max((s.products[0][1] for s in sightings if s.products), default=0.0)
    read = find_order([line for s in sightings for line in s.lines]) is not None
    return 0.5 + 0.5 * max(product, READ_CONFIDENCE if read else 0.0)


def cross_modal_ratio(weights: Sequence[tuple[str, float]]) -> float:
    """0 to 1: the share of attention between modalities, where all attend to each as it counts.

    What `fusion.model` measures inside its attention, for a turn that is weighed without one: 0
    with a single modality that counts, a half with two that count alike.
    """
    return 1.0 - sum(weight * weight for _, weight in weights) if weights else 0.0
