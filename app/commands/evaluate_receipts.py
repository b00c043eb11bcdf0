"""`lingxi eval receipts`: whether total and date of receipts are read, measured on pictures."""

from __future__ import annotations

import re

import typer

from app.commands.options import AsJson, Manifest
from app.commands.output import print_scores
from app.engines import build_text_reader
from app.house import read_settings
from app.manifest import ManifestError, need, read_manifest
from app.samples import photo, watched
from fusion.vision.receipts import find_date, read_receipt


def receipts(manifest: Manifest, as_json: AsJson = False) -> None:
    """Share of pictures whose total and whose date are read rightly."""
    try:
        rows = read_manifest(manifest)
        need(rows, manifest, "image", "total", "date")
        reader = build_text_reader(read_settings())
        if reader is None:
            raise typer.BadParameter("LINGXI_FUSION__OCR is none: nothing reads text")
        total = date = 0
        for row in watched(rows, "reading"):
            receipt = read_receipt(reader.read(photo(row)))
            total += receipt.total == _amount(str(row["total"]))
            date += receipt.date is not None and receipt.date == find_date([str(row["date"])])
    except ManifestError as error:
        raise typer.BadParameter(str(error)) from error
    figures = {"n": len(rows), "total": total / len(rows), "date": date / len(rows)}
    print_scores("receipts", figures, as_json)


def _amount(written: str) -> str:
    """`written` without currency and separators, two decimals: RM 1,209.5 → 1209.50."""
    digits = re.sub(r"[^\d.]", "", written).strip(".")
    try:
        return f"{float(digits):.2f}"
    except ValueError as error:
        raise ManifestError(f"total {written!r}: is no amount") from error
