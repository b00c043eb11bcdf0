"""The seams of vision: reading text and recognising products."""

from __future__ import annotations

from typing import Protocol

from dialogue.types import Picture, Posterior


class TextReader(Protocol):
    """Reads the text in a picture."""

    def read(self, picture: Picture) -> tuple[str, ...]:
        """Lines of text, top to bottom; none where there is no text. Thread-safe."""
        ...


class ProductRecognizer(Protocol):
    """Recognises products of a catalogue."""

    def recognize(self, picture: Picture, n: int = 5) -> Posterior:
        """The `n` most probable product ids with probabilities, best first. Thread-safe."""
        ...
