"""The naive pipeline, for comparison: wait, recognize a padded window, understand, say it whole."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.answering import answer
from app.commands.bench_callers import Line
from app.conversation import Conversation
from app.engines import Progress
from app.house import House, open_settings, read_settings
from dialogue.types import Language
from speech.audio import encode_wav
from speech.tts.cache import PhraseCache

WAIT_MS = 600
"""Of silence, before anything begins."""
STAGES = ("asr", "nlu", "policy", "shop", "wording", "tts")
"""What it does, one after the other; no joint decoding, no phrase remembered."""


def naive(
    lines: Mapping[Language, Sequence[Line]], domain: str, progress: Progress
) -> dict[Language, list[float]]:
    """Milliseconds from the last voiced sample to the first audible one, by language.

    openai-whisper hears the clip in its padded window of 30 s; the reply sounds when all of it is
    synthesized. The wire is left out, in its favour.
    """
    settings = read_settings(domain)
    speech = settings.speech.model_copy(update={"recognizer": "openai-whisper", "warm": False})
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder)
        if (settings.var / "models").is_dir():
            (var / "models").symlink_to((settings.var / "models").resolve())
        opened = open_settings(settings.model_copy(update={"var": var, "speech": speech}), progress)
        opened.engines.complete()
        house = forgetful(opened)
        try:
            waits: dict[Language, list[float]] = {}
            for language, said in lines.items():
                for line in said:
                    files = (("audio", encode_wav(line.clip)),)
                    spans = answer(house, language, files=files, speak=True).trace.spans  # type: ignore[arg-type]
                    spent = sum(span.seconds for span in spans if span.stage in STAGES)
                    waits.setdefault(language, []).append(WAIT_MS + 1000 * spent)
            return waits
        finally:
            opened.close()


def forgetful(house: House) -> House:
    """`house` with voices that make every clause anew, as a pipeline without a phrase cache."""
    voices = {
        language: voice.engine if isinstance(voice, PhraseCache) else voice
        for language, voice in house.engines.voices.items()
    }
    engines = replace(house.engines, voices=voices)
    return replace(house, engines=engines, conversation=Conversation(engines, house.store))
