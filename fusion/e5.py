"""E5: multilingual-e5-small (Wang et al. 2024) in torch, from weights packed in 4 bit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
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

_NAMES = ("self_attn.in_proj", "self_attn.out_proj", "norm1", "linear1", "linear2", "norm2")
"""What torch calls the parts of a layer, in the order of `_Layer`."""
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
        return self.read(texts)[0]

    def read(
        self, texts: Sequence[str], under: int = 0
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        """What `encode` gives, and of each text the (tokens, width) states under `under` layers.

        One pass for both: who has the vectors anyway has the states for nothing.
        """
        ids = [self.tokens(text) for text in texts]
        out = np.empty((len(ids), self._packed.width), np.float32)
        states: list[NDArray[np.float32]] = [out[:0]] * len(ids)
        with torch.inference_mode():
            for rows in _batches([len(row) for row in ids]):
                means, below = self._means([ids[row] for row in rows], under)
                out[rows] = means.numpy()
                for row, piece in zip(rows, below, strict=True):
                    states[row] = piece.numpy()
        return out, states

    def last(self, count: int) -> list[dict[str, Tensor]]:
        """The last `count` layers, named as `torch.nn.TransformerEncoderLayer` names its weights.

        Copies, so that they may be trained.
        """
        names = dict(zip(_NAMES, fields(_Layer), strict=True))
        return [
            {
                f"{name}{kind}": tensor.clone()
                for name, field in names.items()
                for kind, tensor in zip(
                    ("_weight", "_bias") if name == _NAMES[0] else (".weight", ".bias"),
                    getattr(layer, field.name),
                    strict=True,
                )
            }
            for layer in self._layers[len(self._layers) - count :]
        ]

    def token_states(self, text: str) -> NDArray[np.float32]:
        """(1 + tokens, width): the vector of `encode`, then the last layer's state of each piece.

        States are of the same length as the vector on average: their mean is its direction.
        """
        with torch.inference_mode():
            states, _ = self._states([self.tokens(text)], self._layers)
            mean = normalize(states.mean(dim=0, keepdim=True), dim=-1)
            scale = states.mean(dim=0).norm().clamp(min=1e-9)
            return np.asarray(torch.cat([mean, states / scale]).numpy(), dtype=np.float32)

    def tokens(self, text: str) -> list[int]:
        """Numbers of the pieces of `text` between begin and end, at most a window of them."""
        plain = _SPACES.sub(" ", text.translate(self._packed.folded))
        marked = "▁" * (not plain.startswith(" ")) + plain.replace(" ", "▁")
        pieces = self._tokenizer.encode(marked).ids[: WINDOW - 2]
        return [self._packed.begin, *pieces, self._packed.end]

    def _means(self, ids: Sequence[Sequence[int]], under: int) -> tuple[Tensor, tuple[Tensor, ...]]:
        """(batch, width) unit-length mean states of the last layer; those under `under` layers."""
        below, there = self._states(ids, self._layers[: len(self._layers) - under])
        states = below
        for layer in self._layers[len(self._layers) - under :]:
            states = self._step(layer, states, there)
        sums = torch.zeros(len(ids), states.shape[1]).index_add(0, there.nonzero()[:, 0], states)
        return normalize(sums, dim=-1), torch.split(below, [len(row) for row in ids])

    def _states(
        self, ids: Sequence[Sequence[int]], layers: Sequence[_Layer]
    ) -> tuple[Tensor, Tensor]:
        """(tokens, width) states after `layers`, and the (batch, time) places they fill."""
        lengths = torch.tensor([len(row) for row in ids])
        # Only attention needs rows of one length; elsewhere nothing is padded.
        there = torch.arange(int(lengths.max())) < lengths[:, None]
        words = self._packed.words(np.concatenate(ids))
        places = self._places[: there.shape[1]].expand(*there.shape, -1)[there]
        states = self._normed(torch.from_numpy(words) + places, self._norm)
        for layer in layers:
            states = self._step(layer, states, there)
        return states, there

    def _step(self, layer: _Layer, states: Tensor, there: Tensor) -> Tensor:
        """(tokens, width) states of all sentences, one after another, a layer on."""
        padded = states.new_zeros(*there.shape, 3 * states.shape[1])
        padded[there] = linear(states, *layer.attend)
        split = padded.view(*there.shape, 3, self._packed.heads, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        seen = scaled_dot_product_attention(query, key, value, there[:, None, None, :])
        found = linear(seen.transpose(1, 2).flatten(2)[there], *layer.gather)
        states = self._normed(states + found, layer.first_norm)
        inner = linear(gelu(linear(states, *layer.widen)), *layer.narrow)
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
    parts = [_pair(packed, f"{at}{name}.w", f"{at}{name}.b") for name in "qkv"]
    weights, biases = zip(*parts, strict=True)
    rest = ("ao", "aln", "fi", "fo", "oln")
    return _Layer(
        (torch.cat(weights), torch.cat(biases)),
        *(_pair(packed, f"{at}{name}.w", f"{at}{name}.b") for name in rest),
    )


def _pair(packed: Packed, weight: str, bias: str) -> tuple[Tensor, Tensor]:
    second = torch.from_numpy(packed.tensor(bias).copy())
    first = torch.from_numpy(packed.tensor(weight).copy())
    # Norms scale each number by itself, the rest are matrices (outputs, inputs).
    return (first if len(first) == len(second) else first.view(len(second), -1)), second
