"""Attention: what is missing is not seen, and the ratio between modalities is what it says."""

from __future__ import annotations

import pytest
import torch

from fusion.attention import CrossModal, Trunk, cross_modal_ratio, positions, waves
from fusion.padded import NAN, Padded, Steps, pad


def padded(values: torch.Tensor, mask: list[list[int]]) -> Padded:
    return Padded(
        values, torch.tensor(mask, dtype=torch.bool), torch.full((*values.shape[:2], 2), NAN)
    )


def test_the_ratio_is_the_share_of_attention_that_leaves_the_modality() -> None:
    weights = torch.tensor([[[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.25, 0.25, 0.5]]])
    owner = torch.tensor([0, 0, 1])
    # Outward: .2 and .1 of the two words, .5 of the one cell.
    everything = torch.ones(1, 3, dtype=torch.bool)
    assert cross_modal_ratio(weights, everything, owner).item() == pytest.approx(0.8 / 3)
    words_only = torch.tensor([[True, True, False]])
    assert cross_modal_ratio(weights, words_only, owner).item() == pytest.approx(0.15)


def test_padding_and_missing_modalities_change_nothing_for_the_others() -> None:
    torch.manual_seed(0)
    cross = CrossModal(width=8, layers=2, heads=2, dropout=0.0).eval()
    words, cells = torch.randn(1, 2, 8), torch.randn(1, 3, 8)
    alone, ratio = cross({"text": padded(words, [[1, 1]])})
    beside, same = cross({"text": padded(words, [[1, 1]]), "image": padded(cells, [[0, 0, 0]])})
    assert torch.allclose(alone["text"].values, beside["text"].values, atol=1e-6)
    assert ratio.item() == same.item() == 0.0
    assert not beside["image"].values.any()


def test_a_row_without_the_modality_gives_no_nan_gradient() -> None:
    trunk = Trunk(["text"], 8, 1, 2, 0.0, shared=True)
    tokens = torch.randn(2, 3, 8, requires_grad=True)
    trunk("text", padded(tokens, [[1, 1, 0], [0, 0, 0]])).values.sum().backward()
    assert tokens.grad is not None
    assert tokens.grad.isfinite().all()
    assert not tokens.grad[1].any()


def test_a_shared_trunk_has_one_set_of_blocks_and_an_unshared_one_each() -> None:
    def size(*, shared: bool) -> int:
        trunk = Trunk(["text", "image", "audio"], 8, 2, 2, 0.0, shared=shared)
        return sum(p.numel() for p in trunk.stacks.parameters())

    assert size(shared=False) == 3 * size(shared=True)


def test_checkpointed_gradients_are_the_same() -> None:
    torch.manual_seed(0)
    trunk = Trunk(["text"], 8, 2, 2, 0.0, shared=True).train()
    gradients = []
    for checkpointing in (False, True):
        trunk.checkpointing = checkpointing
        tokens = torch.ones(1, 3, 8, requires_grad=True)
        trunk("text", padded(tokens, [[1, 1, 1]])).values.square().sum().backward()
        gradients.append(tokens.grad)
    assert torch.allclose(*gradients)


def test_a_word_and_the_frame_at_the_same_second_get_the_same_wave() -> None:
    word = pad([Steps(torch.zeros(1, 4), torch.tensor([[1.0, 2.0]]))])
    frame = pad([Steps(torch.zeros(1, 4), torch.tensor([[1.4, 1.6]]))])
    untimed = pad([Steps(torch.zeros(1, 4))])
    assert torch.allclose(positions(word), positions(frame))
    assert torch.equal(positions(untimed)[0, 0], waves(torch.tensor(0.0), 4))
    assert torch.equal(waves(torch.tensor(0.0), 4), torch.tensor([0.0, 0.0, 1.0, 1.0]))
