"""`lingxi eval products`: whether products are recognised in photos, measured on a manifest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from app.commands.options import AsJson, DomainName, Label, Manifest, Train
from app.commands.output import print_scores
from app.config import Settings
from app.engines import build_products
from app.house import read_settings
from app.manifest import ManifestError, need
from app.samples import Row, labelled, photo, watched

BEST = 5


def products(
    manifest: Manifest,
    train: Train = None,
    label: Label = "",
    domain: DomainName = "",
    as_json: AsJson = False,
) -> None:
    """Share of photos whose product is named first, and among the first five."""
    settings = read_settings(domain)
    try:
        rows, truth = labelled(manifest, label)
        need(rows, manifest, "image")
        ranked = _shipped(settings, rows, truth) if train is None else _trained(rows, train, label)
    except ManifestError as error:
        raise typer.BadParameter(str(error)) from error
    hits = [[t in names[:n] for t, names in zip(truth, ranked, strict=True)] for n in (1, BEST)]
    top1, top5 = (sum(hit) / len(rows) for hit in hits)
    print_scores("products", {"n": len(rows), "top1": top1, "top5": top5}, as_json)


def _shipped(settings: Settings, rows: Sequence[Row], truth: Sequence[str]) -> list[list[str]]:
    recognizer = build_products(settings)
    if recognizer is None:
        raise typer.BadParameter("LINGXI_FUSION__PRODUCTS is none: nothing recognises products")
    names = recognizer.names
    by_id = all(t in names for t in truth)
    known = set(names) if by_id else set(names.values())
    if unknown := sorted(set(truth) - known):
        raise ManifestError(
            f"the shipped head does not know {unknown[0]!r} and {len(unknown) - 1} other labels;"
            " choose a column with --label or train with --train"
        )
    found = [recognizer.rank(photo(row), BEST) for row in watched(rows, "looking")]
    return [[n if by_id else names[n] for n, _ in posterior] for posterior in found]


def _trained(rows: Sequence[Row], train: Path, label: str) -> list[list[str]]:
    from fusion.softmax import fit_head, posterior
    from fusion.vision.efficientnet import EfficientNetLite0

    shown, targets = labelled(train, label)
    need(shown, train, "image")
    encoder = EfficientNetLite0()
    features = encoder.features([photo(row) for row in watched(shown, "training photos")])
    head = fit_head(features, targets, labels=sorted(set(targets)))
    p = head.probabilities(encoder.features([photo(row) for row in watched(rows, "looking")]))
    return [[name for name, _ in posterior(head.labels, row, BEST)] for row in p]
