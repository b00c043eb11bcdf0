"""Cheap stand-ins that several rooms' tests share: a small pack and settings without weights."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.config import Fusion, Limits, Settings, Speech
from app.house import House, open_settings

PACK = Path(__file__).parent.parent / "data" / "domains" / "fresh"
_UTTERANCES = 20
"""Of each intent and language: enough for the sentences the tests say, trained in seconds."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order of the demo shop and the end of its customer's phone number."""

    id: str
    phone_tail: str


def small_pack(domains: Path) -> Path:
    """The demo shop with few utterances and no pictures, as `fresh` in `domains`."""
    left_out = shutil.ignore_patterns("heldout", "media", "dev")
    pack = Path(shutil.copytree(PACK, domains / "fresh", ignore=left_out))
    for path in pack.glob("nlu/*/*.yml"):
        told = yaml.safe_load(path.read_text("utf-8"))
        told["utterances"] = told["utterances"][:_UTTERANCES]
        path.write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    (pack / "media").mkdir()
    return pack


def cheap_settings(var: Path, domains: Path, **more: Any) -> Settings:
    """Settings under which a server starts without any weights and hardly throttles."""
    return Settings(
        _env_file=None,
        var=var,
        domains=domains,
        speech=Speech(
            recognizer="replay", detector="energy", english="tone", chinese="tone", warm=False
        ),
        fusion=Fusion(embedder="hashing", products="none", ocr="none", feeling="lexicon"),
        limits=Limits(conversations_per_hour=1000, messages_per_minute=1000),
        **more,
    )


def cheap_house(folder: Path) -> House:
    """The small shop on cheap engines, opened in `folder`; close its database."""
    small_pack(folder / "domains")
    return open_settings(cheap_settings(folder / "var", folder / "domains"))


def orders(*statuses: str) -> list[Order]:
    """Orders of the demo shop's seed in one of `statuses`."""
    tails = {row["id"]: row["phone"][-4:] for row in _rows("customers")}
    return [
        Order(row["order_id"], tails[row["customer_id"]])
        for row in _rows("orders")
        if row["status"] in statuses
    ]


def _rows(name: str) -> list[dict[str, str]]:
    with (PACK / "seed" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
