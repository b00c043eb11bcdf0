"""Speaks a text manifest with a voice and adds noise: `python bench/speak_heldout.py --help`.

The result is a manifest for `lingxi eval spoken`: what speech costs on the same sentences.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from app.engines import silently
from dialogue.types import AudioClip
from speech.audio import WHISPER_RATE, encode_wav, resample
from speech.tts.hibari import HibariSynthesizer
from speech.tts.kokoro import KokoroSynthesizer, kokoro_model

EDGE_SECONDS = 0.3
"""Noise alone before and after the words."""


def main() -> None:
    """Writes one WAV per chosen row and manifest.jsonl beside them."""
    options = _options()
    rows = [json.loads(line) for line in options.manifest.read_text("utf-8").splitlines()]
    chooser = random.Random(options.seed)
    chosen = chooser.sample(rows, min(options.n, len(rows)))
    model = kokoro_model(options.models, silently)
    voice = KokoroSynthesizer(model, 2, HibariSynthesizer().phonemes)
    noise = np.random.default_rng(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
        for number, row in enumerate(track(chosen, options.voice)):
            clips = list(voice.speak(row["text"], options.voice, chooser.uniform(0.9, 1.15)))
            whole = AudioClip(np.concatenate([c.samples for c in clips]), clips[0].rate)
            clip = with_noise(resample(whole, WHISPER_RATE), options.snr, noise)
            name = f"{number:04}.wav"
            (options.out / name).write_bytes(encode_wav(clip))
            manifest.write(json.dumps({**row, "audio": name}, ensure_ascii=False) + "\n")


def with_noise(clip: AudioClip, snr_db: float, generator: np.random.Generator) -> AudioClip:
    """`clip` in pink noise, `snr_db` below the speech's mean power."""
    edge = np.zeros(round(EDGE_SECONDS * clip.rate), np.float32)
    samples = np.concatenate([edge, clip.samples, edge])
    hiss = pink(len(samples), generator)
    speech = float(np.mean(clip.samples**2))
    gain = np.sqrt(speech / (float(np.mean(hiss**2)) * 10 ** (snr_db / 10)))
    mixed = samples + gain * hiss
    return AudioClip((mixed / max(1.0, float(np.abs(mixed).max()))).astype(np.float32), clip.rate)


def pink(n: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """(n,) samples whose power falls with frequency, as in rooms."""
    spectrum = np.fft.rfft(generator.standard_normal(n))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0.0
    return np.fft.irfft(spectrum, n)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--voice", default="jf_gongitsune")
    parser.add_argument("--snr", type=float, default=15.0, help="dB")
    parser.add_argument("--n", type=int, default=150)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
