"""`lingxi eval emotion` and `sentiment`: how well feeling is read from words and from sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import typer

from app.commands.options import AsJson, DomainName, Folds, Group, Label, Manifest, Speaker, Train
from app.commands.output import print_scores
from app.feelings import Judge, cross_judged, shipped_judge, train_judge
from app.house import read_settings
from app.manifest import ManifestError, need
from app.samples import Row, labelled
from fusion.feeling.scores import score_classes


def emotion(
    manifest: Manifest,
    train: Train = None,
    label: Label = "",
    folds: Folds = 0,
    group: Group = "",
    speaker: Speaker = "",
    domain: DomainName = "",
    as_json: AsJson = False,
) -> None:
    """Macro-F1, recall, abstentions and confusion of emotions, from text or audio."""
    if folds:
        _crosswise("emotion", manifest, label, folds, group, speaker, domain, as_json)
    else:
        _evaluate("emotion", manifest, train, label, speaker, domain, as_json)


def sentiment(
    manifest: Manifest,
    train: Train = None,
    label: Label = "",
    folds: Folds = 0,
    group: Group = "",
    speaker: Speaker = "",
    domain: DomainName = "",
    as_json: AsJson = False,
) -> None:
    """Macro-F1, recall, abstentions and confusion of sentiment, from text or audio."""
    if folds:
        _crosswise("sentiment", manifest, label, folds, group, speaker, domain, as_json)
    else:
        _evaluate("sentiment", manifest, train, label, speaker, domain, as_json)


def _evaluate(
    task: str,
    manifest: Path,
    train: Path | None,
    label: str,
    speaker: str,
    domain: str,
    as_json: bool,
) -> None:
    settings = read_settings(domain)
    try:
        rows, truth = labelled(manifest, label)
        columns = _columns(rows, manifest, speaker)
        if train is None:
            if speaker:
                raise ManifestError("--speaker needs --train or --folds: no head for sound ships")
            judge = shipped_judge(settings, task, columns)
            _need_known(judge, truth)
        else:
            shown, targets = labelled(train, label)
            need(shown, train, *columns, *_named(speaker))
            judge = train_judge(settings, columns, shown, targets, speaker)
        p = judge.probabilities(rows)
    except ManifestError as error:
        raise typer.BadParameter(str(error)) from error
    named = [judge.labels[i] for i in p.argmax(axis=1)]
    trusted = [bool(best >= judge.threshold) for best in np.asarray(p).max(axis=1)]
    print_scores(task, asdict(score_classes(truth, named, trusted)), as_json)


def _crosswise(
    task: str,
    manifest: Path,
    label: str,
    folds: int,
    group: str,
    speaker: str,
    domain: str,
    as_json: bool,
) -> None:
    """Every row is judged by a head that was trained on the other parts of the manifest."""
    settings = read_settings(domain)
    try:
        rows, truth = labelled(manifest, label)
        columns = _columns(rows, manifest, speaker)
        need(rows, manifest, *_named(group))
        groups = [str(row[group]) for row in rows] if group else None
        named, trusted = cross_judged(settings, columns, rows, truth, folds, groups, speaker)
    except ManifestError as error:
        raise typer.BadParameter(str(error)) from error
    print_scores(task, asdict(score_classes(truth, named, trusted)), as_json)


def _columns(rows: Sequence[Row], manifest: Path, speaker: str) -> tuple[str, ...]:
    """What there is to judge by: audio, text, or both."""
    columns = tuple(name for name in ("audio", "text") if rows[0].get(name))
    if not columns:
        raise ManifestError(f"{manifest}, row 1: has neither 'audio' nor 'text'")
    if speaker and "audio" not in columns:
        raise ManifestError(f"{manifest}: --speaker needs a column 'audio'")
    need(list(rows), manifest, *columns, *_named(speaker))
    return columns


def _named(column: str) -> tuple[str, ...]:
    return (column,) if column else ()


def _need_known(judge: Judge, truth: Sequence[str]) -> None:
    if unknown := sorted(set(truth) - set(judge.labels)):
        raise ManifestError(
            f"the shipped head knows {', '.join(judge.labels)}, but not {', '.join(unknown)};"
            " choose a column with --label or train with --train"
        )
