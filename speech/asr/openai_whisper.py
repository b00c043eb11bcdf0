"""Whisper in torch, on CPU or GPU: any size, from a checkpoint or from the CTranslate2 file."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import whisper
from whisper.audio import N_SAMPLES, log_mel_spectrogram
from whisper.decoding import DecodingOptions, DecodingTask
from whisper.tokenizer import get_tokenizer

from dialogue.types import AudioClip, Hints, Language, Transcript
from speech.asr.convert import dimensions, state_dict
from speech.asr.guards import tokens_allowed
from speech.asr.nbest import Scored, choose, identify, nothing
from speech.asr.script import Script, normaliser
from speech.asr.windows import join_windows, windows
from speech.audio import WHISPER_RATE, resample

PROMPTS: dict[Language, str] = {"zh": "以下是普通话的句子。", "en": ""}
_QUIET = 1e-3


Ranked = tuple[list[Scored], float]
"""All finished sequences of one decoding, best first, and P(no speech)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """What fits into one window, and what is known of it."""

    clip: AudioClip
    hints: Hints

    @property
    def wanted(self) -> int:
        """Hypotheses."""
        return 1 if self.hints.partial else self.hints.n


class OpenAIWhisperRecognizer:
    """Transcribes what a caller has already trimmed to speech, in the full 30 s window."""

    def __init__(
        self, model: str | Path, device: str = "cpu", script: Script = "simplified"
    ) -> None:
        """`model`: a checkpoint file, a folder with `model.bin` or one `.pt`, or a hub name."""
        self._model: Any = load_whisper(model, device)
        self._device = device
        self._dtype = torch.float32 if device == "cpu" else torch.float16
        self._lock = threading.Lock()
        self._write = normaliser(script)

    def transcribe(self, clip: AudioClip, hints: Hints) -> Transcript:
        """Hypotheses for `clip`, best first; none when nobody spoke."""
        (heard,) = self.transcribe_all([(clip, hints)])
        return heard

    @torch.inference_mode()
    def transcribe_all(self, asked: Sequence[tuple[AudioClip, Hints]]) -> list[Transcript]:
        """As `transcribe`, of several clips in one batch."""
        sounds = [resample(clip, WHISPER_RATE) for clip, _ in asked]
        pieces = [
            (place, _Piece(piece, asked[place][1]))
            for place, sound in enumerate(sounds)
            if len(sound.samples) and float(np.abs(sound.samples).max()) >= _QUIET
            for piece in windows(sound)
        ]
        found: list[list[Transcript]] = [[] for _ in asked]
        if pieces:
            with self._lock:  # its key-value cache hangs on the model
                heard = self._utterances([piece for _, piece in pieces])
            for (place, _), transcript in zip(pieces, heard, strict=True):
                found[place].append(transcript)
        return [
            join_windows(mine) if len(mine) > 1 else mine[0] if mine else nothing(hints)
            for mine, (_, hints) in zip(found, asked, strict=True)
        ]

    def _utterances(self, pieces: Sequence[_Piece]) -> list[Transcript]:
        encoded = self._encode([piece.clip for piece in pieces])
        languages = self._languages(encoded, [piece.hints for piece in pieces])
        greedy = self._decode(encoded, pieces, languages, wide=False)
        wide = self._decode(encoded, pieces, languages, wide=True)
        heard = []
        for n, (piece, (language, sure)) in enumerate(zip(pieces, languages, strict=True)):
            (first, *_), no_speech = greedy[n]
            others = wide[n][0] if n in wide else []
            text = self._text(language)
            chosen = choose(first, others, no_speech, piece.hints, piece.wanted, text)
            states = encoded[n].float().cpu().numpy()
            heard.append(Transcript(chosen, language, sure, no_speech, states))
        return heard

    def _encode(self, clips: Sequence[AudioClip]) -> torch.Tensor:
        """Encoder states (clips, 1500, width)."""
        mels = [
            log_mel_spectrogram(
                np.ascontiguousarray(clip.samples),
                self._model.dims.n_mels,
                padding=max(0, N_SAMPLES - len(clip.samples)),
            )[:, :3000]
            for clip in clips
        ]
        encoded: torch.Tensor = self._model.encoder(torch.stack(mels).to(self._device, self._dtype))
        return encoded

    def _languages(
        self, encoded: torch.Tensor, hints: Sequence[Hints]
    ) -> list[tuple[Language, float]]:
        open_ = [n for n, each in enumerate(hints) if not each.language]
        found = whisper.detect_language(self._model, encoded[open_])[1] if open_ else []
        told = dict(zip(open_, found, strict=True))
        return [
            (each.language, 1.0) if each.language else identify(told[n], each.prior)
            for n, each in enumerate(hints)
        ]

    def _decode(
        self,
        encoded: torch.Tensor,
        pieces: Sequence[_Piece],
        languages: Sequence[tuple[Language, float]],
        *,
        wide: bool,
    ) -> dict[int, Ranked]:
        """Greedily, or with beams where several hypotheses are wanted; alike ones together."""
        alike: dict[tuple[Language, str, int | None], list[int]] = defaultdict(list)
        for n, (piece, (language, _)) in enumerate(zip(pieces, languages, strict=True)):
            before = (piece.hints.prompt or PROMPTS[language], *piece.hints.hotwords)
            if not wide or piece.wanted > 1:
                alike[language, " ".join(before).strip(), piece.wanted if wide else None].append(n)
        found: dict[int, Ranked] = {}
        for (language, told, beams), members in alike.items():
            allowed = [tokens_allowed(pieces[n].clip.seconds) for n in members]
            options = DecodingOptions(
                language=language, beam_size=beams, prompt=told or None, sample_len=max(allowed)
            )
            ranked = _ranked(DecodingTask(self._model, options), encoded[members], allowed)
            found |= zip(members, ranked, strict=True)
        return found

    def _text(self, language: Language) -> Callable[[Sequence[int]], str]:
        tokenizer = get_tokenizer(
            self._model.is_multilingual, num_languages=self._model.num_languages
        )

        def text(tokens: Sequence[int]) -> str:
            written = str(tokenizer.decode([t for t in tokens if t < tokenizer.eot])).strip()
            return self._write(written) if language == "zh" else written

        return text


def _ranked(task: DecodingTask, encoded: torch.Tensor, allowed: Sequence[int]) -> list[Ranked]:
    """Of each of `encoded` (n, frames, width), its sequences cut to as many tokens as allowed."""
    beams = task.n_group
    start = torch.tensor([task.initial_tokens] * (len(encoded) * beams))
    # One recording is broadcast over its beams; of several each needs its own.
    states = encoded if len(encoded) == 1 else encoded.repeat_interleave(beams, dim=0)
    tokens, sums, no_speech = task._main_loop(states, start.to(encoded.device))
    found, scores = task.decoder.finalize(
        tokens.reshape(len(encoded), beams, -1), sums.reshape(len(encoded), beams)
    )
    begin, end = task.sample_begin, task.tokenizer.eot
    every = []
    for n, most in enumerate(allowed):
        ranked = []
        for sequence, total in zip(found[n], scores[n], strict=True):
            ids = sequence.tolist()[begin:]
            said = ids[: ids.index(end)] if end in ids else ids
            ranked.append(Scored(tuple(said[:most]), float(total) / (len(said) + 1)))
        every.append((sorted(ranked, key=lambda s: -s.logprob), float(no_speech[n * beams])))
    return every


def load_whisper(model: str | Path, device: str) -> Any:
    """The model from a checkpoint file, a folder with `model.bin` or one `.pt`, or a hub name."""
    path = Path(model)
    if (path / "model.bin").exists():
        return _converted(path / "model.bin", device)
    if path.is_dir():
        checkpoints = sorted(path.glob("*.pt"))
        if len(checkpoints) != 1:
            raise ValueError(f"{path} holds {len(checkpoints)} checkpoints; name one of them")
        path = checkpoints[0]
    return whisper.load_model(str(path if path.exists() else model), device=device)


def _converted(model: Path, device: str) -> Any:
    weights = state_dict(model)
    built = whisper.model.Whisper(whisper.model.ModelDimensions(**dimensions(weights)))
    built.load_state_dict(weights, strict=True)
    return built.eval().to(device)
