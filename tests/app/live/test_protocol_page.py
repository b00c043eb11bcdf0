"""The protocol's page names every message and its model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from app.live import protocol

PAGE = (Path(__file__).parents[3] / "docs" / "live-protocol.md").read_text("utf-8")
MODELS: list[Any] = [*get_args(get_args(protocol.Incoming)[0]), *get_args(protocol.Outgoing)]


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_message_is_on_the_page(model: Any) -> None:
    (name,) = get_args(model.model_fields["type"].annotation)
    assert f"| `{name}` | [{model.__name__}](../app/live/protocol.py) |" in PAGE
