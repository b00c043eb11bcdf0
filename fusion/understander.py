"""Adds to the words of a turn what voice, pictures and wording tell beside them."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import replace
from typing import Any

from dialogue.types import (
    Modality,
    Picture,
    Posterior,
    Sighting,
    Slot,
    State,
    Transcript,
    Turn,
    Understanding,
)
from fusion.feeling.reading import Feeling, FeelingReader, blend
from fusion.feeling.tone import VoiceTone, told, toned
from fusion.quality import picture_fault
from fusion.vision.engines import ProductRecognizer, TextReader
from fusion.vision.receipts import find_order
from fusion.weights import READ_CONFIDENCE, modality_weights, spoken_confidence

logger = logging.getLogger(__name__)

CONFIDENT = 0.6
"""Least probability of a recognised product that fills a slot."""
OPTION = "|"
"""Between the products that words may stand for."""
SHARED = 0.5
"""Least probability that a photo gives to all the products named, or it shows something else."""
TEXT_DEADLINE = 4.0
"""Seconds granted to reading text in a turn's pictures."""
WORKERS = 2


class TurnUnderstander:
    """Feeling, picture evidence and modality weights; every engine may be missing."""

    def __init__(
        self,
        feeling: FeelingReader | None = None,
        products: ProductRecognizer | None = None,
        reader: TextReader | None = None,
        text_deadline: float = TEXT_DEADLINE,
        tone: VoiceTone | None = None,
    ) -> None:
        self._feeling = feeling
        self._tone = tone
        self._products = products
        self._reader = reader
        self._text_deadline = text_deadline
        # Apart, so that recognising a product never queues behind reading a long receipt.
        self._looking = ThreadPoolExecutor(WORKERS, thread_name_prefix="look")
        self._reading = ThreadPoolExecutor(WORKERS, thread_name_prefix="read")

    def understand(
        self, turn: Turn, parsed: Understanding, transcript: Transcript | None, state: State
    ) -> Understanding:
        """`parsed` with feeling, weights, sightings and picture slots; its intents untouched."""
        looking = self._look(turn.pictures)
        words = self._feel(turn, parsed.text, transcript)
        arousal = self._excitement(turn, transcript)
        feeling = toned(words, arousal)
        sightings = self._sightings(turn, looking)
        return replace(
            parsed,
            sentiment=feeling.sentiment,
            emotion=feeling.emotion,
            urgency=feeling.urgency,
            unfelt=feeling.abstained,
            evidence=_evidence(turn, words, arousal),
            modality_weights=modality_weights(turn, transcript, sightings),
            sightings=sightings,
            slots=narrowed(parsed.slots, sightings) + picture_slots(sightings, parsed.slots, state),
        )

    def close(self) -> None:
        """Ends the threads; a reading under way is let finish."""
        self._looking.shutdown(wait=True, cancel_futures=True)
        self._reading.shutdown(wait=True, cancel_futures=True)

    def _feel(self, turn: Turn, text: str, transcript: Transcript | None) -> Feeling:
        if self._feeling is None or not text.strip():
            return Feeling()
        feeling = self._feeling.read(text)
        return feeling if turn.text else blend(feeling, spoken_confidence(transcript))

    def _excitement(self, turn: Turn, transcript: Transcript | None) -> float | None:
        if self._tone is None or turn.audio is None or transcript is None:
            return None
        return self._tone.arousal(turn.conversation_id, turn.id, turn.audio, transcript.text)

    def _look(
        self, pictures: Sequence[Picture]
    ) -> list[tuple[Future[Posterior] | None, Future[tuple[str, ...]] | None]]:
        look, read = self._looking.submit, self._reading.submit
        return [
            (
                look(self._products.recognize, picture) if self._products else None,
                read(self._reader.read, picture) if self._reader else None,
            )
            for picture in pictures
        ]

    def _sightings(self, turn: Turn, looking: Sequence[tuple[Any, Any]]) -> tuple[Sighting, ...]:
        deadline = time.monotonic() + self._text_deadline
        fault = next((picture_fault(q) for q in turn.quality if q.modality == "picture"), None)
        found = []
        for number, (products, lines) in enumerate(looking):
            seen = products.result() if products else ()
            read = _before(deadline, lines, turn) if lines else ()
            found.append(Sighting(number, seen, read, fault))
        return tuple(found)


def _evidence(
    turn: Turn, words: Feeling, arousal: float | None
) -> tuple[tuple[Modality, Posterior], ...]:
    """What words and voice say of the feeling, each alone; words may be spoken ones."""
    said: list[tuple[Modality, Posterior]] = []
    if words != Feeling():
        said.append(("text", words.emotion))
    if arousal is not None and turn.audio is not None:
        said.append(("voice", told(arousal)))
    return tuple(said)


def _before(deadline: float, lines: Future[tuple[str, ...]], turn: Turn) -> tuple[str, ...]:
    try:
        return lines.result(timeout=max(0.0, deadline - time.monotonic()))
    except TooLate:
        lines.cancel()
        logger.warning("Text in a picture of turn %s was not read in time", turn.id)
        return ()


def narrowed(said: Sequence[Slot], sightings: Sequence[Sighting]) -> tuple[Slot, ...]:
    """`said`, where words that fit several products and a photo of one of them name that one.

    Words and photo are multiplied: what either rules out is out. Where the photo shows something
    else than was named, the words stand as they are.
    """
    return tuple(_narrowed(slot, sightings) if slot.name == "product" else slot for slot in said)


def _narrowed(slot: Slot, sightings: Sequence[Sighting]) -> Slot:
    named = slot.value.split(OPTION)
    if len(named) < 2:
        return slot
    for sighting in sightings:
        shown = {product: p for product, p in sighting.products if product in named}
        total = sum(shown.values())
        best = max(shown, key=shown.__getitem__, default="")
        if total >= SHARED and shown[best] / total >= CONFIDENT:
            sure = round(shown[best] / total, 4)
            return replace(slot, value=best, source="picture", confidence=sure)
    return slot


def picture_slots(
    sightings: Sequence[Sighting], said: Sequence[Slot], state: State
) -> tuple[Slot, ...]:
    """What the pictures say where the words do not: order number and product."""
    named = {slot.name for slot in said}
    slots = []
    lines = [line for sighting in sightings for line in sighting.lines]
    order = find_order(lines)
    if order is not None and "order_id" not in named:
        slots.append(Slot("order_id", order, order, source="picture", confidence=READ_CONFIDENCE))
    # A product settled earlier in the flow stands until the customer says otherwise.
    settled = state.slot("product") is not None and state.expects != "product"
    best = max((s.products[0] for s in sightings if s.products), key=lambda p: p[1], default=None)
    if best is not None and best[1] >= CONFIDENT and "product" not in named and not settled:
        slots.append(Slot("product", best[0], source="picture", confidence=best[1]))
    return tuple(slots)
