"""The language model that may add to answers."""

from __future__ import annotations

from pathlib import Path

from app.config import Settings
from dialogue.engines import Writer


def build_writer(settings: Settings) -> Writer | None:
    """The model that the settings name, at an endpoint or run here; None where they name none."""
    chosen = settings.writer
    if chosen.local:
        from app.local_model import LocalModel

        return LocalModel(Path(chosen.local), chosen.tokens, settings.speech.threads)
    if not chosen.url:
        return None
    from app.chat_completions import ChatCompletions

    key = chosen.key.get_secret_value()
    return ChatCompletions(chosen.url, chosen.model, key, chosen.seconds, chosen.tokens)
