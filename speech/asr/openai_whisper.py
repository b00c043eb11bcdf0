"""Whisper in torch, on CPU or GPU: any size, from a checkpoint or from the CTranslate2 file."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import whisper
from whisper.audio import N_SAMPLES, log_mel_spectrogram
from whisper.decoding import DecodingOptions, DecodingTask

from dialogue.types import AudioClip, Hints, Language, Transcript
from speech.asr.convert import dimensions, state_dict
from speech.asr.guards import tokens_allowed
from speech.asr.nbest import Scored, choose, identify, nothing
from speech.asr.script import Script, normaliser
from speech.asr.windows import join_windows, windows
from speech.audio import WHISPER_RATE, resample

PROMPTS: dict[Language, str] = {"zh": "以下是普通话的句子。", "en": ""}
_QUIET = 1e-3


class OpenAIWhisperRecognizer:
    """Transcribes what a caller has already trimmed to speech, in the full 30 s window."""

    def __init__(
        self, model: str | Path, device: str = "cpu", script: Script = "simplified"
    ) -> None:
        """`model`: a checkpoint file, a folder with `model.bin` or one `.pt`, or a hub name."""
        self._model: Any = load_whisper(model, device)
        self._device = device
        self._lock = threading.Lock()
        self._write = normaliser(script)

    @torch.inference_mode()
    def transcribe(self, clip: AudioClip, hints: Hints) -> Transcript:
        """Hypotheses for `clip`, best first; none when nobody spoke."""
        sound = resample(clip, WHISPER_RATE)
        if not len(sound.samples) or float(np.abs(sound.samples).max()) < _QUIET:
            return nothing(hints)
        with self._lock:  # its key-value cache hangs on the model
            pieces = [self._utterance(piece, hints) for piece in windows(sound)]
        return pieces[0] if len(pieces) == 1 else join_windows(pieces)

    def _utterance(self, clip: AudioClip, hints: Hints) -> Transcript:
        encoded = self._encode(clip)
        language, probability = self._language(encoded, hints)
        wanted = 1 if hints.partial else hints.n
        task = self._task(language, hints, clip.seconds, None)
        first, no_speech = _ranked(task, encoded)
        others: list[Scored] = []
        if wanted > 1:
            others, _ = _ranked(self._task(language, hints, clip.seconds, wanted), encoded)
        chosen = choose(first[0], others, no_speech, hints, wanted, self._text(language, task))
        states = encoded[0].float().cpu().numpy()
        return Transcript(chosen, language, probability, no_speech, states)

    def _encode(self, clip: AudioClip) -> torch.Tensor:
        """Encoder states (1, 1500, width)."""
        padding = max(0, N_SAMPLES - len(clip.samples))
        mel = log_mel_spectrogram(
            np.ascontiguousarray(clip.samples), self._model.dims.n_mels, padding=padding
        )
        encoded: torch.Tensor = self._model.encoder(mel[None, :, :3000].to(self._device))
        return encoded

    def _language(self, encoded: torch.Tensor, hints: Hints) -> tuple[Language, float]:
        if hints.language:
            return hints.language, 1.0
        _, (found,) = whisper.detect_language(self._model, encoded)
        return identify(found, hints.prior)

    def _task(
        self, language: Language, hints: Hints, seconds: float, beams: int | None
    ) -> DecodingTask:
        before = " ".join((hints.prompt or PROMPTS[language], *hints.hotwords)).strip()
        options = DecodingOptions(
            language=language,
            beam_size=beams,
            prompt=before or None,
            sample_len=tokens_allowed(seconds),
            fp16=False,
        )
        return DecodingTask(self._model, options)

    def _text(self, language: Language, task: DecodingTask) -> Any:
        tokenizer = task.tokenizer

        def text(tokens: Sequence[int]) -> str:
            written = str(tokenizer.decode([t for t in tokens if t < tokenizer.eot])).strip()
            return self._write(written) if language == "zh" else written

        return text


def _ranked(task: DecodingTask, encoded: torch.Tensor) -> tuple[list[Scored], float]:
    """All finished sequences of one decoding, best first, and P(no speech)."""
    start = torch.tensor([task.initial_tokens]).repeat_interleave(task.n_group, dim=0)
    tokens, sums, no_speech = task._main_loop(encoded, start.to(encoded.device))
    found, scores = task.decoder.finalize(
        tokens.reshape(1, task.n_group, -1), sums.reshape(1, task.n_group)
    )
    begin, end = task.sample_begin, task.tokenizer.eot
    ranked = []
    for sequence, total in zip(found[0], scores[0], strict=True):
        ids = sequence.tolist()[begin:]
        said = ids[: ids.index(end)] if end in ids else ids
        ranked.append(Scored(tuple(said), float(total) / (len(said) + 1)))
    return sorted(ranked, key=lambda s: -s.logprob), float(no_speech[0])


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
