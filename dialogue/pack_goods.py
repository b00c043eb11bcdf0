"""Reads a pack's goods: the catalogue, and what customers ask for that is not sold."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from dialogue.domain import PackError, Product
from dialogue.pack_tables import Table
from dialogue.types import LANGUAGES


def read_products(folder: Path, pack: Table, key: str) -> Mapping[str, Product]:
    """The products of every file that a slot names under `key`, by id."""
    files = [t[key] for t in pack.get("slots", {}).values() if key in t]
    products: dict[str, Product] = {}
    for file in files:
        path = folder / file
        if not path.is_file():
            raise PackError(f"{file}: not found in {folder}")
        with path.open(encoding="utf-8-sig", newline="") as rows:
            products |= {row["id"]: _product(row, file) for row in csv.DictReader(rows)}
    return MappingProxyType(products)


def _product(row: Mapping[str, str | None], file: str) -> Product:
    for key in ("id", "name_zh", "name_en"):
        if not row.get(key):
            raise PackError(f"{file}: product {row.get('id')!r} has no {key}")
    words = "|".join(row.get(f"synonyms_{language}") or "" for language in LANGUAGES)
    names = {language: row[f"name_{language}"] or "" for language in LANGUAGES}
    storage = {language: row.get(f"storage_{language}") or "" for language in LANGUAGES}
    synonyms = tuple(w.strip() for w in words.split("|") if w.strip())
    return Product(row["id"] or "", names, synonyms, storage, row.get("image") or "")
