"""A model that runs here, without the weights of one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from app import local_model
from app.local_model import LocalModel

ANSWER = "hi."


class Letters:
    """A tokenizer whose tokens are code points, and which names no end."""

    eos_token_id = None
    chat_template = ""

    def apply_chat_template(self, *_: Any, **__: Any) -> dict[str, Any]:
        """A prompt of one token."""
        return {"input_ids": torch.tensor([[0]])}

    def decode(self, ids: list[int], **_: Any) -> str:
        """The letters."""
        return "".join(map(chr, ids))


class Parrot:
    """A model that writes ANSWER, then one of its ends, then more."""

    generation_config = SimpleNamespace(eos_token_id=[1, 2])

    def __init__(self) -> None:
        self._left = iter([*map(ord, ANSWER), 2, *map(ord, "never")])

    def __call__(self, **_: Any) -> Any:
        """The next token is by far the likeliest."""
        logits = torch.zeros(1, 1, 128)
        logits[0, -1, next(self._left)] = 1.0
        return SimpleNamespace(logits=logits, past_key_values=None)


def test_an_answer_ends_at_any_of_the_ends_a_model_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_model, "_loaded", lambda *_: (Letters(), Parrot()))
    written = LocalModel(Path("folder")).write([("user", "?")], lambda: False)
    assert "".join(written) == ANSWER
