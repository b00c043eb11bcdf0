"""Attention: the trunk each modality passes through, and the block where they see each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from torch.utils.checkpoint import checkpoint

from fusion.padded import Padded, join

WIDER = 4
"""Times the width inside a block's feed-forward part."""
LONGEST = 10_000.0
"""Steps of the slowest wave of a position (Vaswani et al. 2017)."""
PER_SECOND = 50.0
"""Steps that a second counts as: Whisper's frames."""


class Block(nn.Module):
    """A pre-norm transformer block (Xiong et al. 2020) that tells whom it looked at if asked."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.before_attention = nn.LayerNorm(width)
        self.look = nn.Linear(width, 3 * width)
        self.gather = nn.Linear(width, width)
        self.before_widening = nn.LayerNorm(width)
        self.widen = nn.Linear(width, WIDER * width)
        self.narrow = nn.Linear(WIDER * width, width)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """(batch, time, width) tokens a block on; those outside `mask` are seen by nobody."""
        query, key, value = self._split(tokens)
        rate = self.dropout if self.training else 0.0
        seen = scaled_dot_product_attention(query, key, value, visible(mask)[:, None], rate)
        return self._rest(tokens, seen)

    def forward_with_weights(self, tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """As `forward`, and the (batch, query, key) weights averaged over heads."""
        query, key, value = self._split(tokens)
        scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
        scores = scores.masked_fill(~visible(mask)[:, None], torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        dropped = nn.functional.dropout(weights, self.dropout, self.training)
        return self._rest(tokens, dropped @ value), weights.mean(dim=1)

    def _split(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        looked = self.look(self.before_attention(tokens))
        query, key, value = looked.unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return query, key, value

    def _rest(self, tokens: Tensor, seen: Tensor) -> Tensor:
        drop = nn.functional.dropout
        found = self.gather(seen.transpose(1, 2).flatten(2))
        tokens = tokens + drop(found, self.dropout, self.training)
        inner = self.narrow(nn.functional.gelu(self.widen(self.before_widening(tokens))))
        return tokens + drop(inner, self.dropout, self.training)


class Trunk(nn.Module):
    """Blocks that every modality's tokens pass through by themselves: one set, or one each."""

    def __init__(
        self, modalities: Sequence[str], width: int, layers: int, heads: int, dropout: float,
        *, shared: bool,
    ) -> None:  # fmt: skip
        super().__init__()
        names = ["all"] if shared else list(modalities)
        self.stacks = nn.ModuleDict(
            {
                name: nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
                for name in names
            }
        )
        self.marks = nn.ParameterDict(
            {name: nn.Parameter(0.02 * torch.randn(width)) for name in modalities}
        )
        self.shared = shared
        self.checkpointing = False
        """Whether activations are computed again for the backward pass instead of kept."""

    def forward(self, modality: str, tokens: Padded) -> Padded:
        """The tokens of one modality, marked as its own and placed, through the blocks."""
        values = tokens.values + self.marks[modality] + positions(tokens)
        blocks = self.stacks["all" if self.shared else modality]
        assert isinstance(blocks, nn.ModuleList)
        for block in blocks:
            if self.checkpointing and self.training:
                values = checkpoint(block, values, tokens.mask, use_reentrant=False)
            else:
                values = block(values, tokens.mask)
        return Padded(values * tokens.mask[..., None], tokens.mask, tokens.times)


class CrossModal(nn.Module):
    """Blocks in which every token attends to the tokens of every modality that is there."""

    def __init__(self, width: int, layers: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))

    def forward(self, tokens: Mapping[str, Padded]) -> tuple[dict[str, Padded], Tensor]:
        """The tokens, and how much attention left its own modality: (batch,) from 0 to 1."""
        lengths = [each.mask.shape[1] for each in tokens.values()]
        joined = join(list(tokens.values()))
        values, ratios = joined.values, []
        # Lengths stay symbolic in an exported model, which repeat_interleave would not let them.
        owner = torch.cat(
            [
                torch.full_like(each.mask[0], i, dtype=torch.long)
                for i, each in enumerate(tokens.values())
            ]
        )
        for block in self.blocks:
            assert isinstance(block, Block)
            values, weights = block.forward_with_weights(values, joined.mask)
            ratios.append(cross_modal_ratio(weights, joined.mask, owner))
        values = values * joined.mask[..., None]
        parts = torch.split(values, lengths, dim=1)
        out = {
            name: Padded(part, each.mask, each.times)
            for (name, each), part in zip(tokens.items(), parts, strict=True)
        }
        ratio = torch.stack(ratios).mean(dim=0) if ratios else values.new_zeros(values.shape[0])
        return out, ratio


def visible(mask: Tensor) -> Tensor:
    """(batch, query, key) who sees whom, from (batch, time); a row of nothing sees its padding."""
    # A softmax over nothing is NaN, which would spread through the gradients of the whole batch.
    keys = mask | ~mask.any(dim=1, keepdim=True)
    return keys[:, None, :].expand(-1, mask.shape[1], -1)


def cross_modal_ratio(weights: Tensor, mask: Tensor, owner: Tensor) -> Tensor:
    """(batch,) share of attention that goes to another modality than the token's own.

    `weights` (batch, query, key), `mask` (batch, time), `owner` (time,) number of the modality.
    """
    other = (owner[:, None] != owner[None, :]).to(weights.dtype)
    outward = (weights * other).sum(dim=-1) * mask
    return outward.sum(dim=1) / mask.sum(dim=1).clamp(min=1)


def positions(tokens: Padded) -> Tensor:
    """(batch, time, width) waves of the step's number, and of its middle in seconds if known."""
    steps = torch.arange(tokens.mask.shape[1], device=tokens.mask.device).float()
    width = tokens.values.shape[-1]
    places = waves(steps, width)[None]
    middle = tokens.times.mean(dim=-1) * PER_SECOND
    known = ~middle.isnan()
    clock = waves(torch.where(known, middle, 0.0), width) * known[..., None]
    return (places + clock).to(tokens.values.dtype)


def waves(steps: Tensor, width: int) -> Tensor:
    """(…, width) sines and cosines of (…) step numbers."""
    half = torch.arange(width // 2, device=steps.device) / (width // 2)
    angles = steps[..., None] * LONGEST**-half
    return torch.cat([angles.sin(), angles.cos()], dim=-1)
