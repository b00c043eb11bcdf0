"""Text: words and Chinese characters of an own vocabulary, or the states of e5's last layer."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import torch
from torch import nn

from fusion.alignment import TimedText
from fusion.config import ConfigError
from fusion.extractors import E5_WIDTH, e5
from fusion.padded import NAN, Padded, Steps

UNKNOWN = 64
"""Rows that words outside the vocabulary share, by hash."""
KEPT = 8000
"""Most frequent words that a vocabulary keeps."""
TOKEN = re.compile(r"[㐀-鿿]|[^\W\d_㐀-鿿]+|\d|[^\w\s]")


class TextEncoder(nn.Module):
    """`tokens="vocabulary"` learns its words, `"e5"` stands on frozen states and their mean."""

    def __init__(
        self,
        width: int,
        *,
        tokens: Literal["vocabulary", "e5"] = "e5",
        vocabulary: Sequence[str] = (),
        max_length: int = 512,
    ) -> None:
        super().__init__()
        if tokens not in ("vocabulary", "e5"):
            raise ConfigError(f"unknown tokens {tokens}; choose from: vocabulary, e5")
        self.tokens, self.max_length = tokens, max_length
        # Row 0 is padding, then the shared rows, then the vocabulary.
        self._rows = {word: 1 + UNKNOWN + i for i, word in enumerate(vocabulary)}
        if tokens == "vocabulary":
            self.project: nn.Module = nn.Embedding(1 + UNKNOWN + len(vocabulary), width)
        else:
            self.project = nn.Linear(E5_WIDTH, width)
        self.norm = nn.LayerNorm(width)

    @classmethod
    def fit(cls, raws: Iterable[str | TimedText], **given: Any) -> dict[str, Any]:
        """The vocabulary of training texts, words seen twice or more; nothing for e5."""
        if given.get("tokens", "e5") == "e5" or given.get("vocabulary"):
            return {}
        counts = Counter(word for raw in raws for word, _, _ in split(_plain(raw)))
        frequent = [word for word, n in counts.most_common(KEPT) if n > 1]
        return {"vocabulary": sorted(frequent)}

    def prepare(self, raw: str | TimedText) -> Steps:
        """Rows of the embedding, or e5's states after their mean; times where words have them."""
        if not isinstance(raw, str | TimedText):
            raise ValueError(f"text must be a string, not {type(raw).__name__}")
        text = _plain(raw)
        if self.tokens == "e5":
            return Steps(torch.from_numpy(e5().token_states(text)[: self.max_length + 1]))
        words = split(text)[: self.max_length] or [("", 0, 0)]
        rows = torch.tensor([self._row(word) for word, _, _ in words])
        if isinstance(raw, str):
            return Steps(rows)
        spans = [raw.span(start, end) or (NAN, NAN) for _, start, end in words]
        return Steps(rows, torch.tensor(spans))

    def forward(self, batch: Padded) -> Padded:
        """Tokens, one per word or piece; e5's begin with the sentence's own vector."""
        values = self.norm(self.project(batch.values)) * batch.mask[..., None]
        return Padded(values, batch.mask, batch.times)

    def _row(self, word: str) -> int:
        # crc32 rather than hash(): the same in every process.
        return self._rows.get(word) or 1 + zlib.crc32(word.encode()) % UNKNOWN


def split(text: str) -> list[tuple[str, int, int]]:
    """Words, Chinese characters, digits and marks with start and end: width and case folded."""
    # Folded match by match, so that offsets are those of the text as given.
    return [
        (unicodedata.normalize("NFKC", m.group()).casefold(), m.start(), m.end())
        for m in TOKEN.finditer(text)
    ]


def _plain(raw: str | TimedText) -> str:
    return raw if isinstance(raw, str) else raw.text
