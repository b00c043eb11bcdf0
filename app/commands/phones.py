"""`lingxi joint train`: teaches which phones the recognizer's encoder states hold."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from app.commands.options import DomainName
from app.config import Settings
from app.engines import build_detector, build_recognizer, build_tongue, phones_file, silently
from app.house import read_settings
from app.manifest import ManifestError, need, read_manifest
from dialogue.nlu.language import written_language
from dialogue.types import LANGUAGES, Hints
from speech.audio import TooLong, Undecodable, decode, trim
from speech.joint.tongue import phones_of

if TYPE_CHECKING:
    from speech.joint.phones_train import Utterance

KEPT_BACK = 12
"""One sentence in so many is not trained on, and tells how well the rest was learnt."""


def train_phones(
    manifests: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="audio, text.")
    ],
    domain: DomainName = "",
    epochs: Annotated[int, typer.Option(min=1, help="Times over the recordings.")] = 14,
    onto: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A reader that goes on learning."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Instead of the one in use.")
    ] = None,
) -> None:
    """Learns the phones of Chinese and English from recordings of known words."""
    from speech.joint.phones_train import error_rate, save, train  # torch, which others do without

    settings = read_settings(domain)
    terminal = Console(stderr=True)
    try:
        rows = [row for each in manifests for row in _rows(each)]
        heard = list(_utterances(settings, rows, terminal))
    except (ManifestError, Undecodable, TooLong) as error:
        raise typer.BadParameter(str(error)) from error
    learnt, kept = _divided(heard)
    if not learnt:
        raise typer.BadParameter("no speech was found in these recordings")

    def told(turns: Iterator[int]) -> Iterator[int]:
        hidden = not terminal.is_terminal
        yield from track(turns, "learning", total=epochs, console=terminal, disable=hidden)

    network, phones = train(learnt, epochs, told=told, onto=onto)
    save(network, phones, out or phones_file(settings))
    wrong = error_rate(network, phones, kept)
    Console().print(
        f"{len(learnt)} recordings learnt; of {len(kept)} others {wrong:.1%} of phones read wrong"
    )


def _rows(manifest: Path) -> list[dict[str, Any]]:
    rows = read_manifest(manifest)
    need(rows, manifest, "audio", "text")
    return rows


def _utterances(
    settings: Settings, rows: list[dict[str, Any]], terminal: Console
) -> Iterator[tuple[str, Utterance]]:
    """What was said in each recording, and what the recognizer's encoder makes of it."""
    from speech.joint.phones_train import Utterance

    recognizer, detector = build_recognizer(settings, silently), build_detector(settings)
    tongues = {language: build_tongue(language) for language in LANGUAGES}
    for row in track(rows, "listening", console=terminal, disable=not terminal.is_terminal):
        text = str(row["text"])
        clip = decode(Path(row["audio"]).read_bytes())
        stretches = detector.speech(clip)
        if not stretches:
            continue
        language = written_language(text, "en")
        heard = recognizer.transcribe(trim(clip, stretches), Hints(language=language, n=1))
        if heard.states is not None:
            phones = tuple(phones_of(tongues[language], text))
            yield text, Utterance(heard.states.astype(np.float16), phones)


def _divided(heard: list[tuple[str, Utterance]]) -> tuple[list[Utterance], list[Utterance]]:
    """Recordings to learn from, and those of sentences that are kept back."""
    texts = sorted({text for text, _ in heard})
    aside = set(random.Random(0).sample(texts, len(texts) // KEPT_BACK))  # noqa: S311
    return [u for text, u in heard if text not in aside], [u for text, u in heard if text in aside]
