"""Whisper through CTranslate2: int8, a window no longer than the utterance, an n-best list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import tokenizers
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

from dialogue.types import AudioClip, Hints, Language, Transcript
from speech.asr.guards import tokens_allowed
from speech.asr.nbest import Scored, choose, identify, nothing
from speech.asr.script import Script, normaliser
from speech.asr.windows import join_windows, windows
from speech.audio import WHISPER_RATE, resample

PAD_SECONDS = 1.0
"""Silence after the utterance; without it Whisper misses the last word."""
PROMPTS: dict[Language, str] = {"zh": "以下是普通话的句子。", "en": ""}
_QUIET = 1e-3
"""Amplitude below which nobody can have spoken."""
_PROMPT_TOKENS = 200
_UNSPOKEN = dict.fromkeys(map(ord, "「」『』\ufffd"))


@dataclass(frozen=True, slots=True)
class _Ids:
    start: int
    previous: int
    task: int
    languages: dict[Language, int]
    zero: int
    """The first of 1501 timestamp tokens, 20 ms apart."""
    space: int
    suppressed: tuple[int, ...]


class FasterWhisperRecognizer:
    """Transcribes what a caller has already trimmed to speech. Thread-safe."""

    def __init__(
        self,
        model_folder: Path,
        threads: int = 0,
        device: str = "cpu",
        compute_type: str = "int8",
        script: Script = "simplified",
    ) -> None:
        self._model: Any = ctranslate2.models.Whisper(
            str(model_folder), device=device, compute_type=compute_type, intra_threads=threads
        )
        self._tokens = tokenizers.Tokenizer.from_file(str(model_folder / "tokenizer.json"))
        self._mel = FeatureExtractor(feature_size=self._model.n_mels)
        self._ids = self._special()
        self._write = normaliser(script)

    def transcribe(self, clip: AudioClip, hints: Hints) -> Transcript:
        """Hypotheses for `clip`, best first; none when nobody spoke."""
        sound = resample(clip, WHISPER_RATE)
        if not len(sound.samples) or float(np.abs(sound.samples).max()) < _QUIET:
            return nothing(hints)
        pieces = windows(sound)
        if len(pieces) == 1:
            return self._utterance(sound, hints)
        return join_windows([self._utterance(piece, hints, n=1) for piece in pieces])

    def _utterance(self, clip: AudioClip, hints: Hints, n: int | None = None) -> Transcript:
        encoded = self._encode(clip)
        language, probability = self._language(encoded, hints)
        prompt = self._prompt(language, hints)
        wanted = 1 if hints.partial else (n or hints.n)
        first, no_speech, end = self._greedy(encoded, prompt, clip.seconds, language)
        others = self._beam(encoded, prompt, first, end, language, wanted)
        hypotheses = choose(first, others, no_speech, hints, wanted, self._text(language))
        states = np.array(encoded, dtype=np.float32)[0]
        return Transcript(hypotheses, language, probability, no_speech, states)

    def _encode(self, clip: AudioClip) -> Any:
        padding = np.zeros(round(PAD_SECONDS * WHISPER_RATE), np.float32)
        mel: NDArray[np.float32] = self._mel(np.concatenate([clip.samples, padding]), padding=0)
        even = np.ascontiguousarray(mel[None, :, : mel.shape[1] // 2 * 2], dtype=np.float32)
        return self._model.encode(ctranslate2.StorageView.from_array(even), to_cpu=True)

    def _language(self, encoded: Any, hints: Hints) -> tuple[Language, float]:
        if hints.language:
            return hints.language, 1.0
        (found,) = self._model.detect_language(encoded)
        return identify({name.strip("<|>"): float(p) for name, p in found}, hints.prior)

    def _prompt(self, language: Language, hints: Hints) -> list[int]:
        ids = self._ids
        before = " ".join((hints.prompt or PROMPTS[language], *hints.hotwords)).strip()
        start = [ids.start, ids.languages[language], ids.task]
        if not before:
            return start
        words = self._tokens.encode(" " + before, add_special_tokens=False).ids
        return [ids.previous, *words[-_PROMPT_TOKENS:], *start]

    def _greedy(
        self, encoded: Any, prompt: list[int], seconds: float, language: Language
    ) -> tuple[Scored, float, int | None]:
        """The most probable tokens one by one, P(no speech), and the end timestamp."""
        found = self._generate(encoded, prompt, 1, tokens_allowed(seconds), self._mute(language))
        tokens = tuple(found.sequences_ids[0])
        end = next((token for token in tokens if token > self._ids.zero), None)
        return Scored(tokens, found.scores[0]), float(found.no_speech_prob), end

    def _beam(
        self,
        encoded: Any,
        prompt: list[int],
        first: Scored,
        end: int | None,
        language: Language,
        wanted: int,
    ) -> list[Scored]:
        # Timestamps keep short-context Whisper from saying the sentence twice, but a beam then
        # fills up with the same words ending 20 ms apart: only the greedy end is left to choose.
        if wanted < 2 or end is None:
            return []
        zero = self._ids.zero
        muted = [*self._mute(language), *(t for t in range(zero + 1, zero + 1501) if t != end)]
        limit = len(first.tokens) + 4
        found = self._generate(encoded, prompt, wanted, limit, muted)
        pairs = zip(found.sequences_ids, found.scores, strict=True)
        return [Scored(tuple(ids), score) for ids, score in pairs if len(ids) < limit]

    def _generate(
        self, encoded: Any, prompt: list[int], beams: int, tokens: int, muted: Sequence[int]
    ) -> Any:
        # CTranslate2 stops at min(max_length / 2, max_length - prompt).
        longest = tokens + max(tokens, len(prompt))
        (found,) = self._model.generate(
            encoded,
            [prompt],
            beam_size=beams,
            num_hypotheses=beams,
            max_length=longest,
            return_scores=True,
            return_no_speech_prob=True,
            max_initial_timestamp_index=0,
            suppress_tokens=list(muted),
        )
        return found

    def _mute(self, language: Language) -> tuple[int, ...]:
        alone = (self._ids.space,) if language == "zh" else ()
        return (*self._ids.suppressed, *alone)

    def _text(self, language: Language) -> Any:
        def text(tokens: Sequence[int]) -> str:
            words = [token for token in tokens if token < self._ids.start - 1]
            written = str(self._tokens.decode(words))
            bare = written.translate(_UNSPOKEN).strip()
            return self._write(bare) if language == "zh" else bare

        return text

    def _special(self) -> _Ids:
        vocabulary: dict[str, int] = self._tokens.get_vocab()
        find = vocabulary.__getitem__
        start = find("<|startoftranscript|>")
        marks = [i for text, i in vocabulary.items() if i < start and _mark(text)]
        return _Ids(
            start=start,
            previous=find("<|startofprev|>"),
            task=find("<|transcribe|>"),
            languages={"zh": find("<|zh|>"), "en": find("<|en|>")},
            zero=find("<|notimestamps|>") + 1,
            space=find("Ġ"),
            suppressed=(*sorted(marks), *range(start, find("<|notimestamps|>"))),
        )


def _mark(text: str) -> bool:
    """Tokens that are no speech: brackets, notes, hashes."""
    bare = text.lstrip("Ġ")
    return bool(bare) and all(character in '#()*/:;<=>@[]^_`{|}~"' for character in bare)
