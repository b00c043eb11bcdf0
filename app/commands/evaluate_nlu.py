"""`lingxi eval nlu`: how well words are understood, measured on a manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.commands.figures import write_figures
from app.commands.options import AsJson, DomainName, Label, Manifest
from app.commands.output import print_scores
from app.config import Settings
from app.engines import build_embedder, build_parser
from app.house import read_settings
from app.manifest import ManifestError, need
from app.samples import labelled
from dialogue.nlu.classifier import OUT_OF_SCOPE, IntentClassifier
from dialogue.nlu.evaluate import evaluate
from dialogue.nlu.examples import Example, read_examples
from dialogue.nlu.parser import Classifier
from dialogue.pack import load_domain

LABELS = ("intent", "label", "category")
"""Columns that may hold the intent, the first that is there."""


def nlu(
    manifest: Manifest,
    domain: DomainName = "",
    train: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="text,intent; replaces the pack's utterances."
        ),
    ] = None,
    label: Label = "",
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder for confusion and confidence.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Intent accuracy, out-of-scope recall and calibration, beside a bag of words."""
    settings = read_settings(domain)
    try:
        examples, training = _examples(manifest, label), _training(settings, train, label)
    except ManifestError as error:
        raise typer.BadParameter(str(error)) from error
    _warn_of_unknown(examples, training)
    classifier = _classifier(settings, training, train)
    posteriors = classifier.posteriors([example.text for example in examples])
    scores = evaluate(examples, posteriors, classifier.threshold, training)
    folder = out or settings.var / "evaluations" / f"nlu-{manifest.stem}"
    write_figures(folder, examples, posteriors)
    print_scores("nlu", asdict(scores) | {"figures": str(folder)}, as_json)


def _warn_of_unknown(examples: Sequence[Example], training: Sequence[Example]) -> None:
    """Says on standard error which intents nothing was trained for: they all count as wrong."""
    known = {example.intent for example in training}
    unknown = Counter(e.intent for e in examples if e.intent not in known)
    if unknown:
        named = ", ".join(f"{name} ({n})" for name, n in unknown.most_common())
        Console(stderr=True).print(f"Never trained, so never right: {named}", style="yellow")


def _classifier(settings: Settings, training: list[Example], train: Path | None) -> Classifier:
    embedder = build_embedder(settings)
    if train is None:
        return build_parser(settings, load_domain(settings.pack), embedder).classifier
    kept = settings.var / "models" / "intents" / f"eval-{train.stem}.vectors.npz"
    return IntentClassifier.train(training, embedder, kept=kept)


def _examples(manifest: Path, label: str) -> list[Example]:
    rows, labels = labelled(manifest, label, LABELS)
    need(rows, manifest, "text")
    return [Example(str(r["text"]), _intent(name)) for r, name in zip(rows, labels, strict=True)]


def _intent(label: str) -> str:
    # Public benchmarks write the short form.
    return OUT_OF_SCOPE if label == "oos" else label


def _training(settings: Settings, train: Path | None, label: str) -> list[Example]:
    if train is None:
        domain = load_domain(settings.pack)
        return list(read_examples(settings.pack, domain.languages, domain.intents))
    found = _examples(train, label)
    if len({example.intent for example in found}) < 2:
        raise ManifestError(f"{train}: telling intents apart takes two or more")
    return found
