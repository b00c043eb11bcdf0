"""`lingxi eval`: how well Lingxi understands, measured on a manifest."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from app.commands.output import print_json
from app.config import Settings
from app.engines import build_detector, build_embedder, build_parser, build_recognizer, silently
from app.house import read_settings
from app.manifest import ManifestError, need, read_manifest
from app.spoken import Listener, SpokenScores, score_spoken
from dialogue.engines import Embedder
from dialogue.nlu.classifier import IntentClassifier
from dialogue.nlu.evaluate import NluScores, evaluate
from dialogue.nlu.examples import Example, read_examples
from dialogue.pack import load_domain
from speech.audio import decode

evaluation = typer.Typer(help="Measures understanding on a manifest.", no_args_is_help=True)

Manifest = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON Lines or CSV.")]
DomainName = Annotated[str, typer.Option("--domain", help="The domain pack.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")]


@evaluation.command()
def nlu(
    manifest: Manifest,
    domain: DomainName = "",
    train: Annotated[
        Path | None, typer.Option(exists=True, help="text,intent; replaces the pack's utterances.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Intent accuracy, out-of-scope recall and calibration, beside a bag of words."""
    settings = read_settings(domain)
    try:
        examples, training = _examples(manifest), _training(settings, train)
        scores = _score_nlu(settings, examples, training, shipped=train is None)
    except ManifestError as error:
        raise typer.BadParameter(str(error)) from error
    _show("nlu", asdict(scores), as_json)


@evaluation.command()
def spoken(manifest: Manifest, domain: DomainName = "", as_json: AsJson = False) -> None:
    """What speech costs: cascade and joint decoding on recordings with intent and slots."""
    settings = read_settings(domain)
    try:
        rows = read_manifest(manifest)
        need(rows, manifest, "audio", "intent")
    except ManifestError as error:
        raise typer.BadParameter(str(error)) from error
    scores = _score_spoken(settings, rows, quiet=as_json)
    _show("spoken", {k: v for k, v in asdict(scores).items() if v is not None}, as_json)


def _score_nlu(
    settings: Settings, examples: list[Example], training: list[Example], *, shipped: bool
) -> NluScores:
    embedder: Embedder = build_embedder(settings)
    if not shipped:
        return evaluate(IntentClassifier.train(training, embedder), examples, training)
    parser = build_parser(settings, load_domain(settings.pack), embedder)
    return evaluate(parser.classifier, examples, training)


def _score_spoken(settings: Settings, rows: list[dict[str, Any]], *, quiet: bool) -> SpokenScores:
    domain = load_domain(settings.pack)
    listener = Listener(
        build_detector(settings),
        build_recognizer(settings, silently),
        build_parser(settings, domain, build_embedder(settings)),
        settings.speech.hypotheses,
    )
    turns = []
    for row in track(rows, "listening", console=Console(stderr=True), disable=quiet):
        clip = decode(Path(row["audio"]).read_bytes())
        started = time.perf_counter()
        heard = listener.listen(clip)
        turns.append((row, heard, clip.seconds, time.perf_counter() - started))
    return score_spoken(turns)


def _examples(manifest: Path) -> list[Example]:
    rows = read_manifest(manifest)
    need(rows, manifest, "text", "intent")
    return [Example(str(row["text"]), str(row["intent"])) for row in rows]


def _training(settings: Settings, train: Path | None) -> list[Example]:
    if train is not None:
        return _examples(train)
    domain = load_domain(settings.pack)
    return list(read_examples(settings.pack, domain.languages, domain.intents))


def _show(name: str, scores: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(scores)
        return
    table = Table("measure", name, box=None)
    for measure, value in scores.items():
        table.add_row(measure, f"{value:.4f}" if isinstance(value, float) else str(value))
    Console().print(table)
