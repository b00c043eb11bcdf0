"""The public CTranslate2 conversion of Whisper, turned back tensor by tensor into a state dict."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[np.generic]

_TYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}
_PARTS = (
    (r"^(encoder|decoder)/layer_(\d+)/", r"\1.blocks.\2."),
    (r"self_attention/layer_norm/", "attn_ln."),
    (r"attention/layer_norm/", "cross_attn_ln."),
    (r"ffn/layer_norm/", "mlp_ln."),
    (r"ffn/linear_0/", "mlp.0."),
    (r"ffn/linear_1/", "mlp.2."),
    (r"self_attention/linear_0/", "attn.query+key+value."),
    (r"self_attention/linear_1/", "attn.out."),
    (r"attention/linear_0/", "cross_attn.query."),
    (r"attention/linear_1/", "cross_attn.key+value."),
    (r"attention/linear_2/", "cross_attn.out."),
    (r"^encoder/conv(\d)/", r"encoder.conv\1."),
    (r"^encoder/layer_norm/", "encoder.ln_post."),
    (r"^decoder/layer_norm/", "decoder.ln."),
    (r"^encoder/position_encodings/encodings", "encoder.positional_embedding"),
    (r"^decoder/position_encodings/encodings", "decoder.positional_embedding"),
    (r"^decoder/embeddings/", "decoder.token_embedding."),
    (r"gamma$", "weight"),
    (r"beta$", "bias"),
)
_SKIPPED = re.compile(r"^decoder/(projection/|scale_)|alignment_heads|/num_heads$|weight_scale$")


def state_dict(model: Path) -> dict[str, torch.Tensor]:
    """OpenAI's names and float32 weights from the `model.bin` that CTranslate2 reads."""
    stored = variables(model)
    found: dict[str, torch.Tensor] = {}
    for name, array in stored.items():
        if _SKIPPED.search(name) or array.ndim == 0:
            continue
        plain = _plain(array, stored.get(f"{name}_scale"))
        for ours, part in _split(_renamed(name), plain):
            found[ours] = torch.from_numpy(part.copy())
    return found


def dimensions(weights: dict[str, torch.Tensor]) -> dict[str, int]:
    """Whisper's `ModelDimensions` as the shapes of `weights` tell them; heads are 64 wide."""
    width = weights["encoder.positional_embedding"].shape[1]
    return {
        "n_mels": weights["encoder.conv1.weight"].shape[1],
        "n_audio_ctx": weights["encoder.positional_embedding"].shape[0],
        "n_audio_state": width,
        "n_audio_head": width // 64,
        "n_audio_layer": _layers(weights, "encoder"),
        "n_vocab": weights["decoder.token_embedding.weight"].shape[0],
        "n_text_ctx": weights["decoder.positional_embedding"].shape[0],
        "n_text_state": width,
        "n_text_head": width // 64,
        "n_text_layer": _layers(weights, "decoder"),
    }


def variables(model: Path) -> dict[str, Array]:
    """Every array in a CTranslate2 binary model (format 5 and 6), as it is stored."""
    with model.open("rb") as file:
        _number(file, "I")  # format
        _text(file)  # kind of model
        _number(file, "I")  # its revision
        return dict(_variable(file) for _ in range(_number(file, "I")))


def _variable(file: BinaryIO) -> tuple[str, Array]:
    name = _text(file)
    shape = [_number(file, "I") for _ in range(_number(file, "B"))]
    kind = _number(file, "B")
    if kind not in _TYPES:
        raise ValueError(f"{name} is stored as type {kind}; known are {sorted(_TYPES)}")
    content = file.read(_number(file, "I"))
    return name, np.frombuffer(content, _TYPES[kind]).reshape(shape)


def _number(file: BinaryIO, code: str) -> int:
    size = struct.calcsize("<" + code)
    return int(struct.unpack("<" + code, file.read(size))[0])


def _text(file: BinaryIO) -> str:
    return file.read(_number(file, "H")).rstrip(b"\0").decode()


def _plain(array: Array, scale: Array | None) -> NDArray[np.float32]:
    if scale is None:
        return array.astype(np.float32)
    factor = scale.astype(np.float32)
    return array.astype(np.float32) / (factor[:, None] if factor.ndim == 1 else factor)


def _renamed(name: str) -> str:
    for pattern, ours in _PARTS:
        name = re.sub(pattern, ours, name)
    return name


def _split(name: str, array: NDArray[np.float32]) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """One fused projection as its parts; OpenAI's keys have no bias."""
    fused = re.search(r"(\w+(?:\+\w+)+)\.(weight|bias)$", name)
    if not fused:
        yield name, array
        return
    parts = fused[1].split("+")
    for part, piece in zip(parts, np.split(array, len(parts)), strict=True):
        if (part, fused[2]) != ("key", "bias"):
            yield name.replace(fused[1], part), piece


def _layers(weights: dict[str, torch.Tensor], side: str) -> int:
    return len({n.split(".")[2] for n in weights if n.startswith(f"{side}.blocks.")})
