"""Encoders: what turns one modality into tokens, behind one interface and by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from torch import nn

from fusion.config import ConfigError, check_names, options_of
from fusion.encoders.audio import AudioEncoder
from fusion.encoders.series import SeriesEncoder
from fusion.encoders.text import TextEncoder
from fusion.encoders.vision import ImageEncoder, VideoEncoder
from fusion.padded import Padded, Steps


class ModalityEncoder(Protocol):
    """A torch module that knows one modality; it is built as `Encoder(width, **options)`."""

    def prepare(self, raw: Any) -> Steps:
        """One raw value before any trained weight; ValueError says what was expected instead.

        The same value gives the same steps, so that they may be kept between epochs.
        """
        ...

    def __call__(self, batch: Padded) -> Padded:
        """Tokens (batch, time, width) of prepared and padded values."""
        ...


_BUILDERS: dict[str, Callable[..., Any]] = {}


def register_modality(name: str, build: Callable[..., Any]) -> None:
    """Makes `name` a modality: `build(width, **options)` returns its encoder.

    The options are the keyword-only parameters of `build`. A `fit(raws, **options)` on it, if any,
    returns options learned from training data (a vocabulary, a mean). The same name again replaces.
    """
    _BUILDERS[name] = build


def modalities() -> tuple[str, ...]:
    """The names that are registered."""
    return tuple(_BUILDERS)


def build_encoder(name: str, width: int, given: Mapping[str, Any]) -> nn.Module:
    """The encoder of modality `name`. ConfigError lists valid modalities or options."""
    build = _builder(name, given)
    try:
        encoder: nn.Module = build(width, **given)
    except ConfigError as error:
        raise ConfigError(f"modalities.{name}: {error}") from error
    return encoder


def fit_options(name: str, given: Mapping[str, Any], raws: Iterable[Any]) -> dict[str, Any]:
    """`given` and what the encoder of modality `name` learns from training values."""
    fit = getattr(_builder(name, given), "fit", None)
    return {**given, **(fit(raws, **given) if fit else {})}


def _builder(name: str, given: Mapping[str, Any]) -> Callable[..., Any]:
    check_names([name], _BUILDERS, "modalities", "modality")
    check_names(given, options_of(_BUILDERS[name]), f"modalities.{name}", "option")
    return _BUILDERS[name]


register_modality("text", TextEncoder)
register_modality("image", ImageEncoder)
register_modality("audio", AudioEncoder)
register_modality("video", VideoEncoder)
register_modality("series", SeriesEncoder)
