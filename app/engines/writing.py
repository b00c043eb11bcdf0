"""The language model that may add to answers."""

from __future__ import annotations

from app.config import Settings
from dialogue.engines import Writer


def build_writer(settings: Settings) -> Writer | None:
    """The model behind the endpoint that the settings name; None where they name none."""
    chosen = settings.writer
    if not chosen.url:
        return None
    from app.chat_completions import ChatCompletions

    key = chosen.key.get_secret_value()
    return ChatCompletions(chosen.url, chosen.model, key, chosen.seconds, chosen.tokens)
