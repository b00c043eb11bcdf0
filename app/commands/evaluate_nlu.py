"""`lingxi eval nlu`: how well words are understood, measured on a manifest."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app.commands.figures import write_figures
from app.commands.options import AsJson, DomainName, Manifest
from app.commands.output import print_scores
from app.config import Settings
from app.engines import build_embedder, build_parser
from app.house import read_settings
from app.manifest import ManifestError, need, read_manifest
from dialogue.nlu.classifier import OUT_OF_SCOPE, IntentClassifier
from dialogue.nlu.evaluate import evaluate
from dialogue.nlu.examples import Example, read_examples
from dialogue.nlu.parser import Classifier
from dialogue.pack import load_domain


def nlu(
    manifest: Manifest,
    domain: DomainName = "",
    train: Annotated[
        Path | None, typer.Option(exists=True, help="text,intent; replaces the pack's utterances.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder for confusion and confidence.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Intent accuracy, out-of-scope recall and calibration, beside a bag of words."""
    settings = read_settings(domain)
    try:
        examples, training = _examples(manifest), _training(settings, train)
        classifier = _classifier(settings, training, shipped=train is None)
    except ManifestError as error:
        raise typer.BadParameter(str(error)) from error
    if out is not None:
        write_figures(out, examples, classifier.posteriors([row.text for row in examples]))
    print_scores("nlu", asdict(evaluate(classifier, examples, training)), as_json)


def _classifier(settings: Settings, training: list[Example], *, shipped: bool) -> Classifier:
    embedder = build_embedder(settings)
    if not shipped:
        return IntentClassifier.train(training, embedder)
    return build_parser(settings, load_domain(settings.pack), embedder).classifier


def _examples(manifest: Path) -> list[Example]:
    rows = read_manifest(manifest)
    need(rows, manifest, "text", "intent")
    return [Example(str(row["text"]), _intent(str(row["intent"]))) for row in rows]


def _intent(label: str) -> str:
    # Public benchmarks write the short form.
    return OUT_OF_SCOPE if label == "oos" else label


def _training(settings: Settings, train: Path | None) -> list[Example]:
    if train is not None:
        return _examples(train)
    domain = load_domain(settings.pack)
    return list(read_examples(settings.pack, domain.languages, domain.intents))
