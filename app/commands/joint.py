"""`lingxi joint`: teaches joint decoding from recordings."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from app.commands.options import DomainName
from app.config import Settings
from app.engines import (
    build_detector,
    build_embedder,
    build_joint,
    build_parser,
    build_recognizer,
    joint_weights,
    pack_hints,
    silently,
    weights_file,
)
from app.engines.joint import Joint
from app.house import read_settings
from app.manifest import ManifestError, need, read_manifest
from app.spoken import Command, right
from app.spoken_scores import error_rate
from dialogue.nlu.parser import DialogueParser
from dialogue.pack import load_domain
from dialogue.types import Language, State
from speech.audio import decode, trim
from speech.joint.fit import CAUTION, FAITH, Observation, accuracy, cross_validated, fit
from speech.joint.reading import Reported
from speech.joint.weights import Weights, write_weights

joint = typer.Typer(help="Joint decoding of words and meaning.", no_args_is_help=True)

LEAST = 1e-6
FEWEST = 20
"""Sentences of a language below which its weights are left alone: some are misheard as it."""
AS_HEARD = Weights(phonetic=0.0, echo=0.0, fit=0.0, literal=1e3, known=0.0)
"""Lets no reading but the recognizer's own count."""


@joint.callback()
def group() -> None:
    """Joint decoding of words and meaning."""


@joint.command("fit")
def fit_weights(
    manifests: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, help="audio, intent, text or slots."),
    ],
    domain: DomainName = "",
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Instead of the one in use.")
    ] = None,
    refine: Annotated[
        bool, typer.Option(help="Starts from the weights in use, left for good reason alone.")
    ] = False,
) -> None:
    """Fits the weights, per language, to recordings that nothing is reported on.

    Languages that fewer than a score of sentences are heard in keep the weights in use.
    """
    settings = read_settings(domain)
    try:
        rows = [row for each in manifests for row in _rows(each)]
    except ManifestError as error:
        raise typer.BadParameter(str(error)) from error
    heard = _heard(settings, rows)
    table = Table("language", "recordings", "before", "fitted", "cross-validated", box=None)
    in_use = joint_weights(settings)
    found = dict(in_use)
    for language, (observations, groups) in heard.items():
        if len(set(groups)) < FEWEST:
            table.add_row(language, str(sum(each.heard for each in observations)), *"–––")
            continue
        start, caution = (in_use.get(language), FAITH) if refine else (None, CAUTION)
        found[language] = fit(observations, start, caution)
        table.add_row(
            language,
            str(sum(each.heard for each in observations)),
            f"{accuracy(observations, AS_HEARD):.3f}",
            f"{accuracy(observations, found[language]):.3f}",
            f"{cross_validated(observations, groups, start=start, caution=caution):.3f}",
        )
    write_weights(out or weights_file(settings), found)
    Console().print(table)


def _rows(manifest: Path) -> list[dict[str, Any]]:
    rows = read_manifest(manifest)
    need(rows, manifest, "audio", "intent")
    for row in rows:
        if not row.get("text") and row.get("slots") is None:
            raise ManifestError(f"{manifest}: {row['audio']} has neither 'text' nor 'slots'")
    return rows


def _heard(
    settings: Settings, rows: list[dict[str, Any]]
) -> dict[Language, tuple[list[Observation], list[str]]]:
    """What was observed per language, and the sentence each recording is of."""
    domain = load_domain(settings.pack)
    recognizer, detector = build_recognizer(settings, silently), build_detector(settings)
    parser = build_parser(settings, domain, build_embedder(settings))
    decoder = build_joint(settings, domain, parser)
    found: dict[Language, tuple[list[Observation], list[str]]] = defaultdict(lambda: ([], []))
    for row in track(rows, "listening", console=Console(stderr=True)):
        clip = decode(Path(row["audio"]).read_bytes())
        stretches = detector.speech(clip)
        if not stretches:
            continue
        hints = pack_hints(settings, domain)
        transcript = recognizer.transcribe(trim(clip, stretches), hints)
        reported = decoder.decoder.listen(transcript, lambda texts: decoder.known(texts, State()))
        if reported.readings:
            observations, groups = found[reported.language]
            observations.append(_observed(decoder, parser, reported, row))
            if text := row.get("text"):
                true = decoder.decoder.imagine(text, reported.language)
                observations.append(_observed(decoder, parser, true, row, heard=False))
            groups += [text or row["audio"]] * (2 if text else 1)
    return found


def _observed(
    decoder: Joint,
    parser: DialogueParser,
    reported: Reported,
    row: dict[str, Any],
    *,
    heard: bool = True,
) -> Observation:
    texts = [reading.text for reading in reported.readings]
    said, sounded = decoder.meanings.opinions(texts, reported.language, reported.sounds)
    intents = list(sounded)
    views = [
        [[view[name] for name in intents] for view in opinion]
        for opinion in (said, [sounded] * len(texts))
    ]
    return Observation(
        np.array([reading.evidence for reading in reported.readings]),
        np.array([_wrong(parser, reported.language, row, text) for text in texts]),
        np.log(np.array(views) + LEAST),
        intents.index(row["intent"]),
        heard,
    )


def _wrong(parser: DialogueParser, language: Language, row: dict[str, Any], text: str) -> float:
    """The share of the row's words that `text` gets wrong; without words, whether its slots are."""
    if row.get("text"):
        return min(1.0, error_rate([(_plain(row["text"]), _plain(text))]))
    slots = parser.parse(text, language, State(language=language)).slots
    read = Command(text, row["intent"], {slot.name: slot.value for slot in slots})
    return float(not right(row, read))


def _plain(text: str) -> list[str]:
    return [letter for letter in text.lower() if letter.isalnum()]
