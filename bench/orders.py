"""Records coffee orders of known slots anew: `python bench/orders.py MANIFEST OUT --takes 6`.

The public recordings come with slots and without words. Of every way to say those slots the one
that fits the phones and the recognizer's words best is taken for what was said. Each recording is
written as it is and then at other pitches and levels, in rooms, under pink noise and other
customers' orders. OUT's manifest.jsonl is one for `lingxi joint train`. The same arguments give
the same sounds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from acoustics import pitched, recorded
from numpy.typing import NDArray
from rich.progress import track

from app.engines import (
    build_detector,
    build_phone_reader,
    build_recognizer,
    build_tongue,
    joint_weights,
    pack_hints,
    silently,
)
from app.house import read_settings
from app.manifest import read_manifest
from dialogue.pack import load_domain
from dialogue.types import AudioClip
from speech.audio import decode, encode_wav, trim
from speech.joint.ctc import logprobs, telling
from speech.joint.echo import Echo
from speech.joint.tongue import phones_of

OPENINGS = (
    *("brew", "can I get", "can I have", "I want", "get me", "give me"),
    *("I'd like", "make me", "may I have"),
)
BEFORE, AFTER = ("size", "roast", "numberOfShots"), ("milkAmount", "sugarAmount")
"""Slots that are said before the drink and after it, in any order."""
PITCHES, NOISE_DB, TALK_DB = (0.93, 1.07), (6.0, 30.0), (5.0, 25.0)
ROOM_SECONDS = 0.35
OFTEN = 0.6
"""Share of takes in a room, and of those in which other customers talk."""


def main() -> None:
    """Writes OUT's recordings and their manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path, help="audio, slots")
    parser.add_argument("out", type=Path, help="a folder")
    parser.add_argument("--takes", type=int, default=6, help="recordings of each, the first as is")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows = read_manifest(options.manifest)
    clips, texts = _said(rows)
    with (options.out / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
        for number, text in enumerate(texts):
            for take in range(options.takes):
                name = f"{Path(rows[number]['audio']).stem}-{take}.wav"
                generator = np.random.default_rng([take, number])
                clip = anew(clips, number, generator) if take else clips[number]
                (options.out / name).write_bytes(encode_wav(clip))
                manifest.write(json.dumps({"audio": name, "text": text}) + "\n")


def orders(slots: Mapping[str, str]) -> Iterator[str]:
    """Every way to order what `slots` say."""
    said = {name: value.strip().lower() for name, value in slots.items()}
    before, after = ([said[n] for n in names if n in said] for names in (BEFORE, AFTER))
    for words in permutations(before):
        drink = " ".join((*words, said["coffeeDrink"]))
        articles = ("a ", "an ", "") if drink[0] in "aei" else ("a ", "")
        for extras in permutations(after):
            end = f" with {' and '.join(extras)}" if extras else ""
            yield from (f"{o} {a}{drink}{end}" for o in OPENINGS for a in articles)


def anew(clips: Sequence[AudioClip], number: int, generator: np.random.Generator) -> AudioClip:
    """`clips[number]` in another room at another pitch, at times among other customers."""
    words = pitched(clips[number], float(generator.uniform(*PITCHES)))
    room = ROOM_SECONDS if generator.random() < OFTEN else 0.0
    clip = recorded(words, float(generator.uniform(*NOISE_DB)), room, generator)
    others = [other.samples for n, other in enumerate(clips) if n != number]
    if not others or generator.random() >= OFTEN:
        return clip
    talk = _talk(others, len(clip.samples), generator)
    talk *= _level(clip.samples) / _level(talk) * 10 ** (-generator.uniform(*TALK_DB) / 20)
    mixed = clip.samples + talk
    return AudioClip((mixed / max(1.0, np.abs(mixed).max())).astype(np.float32), clip.rate)


def _talk(
    voices: Sequence[NDArray[np.float32]], length: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """(length,) samples of one to four of `voices` at once, equally loud."""
    talk = np.zeros(length)
    count = min(int(generator.integers(1, 5)), len(voices))
    for number in generator.choice(len(voices), count, replace=False):
        voice = voices[number]
        start = int(generator.integers(len(voice)))
        talk += np.resize(np.roll(voice, start), length) / _level(voice)
    return talk


def _level(samples: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)) + 1e-12))


def _said(rows: Sequence[Mapping[str, Any]]) -> tuple[list[AudioClip], list[str]]:
    """The speech of each recording, and the order that its phones and the words heard fit best."""
    settings = read_settings("coffee")
    detector, recognizer = build_detector(settings), build_recognizer(settings, silently)
    reader, tongue = build_phone_reader(settings), build_tongue("en")
    hints, weights = pack_hints(settings, load_domain(settings.pack)), joint_weights(settings)["en"]
    echo = Echo(reader.phones, tongue.coarse)
    units = lambda text: reader.numbers(phones_of(tongue, text))  # noqa: E731
    clips, texts = [], []
    for row in track(rows, "listening"):
        clip = decode(Path(row["audio"]).read_bytes())
        clip = trim(clip, detector.speech(clip))
        heard = recognizer.transcribe(clip, hints)
        if heard.states is None:
            raise SystemExit(f"{row['audio']}: the recognizer in use shows no encoder states")
        ways = [*orders(row["slots"])]
        said = [units(way) for way in ways]
        sound, words = telling(reader(heard.states)), echo(units(heard.text))
        fits = weights.phonetic * np.array(logprobs(sound, said))
        fits += weights.echo * np.array(logprobs(words, said))
        clips.append(clip)
        texts.append(ways[int(fits.argmax())])
    return clips, texts


if __name__ == "__main__":
    main()
