"""Frozen features of recordings, sentences, photos, clean and spoiled: python bench/frozen.py OUT.

One `.npz` a kind in OUT, which `bench/composed.py` makes turns of; what is there is not made again.
Spoiled is: sound in white noise, words with slips of typing, photos out of focus, by fixed seeds.
Recordings of emotion serve to compare; nothing trained on these files may ship.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from app.config import HOUSE
from app.engines import build_sound_encoder, silently
from app.house import read_settings
from app.manifest import read_manifest
from app.samples import photo, recording
from dialogue.types import AudioClip
from fusion.data.augment import blurred, noisy
from fusion.data.measure import sound_quality, text_quality
from fusion.data.wording import mistyped
from fusion.e5 import E5
from fusion.feeling.sound import heard
from fusion.quality import picture_quality
from fusion.vision.efficientnet import EfficientNetLite0

NOISE_DB, BLUR, SLIPS = (0.0, 15.0), (1.5, 4.0), 0.15
"""As in `fusion.data.compose`; share of letters mistyped."""
BATCH = 64
SENTENCES = HOUSE / "data" / "models" / "feeling" / "train.jsonl"
PRODUCTS = HOUSE / "data" / "domains" / "fresh" / "seed" / "products.csv"
ASKED = {
    "zh": (
        "{}怎么坏了", "我买的{}不新鲜", "{}还有货吗", "想问下{}多少钱", "{}收到的时候烂了",
        "换一份{}吧", "{}怎么保存", "帮我看看这{}", "再来两份{}", "昨天送的{}有问题",
    ),
    "en": (
        "the {} came spoilt", "is the {} still in stock", "how much is the {}",
        "please swap my {}", "my {} arrived crushed", "how do i keep the {}",
        "two more of the {} please", "something is wrong with the {}",
        "can you look at this {}", "the {} i got yesterday leaks",
    ),
}  # fmt: skip
"""Sentences about a product; in `THIS` the words leave it to the photo."""
THIS = {"zh": "这个", "en": "one here"}


def main() -> None:
    """Makes what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--speech", type=Path, required=True, help="folder with zh and en")
    parser.add_argument("--photos", type=Path, required=True, help="folder with manifest.jsonl")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    kinds: dict[str, Callable[[], dict[str, Any]]] = {
        "voices-zh": lambda: voices(options.speech / "zh" / "manifest.jsonl"),
        "voices-en": lambda: voices(options.speech / "en" / "manifest.jsonl"),
        "sentences": sentences,
        "asked": asked,
        "photos": lambda: photos(options.photos / "manifest.jsonl"),
    }
    for name, make in kinds.items():
        path = options.out / f"{name}.npz"
        if not path.exists():
            np.savez(path, **make())


def voices(manifest: Path) -> dict[str, Any]:
    """Statistics over all of Whisper's layers, twice; labels and speakers ("" where unnamed)."""
    rows = read_manifest(manifest)
    encoder = build_sound_encoder(read_settings(), silently)
    clean, spoiled, quality = [], [], []
    for number, row in enumerate(track(rows, manifest.parent.name)):
        clip = recording(row)
        chance = np.random.default_rng(number)
        other = noisy(clip, chance.uniform(*NOISE_DB), chance)
        clean.append(_half(heard(encoder, clip)))
        spoiled.append(_half(heard(encoder, other)))
        quality.append([_whole(clip), _whole(other)])
    return {
        "clean": np.stack(clean),
        "spoiled": np.stack(spoiled),
        "quality": np.array(quality, np.float32),
        "label": np.array([row.get("emotion") or row["label"] for row in rows]),
        "speaker": np.array([str(row.get("actor", "")) for row in rows]),
    }


def sentences() -> dict[str, Any]:
    """Four layers of e5 for every sentence of the feeling heads, twice, and its sentiment."""
    rows = [json.loads(line) for line in SENTENCES.read_text("utf-8").splitlines()]
    found = _read([row["text"] for row in rows])
    for name in ("language", "sentiment"):
        found[name] = np.array([row[name] for row in rows])
    return found


def asked() -> dict[str, Any]:
    """The same of sentences about products, one of each name, and of "this" in each sentence."""
    rng = random.Random(0)
    texts, named, languages = [], [], []
    with PRODUCTS.open(newline="", encoding="utf-8") as table:
        products = list(csv.DictReader(table))
    for language, patterns in ASKED.items():
        for row in products:
            names = {row[f"name_{language}"], *row[f"synonyms_{language}"].split("|")} - {""}
            for name in sorted(names):
                for pattern in rng.sample(patterns, 3):
                    texts.append(pattern.format(name))
                    named.append(f"{row['id']}:{name}")
                    languages.append(language)
        for pattern in patterns:
            texts.append(pattern.format(THIS[language]))
            named.append("")
            languages.append(language)
    return _read(texts) | {"named": np.array(named), "language": np.array(languages)}


def photos(manifest: Path) -> dict[str, Any]:
    """EfficientNet-Lite0 as ImageNet left it, twice, and the product on each photo."""
    rows = read_manifest(manifest)
    encoder = EfficientNetLite0()
    clean, spoiled, quality = [], [], []
    for number, row in enumerate(track(rows, "photos")):
        path = manifest.parent / row["image"]
        sharp = photo({"image": str(path)})
        soft = blurred(sharp, random.Random(number).uniform(*BLUR))
        clean.append(encoder.features([sharp])[0])
        spoiled.append(encoder.features([soft])[0])
        quality.append([picture_quality([each]).score for each in (sharp, soft)])
    return {
        "clean": np.stack(clean),
        "spoiled": np.stack(spoiled),
        "quality": np.array(quality, np.float32),
        "label": np.array([str(row["fine_id"]) for row in rows]),
        "split": np.array([row["split"] for row in rows]),
    }


def _read(texts: Sequence[str]) -> dict[str, Any]:
    slipped = [mistyped(text, random.Random(n), SLIPS) for n, text in enumerate(texts)]
    e5 = E5()

    def layers(given: Sequence[str]) -> Any:
        parts = [given[at : at + BATCH] for at in range(0, len(given), BATCH)]
        return np.concatenate(
            [e5.layers([f"query: {t}" for t in part]) for part in track(parts, "sentences")]
        )

    quality = [[text_quality(t), text_quality(s)] for t, s in zip(texts, slipped, strict=True)]
    return {
        "text": np.array(texts),
        "slipped": np.array(slipped),
        "clean": layers(texts),
        "spoiled": layers(slipped),
        "quality": np.array(quality, np.float32),
    }


def _half(features: Any) -> Any:
    return features.astype(np.float16)


def _whole(clip: AudioClip) -> float:
    return sound_quality(clip)


if __name__ == "__main__":
    main()
