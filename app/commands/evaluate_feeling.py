"""`lingxi eval emotion` and `sentiment`: how well feeling is read from words and from sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from app.commands.options import (
    Adapt,
    AsJson,
    DomainName,
    Folds,
    Group,
    Label,
    Manifest,
    Speaker,
    Train,
)
from app.commands.output import print_scores
from app.feelings import (
    Judge,
    build_learner,
    cross_judged,
    judged,
    shipped_judge,
    train_judge,
)
from app.house import read_settings
from app.manifest import ManifestError, need
from app.samples import Row, labelled
from fusion.feeling.scores import score_classes


def feeling_command(task: str) -> Callable[..., None]:
    """The command that measures `task`, "emotion" or "sentiment"."""

    def evaluate(
        manifest: Manifest,
        train: Train = None,
        label: Label = "",
        folds: Folds = 0,
        group: Group = "",
        speaker: Speaker = "",
        adapt: Adapt = False,
        domain: DomainName = "",
        as_json: AsJson = False,
    ) -> None:
        """Macro-F1, recall, abstentions and confusion, from text, audio or both."""
        settings = read_settings(domain)
        try:
            rows, truth = labelled(manifest, label)
            columns = _columns(rows, manifest)
            needed = [*columns, *filter(None, (speaker,))]
            need(rows, manifest, *needed, *filter(None, (group,)))
            if not (folds or train):
                _refuse(manifest, "--train or --folds: no head for sound ships", speaker, adapt)
                judge = shipped_judge(settings, task, columns)
                _need_known(judge, truth)
                named, trusted = judged(judge, rows)
            else:
                if "audio" not in columns:
                    _refuse(manifest, "a column 'audio'", speaker, adapt)
                learner = build_learner(settings, columns, speaker, adapt=adapt)
                if train is None:
                    groups = [str(row[group]) for row in rows] if group else None
                    named, trusted = cross_judged(learner, rows, truth, folds, groups)
                else:
                    shown, targets = labelled(train, label)
                    need(shown, train, *needed)
                    named, trusted = judged(train_judge(learner, shown, targets), rows)
        except ManifestError as error:
            raise typer.BadParameter(str(error)) from error
        print_scores(task, asdict(score_classes(truth, named, trusted)), as_json)

    return evaluate


def _columns(rows: Sequence[Row], manifest: Path) -> tuple[str, ...]:
    """What there is to judge by: audio, text, or both."""
    columns = tuple(name for name in ("audio", "text") if rows[0].get(name))
    if not columns:
        raise ManifestError(f"{manifest}, row 1: has neither 'audio' nor 'text'")
    return columns


def _refuse(manifest: Path, needed: str, speaker: str, adapt: bool) -> None:
    """ManifestError where one of the options that say how to listen would change nothing."""
    if speaker or adapt:
        raise ManifestError(f"{manifest}: {'--speaker' if speaker else '--adapt'} needs {needed}")


def _need_known(judge: Judge, truth: Sequence[str]) -> None:
    if unknown := sorted(set(truth) - set(judge.labels)):
        raise ManifestError(
            f"the shipped head knows {', '.join(judge.labels)}, but not {', '.join(unknown)};"
            " choose a column with --label or train with --train"
        )
