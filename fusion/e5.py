"""E5: multilingual-e5-small (Wang et al. 2024) in torch, from weights packed in 4 bit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear, normalize, scaled_dot_product_attention

from fusion.packed import Packed, packaged, read_packed

WINDOW = 512
"""Tokens that the encoder can see."""
TOGETHER = 512
"""Tokens of one batch: the states of more would leave the processor's cache (half as fast)."""
KEPT = (6, 8, 10, 12)
"""Layers whose means are told, the last at the end."""

KIND = torch.bfloat16 if torch.cpu.get_capabilities().get("avx512_bf16") else torch.float32
"""Of the matrices: half the bits take half the time, but only where the processor knows them."""

_SPACES = re.compile(" {2,}")


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """Weight and bias of each step."""

    attend: tuple[Tensor, Tensor]
    """Queries, keys and values one below another."""
    gather: tuple[Tensor, Tensor]
    first_norm: tuple[Tensor, Tensor]
    widen: tuple[Tensor, Tensor]
    narrow: tuple[Tensor, Tensor]
    last_norm: tuple[Tensor, Tensor]


class E5:
    """Sentences to vectors, many at once, on the processor."""

    def __init__(self, path: Path | None = None) -> None:
        packed = self._packed = read_packed(path or packaged())
        self._tokenizer = Tokenizer(Unigram(packed.pieces(), packed.unknown))
        self._layers = [_layer(packed, f"l{number}.") for number in range(packed.layers)]
        self._norm = _pair(packed, "emb.ln.w", "emb.ln.b")
        kind = packed.tensor("emb.type")[: packed.width]
        self._places = torch.from_numpy(packed.tensor("emb.pos").reshape(-1, packed.width) + kind)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, width) unit-length means over tokens; what exceeds the window is left out."""
        layers = self.layers(texts)
        return np.asarray(normalize(torch.from_numpy(layers[:, -1]), dim=-1).numpy())

    def layers(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, len(KEPT), width) means over tokens after some layers, in one pass.

        Lower layers know more of tone and spelling than the last, which was taught meaning.
        """
        ids = [self.tokens(text) for text in texts]
        out = np.empty((len(ids), len(KEPT), self._packed.width), np.float32)
        with torch.inference_mode():
            for rows in _batches([len(row) for row in ids]):
                out[rows] = self._means([ids[row] for row in rows]).numpy()
        return out

    def token_states(self, text: str) -> NDArray[np.float32]:
        """(1 + tokens, width): the vector of `encode`, then the last layer's state of each piece.

        States are of the same length as the vector on average: their mean is its direction.
        """
        with torch.inference_mode():
            states = self._states([self.tokens(text)])[0][-1]
            mean = normalize(states.mean(dim=0, keepdim=True), dim=-1)
            scale = states.mean(dim=0).norm().clamp(min=1e-9)
            return np.asarray(torch.cat([mean, states / scale]).numpy(), dtype=np.float32)

    def tokens(self, text: str) -> list[int]:
        """Numbers of the pieces of `text` between begin and end, at most a window of them."""
        plain = _SPACES.sub(" ", text.translate(self._packed.folded))
        marked = "▁" * (not plain.startswith(" ")) + plain.replace(" ", "▁")
        pieces = self._tokenizer.encode(marked).ids[: WINDOW - 2]
        return [self._packed.begin, *pieces, self._packed.end]

    def _means(self, ids: Sequence[Sequence[int]]) -> Tensor:
        """(batch, kept layers, width) mean states."""
        kept, there = self._states(ids)
        rows = there.nonzero()[:, 0]
        empty = torch.zeros(len(ids), self._packed.width)
        sums = torch.stack([empty.index_add(0, rows, states) for states in kept], dim=1)
        return sums / there.sum(dim=1)[:, None, None]

    def _states(self, ids: Sequence[Sequence[int]]) -> tuple[list[Tensor], Tensor]:
        """(tokens, width) states after each of `KEPT`, and the (batch, time) places they fill."""
        lengths = torch.tensor([len(row) for row in ids])
        # Only attention needs rows of one length; elsewhere nothing is padded.
        there = torch.arange(int(lengths.max())) < lengths[:, None]
        words = self._packed.words(np.concatenate(ids))
        places = self._places[: there.shape[1]].expand(*there.shape, -1)[there]
        states = self._normed(torch.from_numpy(words) + places, self._norm)
        kept = []
        for number, layer in enumerate(self._layers, start=1):
            states = self._step(layer, states, there)
            if number in KEPT:
                kept.append(states)
        return kept, there

    def _step(self, layer: _Layer, states: Tensor, there: Tensor) -> Tensor:
        """(tokens, width) states of all sentences, one after another, a layer on."""
        rough = states.to(KIND)
        padded = rough.new_zeros(*there.shape, 3 * states.shape[1])
        padded[there] = linear(rough, *layer.attend)
        split = padded.view(*there.shape, 3, self._packed.heads, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        seen = scaled_dot_product_attention(query, key, value, there[:, None, None, :])
        found = linear(seen.transpose(1, 2).flatten(2)[there], *layer.gather)
        states = self._normed(states + found, layer.first_norm)
        inner = linear(gelu(linear(states.to(KIND), *layer.widen)), *layer.narrow)
        return self._normed(states + inner, layer.last_norm)

    def _normed(self, states: Tensor, norm: tuple[Tensor, Tensor]) -> Tensor:
        return layer_norm(states, states.shape[-1:], *norm, self._packed.epsilon)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Rows of similar length together."""
    batch: list[int] = []
    for row in np.argsort(lengths, kind="stable").tolist():
        if batch and (len(batch) + 1) * lengths[row] > TOGETHER:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _layer(packed: Packed, at: str) -> _Layer:
    q, k, v, gather, widen, narrow = (
        _in_kind(_pair(packed, f"{at}{name}.w", f"{at}{name}.b"))
        for name in ("q", "k", "v", "ao", "fi", "fo")
    )
    first, last = (_pair(packed, f"{at}{name}.w", f"{at}{name}.b") for name in ("aln", "oln"))
    attend = (torch.cat([q[0], k[0], v[0]]), torch.cat([q[1], k[1], v[1]]))
    return _Layer(attend, gather, first, widen, narrow, last)


def _in_kind(pair: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    weight, bias = pair
    return weight.to(KIND), bias.to(KIND)


def _pair(packed: Packed, weight: str, bias: str) -> tuple[Tensor, Tensor]:
    second = torch.from_numpy(packed.tensor(bias).copy())
    first = torch.from_numpy(packed.tensor(weight).copy())
    # Norms scale each number by itself, the rest are matrices (outputs, inputs).
    return (first if len(first) == len(second) else first.view(len(second), -1)), second
