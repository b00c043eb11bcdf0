"""Reads a domain pack from its folder; every complaint names the file and the key."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast, get_args

from dialogue.comparison import Comparison
from dialogue.domain import (
    PACK_INTENTS,
    Domain,
    Flow,
    Intent,
    Mood,
    PackError,
    People,
    Product,
    SlotSpec,
    SlotType,
)
from dialogue.pack_forms import read_forms
from dialogue.types import LANGUAGES, Language

Table = dict[str, Any]

FLOW_KEYS = {
    "intents",
    "identity",
    "slots",
    "optional",
    "offer",
    "check",
    "confirm",
    "action",
    "arguments",
    "anew",
    "opening",
    "opening_units",
    "retry",
    "follow_up",
    "after",
}


def load_domain(folder: Path) -> Domain:
    """The checked domain in `folder`; PackError says what is wrong and where."""
    pack = _toml(folder / "domain.toml")
    languages = tuple(_need(pack, "languages", "domain.toml"))
    unknown = set(languages) - set(LANGUAGES)
    if unknown:
        raise PackError(f"domain.toml: languages: unknown {sorted(unknown)}; choose {LANGUAGES}")
    slots = {name: _slot(name, table) for name, table in pack.get("slots", {}).items()}
    domain = Domain(
        name=_need(pack, "name", "domain.toml"),
        languages=languages,
        intents=_intents(_need(pack, "intents", "domain.toml"), languages),
        slots=MappingProxyType(slots),
        flows=MappingProxyType({n: _flow(n, t) for n, t in pack.get("flows", {}).items()}),
        wording=_wording(_toml(folder / "responses.toml")),
        products=_products(folder, pack, "file"),
        unsold=_products(folder, pack, "unsold"),
        threshold=_by_language(pack.get("knowledge", {}).get("threshold", 0.5)),
        sure=_by_language(pack.get("knowledge", {}).get("sure", 0.5)),
        elsewhere=_elsewhere(pack.get("knowledge", {})),
        irreversible=tuple(pack.get("irreversible", ())),
        lookups=tuple(pack.get("lookups", ())),
        titles=_titles(pack),
        mood=_mood(pack.get("mood", {})),
        people=_people(pack.get("people", {})),
        comparison=_comparison(pack.get("comparison", {})),
        forms=read_forms(_toml(folder / "forms.toml") if (folder / "forms.toml").exists() else {}),
    )
    for flow in domain.flows.values():
        _check_flow(domain, flow)
    _check_lookups(domain)
    _check_comparison(domain)
    for intent in domain.intents.values():
        if intent.product_flow and intent.product_flow not in domain.flows:
            raise PackError(
                f"domain.toml: intents.{intent.name}: unknown flow {intent.product_flow!r}"
            )
    return domain


def _toml(path: Path) -> Table:
    if not path.is_file():
        raise PackError(f"{path.name}: not found in {path.parent}")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{path.name}: {error}") from error


def _need(table: Table, key: str, where: str) -> Any:
    if key not in table:
        raise PackError(f"{where}: missing key {key!r}")
    return table[key]


def _by_language(given: float | Mapping[str, float]) -> Mapping[Language, float]:
    each = given if isinstance(given, Mapping) else dict.fromkeys(LANGUAGES, given)
    return MappingProxyType({language: float(each.get(language, 0.5)) for language in LANGUAGES})


def _elsewhere(table: Table) -> tuple[str, ...]:
    where = "domain.toml: knowledge.elsewhere"
    return tuple(_pattern(word, where) for word in table.get("elsewhere", ()))


def _mood(table: Table) -> Mood:
    if unknown := sorted(set(table) - {"angry", "offer_after", "person_after"}):
        raise PackError(f"domain.toml: mood: unknown key {unknown[0]!r}")
    mood = Mood(**table)
    if not 0 < mood.angry <= 1:
        raise PackError(f"domain.toml: mood.angry: {mood.angry} is no probability above 0")
    for key in ("offer_after", "person_after"):
        if getattr(mood, key) < 1:
            raise PackError(f"domain.toml: mood.{key}: {getattr(mood, key)} is less than 1")
    return mood


def _comparison(table: Table) -> Comparison:
    if not table:
        return Comparison()
    where = "domain.toml: comparison"
    if unknown := sorted(set(table) - {"flow", "words", "intents"}):
        raise PackError(f"{where}: unknown key {unknown[0]!r}")
    words = tuple(_pattern(word, f"{where}.words") for word in _need(table, "words", where))
    return Comparison(_need(table, "flow", where), words, tuple(table.get("intents", ())))


def _people(table: Table) -> People:
    where = "domain.toml: people"
    if unknown := sorted(set(table) - {"hours", "zone"}):
        raise PackError(f"{where}: unknown key {unknown[0]!r}")
    try:
        opens, closes = (time.fromisoformat(hour) for hour in table.get("hours", ("00:00",) * 2))
        offset = datetime.fromisoformat(f"2000-01-01T00:00{table.get('zone', '+00:00')}")
    except (TypeError, ValueError) as error:
        raise PackError(f'{where}: wants hours = ["08:00", "22:00"], zone = "+08:00"') from error
    return People(opens, closes, timezone(offset.utcoffset() or timedelta()))


def _titles(pack: Table) -> Mapping[Language, str]:
    given = pack.get("title", {})
    return MappingProxyType({language: given.get(language, pack["name"]) for language in LANGUAGES})


def _intents(tables: Table, languages: tuple[Language, ...]) -> Mapping[str, Intent]:
    missing = [name for name in PACK_INTENTS if name not in tables]
    if missing:
        raise PackError(f"domain.toml: intents: every pack has {', '.join(missing)}")
    return MappingProxyType({n: _intent(n, table, languages) for n, table in tables.items()})


def _intent(name: str, table: Table, languages: tuple[Language, ...]) -> Intent:
    where = f"domain.toml: intents.{name}"
    descriptions = {language: _need(table, language, where) for language in languages}
    reply = table.get("reply", "answer")
    if reply not in ("answer", "tell"):
        raise PackError(f"{where}.reply: {reply!r} is neither answer nor tell")
    keys = ("tone", "line", "product_flow", "leans")
    plain: Table = {k: table[k] for k in keys if k in table}
    words: Table = {k: tuple(table.get(k, ())) for k in ("product_words", "line_unless", "general")}
    for word in (word for each in words.values() for word in each):
        _pattern(word, where)
    return Intent(name, MappingProxyType(descriptions), reply, **plain, **words)


def _slot(name: str, table: Table) -> SlotSpec:
    where = f"domain.toml: slots.{name}"
    kind = _need(table, "type", where)
    if kind not in get_args(SlotType):
        raise PackError(f"{where}.type: {kind!r} is none of {', '.join(get_args(SlotType))}")
    pattern = _pattern(table.get("pattern", ""), f"{where}.pattern")
    values = tuple((value, tuple(words)) for value, words in table.get("values", {}).items())
    return SlotSpec(
        name,
        kind,
        pattern,
        values,
        keep=bool(table.get("keep")),
        digits=int(table.get("digits", 0)),
        nouns=tuple(table.get("nouns", ())),
    )


def _pattern(pattern: str, where: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise PackError(f"{where}: {error}") from error
    return pattern


def _flow(name: str, table: Table) -> Flow:
    where = f"domain.toml: flows.{name}"
    unknown = set(table) - FLOW_KEYS
    if unknown:
        raise PackError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    lists = ("intents", "slots", "optional", "offer", "anew", "follow_up", "after")
    given: Table = {key: tuple(table.get(key, ())) for key in lists}
    pairs: Table = {key: tuple(table.get(key, {}).items()) for key in ("arguments", "retry")}
    plain = ("identity", "check", "confirm", "opening", "opening_units")
    rest = {k: table[k] for k in plain if k in table}
    for word in given["follow_up"]:
        _pattern(word, f"{where}.follow_up")
    return Flow(name=name, action=_need(table, "action", where), **given, **pairs, **rest)


def _check_flow(domain: Domain, flow: Flow) -> None:
    where = f"domain.toml: flows.{flow.name}"
    for key, intents in (("intents", flow.intents), ("after", flow.after)):
        for intent in intents:
            if intent not in domain.intents:
                raise PackError(f"{where}.{key}: unknown intent {intent!r}")
    named = (*flow.takes, *flow.anew, *(slot for _, slot in flow.retry))
    for slot in (*named, *([flow.opening] if flow.opening else [])):
        if slot not in domain.slots:
            raise PackError(f"{where}: unknown slot {slot!r}")
    if flow.identity not in ("none", "order"):
        raise PackError(f"{where}.identity: {flow.identity!r} is neither none nor order")
    if flow.action in domain.irreversible and not flow.confirm:
        raise PackError(f"{where}.confirm: {flow.action} is irreversible and must be confirmed")


def _check_lookups(domain: Domain) -> None:
    if wrong := set(domain.lookups) - {flow.action for flow in domain.flows.values()}:
        raise PackError(f"domain.toml: lookups: no flow has the action {min(wrong)!r}")
    if wrong := set(domain.lookups) & set(domain.irreversible):
        raise PackError(f"domain.toml: lookups: {min(wrong)!r} is irreversible")


def _check_comparison(domain: Domain) -> None:
    comparison = domain.comparison
    flow = domain.flows.get(comparison.flow)
    if comparison.flow and (flow is None or not {"product", "other"} <= set(flow.takes)):
        raise PackError("domain.toml: comparison.flow: wants a flow with the slots product, other")
    if unknown := [name for name in comparison.intents if name not in domain.intents]:
        raise PackError(f"domain.toml: comparison.intents: unknown intent {unknown[0]!r}")


def _wording(tables: Table) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    wording = {
        key: MappingProxyType({style: tuple(_lines(key, style, v)) for style, v in table.items()})
        for key, table in tables.items()
    }
    return MappingProxyType(wording)


def _lines(key: str, style: str, lines: object) -> list[str]:
    if not isinstance(lines, list) or not lines or not all(isinstance(x, str) for x in lines):
        raise PackError(f'responses.toml: "{key}".{style}: wants a list of sentences')
    return cast("list[str]", lines)


def _products(folder: Path, pack: Table, key: str) -> Mapping[str, Product]:
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
