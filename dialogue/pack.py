"""Reads a domain pack from its folder; every complaint names the file and the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import cast, get_args

from dialogue.comparison import Comparison
from dialogue.domain import (
    PACK_INTENTS,
    Domain,
    Intent,
    Mood,
    PackError,
    People,
    Rest,
    SlotSpec,
    SlotType,
)
from dialogue.pack_flows import check_flows, read_flow
from dialogue.pack_forms import read_forms
from dialogue.pack_goods import read_products
from dialogue.pack_tables import Table, need, pattern_of, read_toml
from dialogue.types import LANGUAGES, Language


def load_domain(folder: Path) -> Domain:
    """The checked domain in `folder`; PackError says what is wrong and where."""
    pack = read_toml(folder / "domain.toml")
    languages = tuple(need(pack, "languages", "domain.toml"))
    unknown = set(languages) - set(LANGUAGES)
    if unknown:
        raise PackError(f"domain.toml: languages: unknown {sorted(unknown)}; choose {LANGUAGES}")
    slots = {name: _slot(name, table) for name, table in pack.get("slots", {}).items()}
    domain = Domain(
        name=need(pack, "name", "domain.toml"),
        languages=languages,
        intents=_intents(need(pack, "intents", "domain.toml"), languages),
        slots=MappingProxyType(slots),
        flows=MappingProxyType({n: read_flow(n, t) for n, t in pack.get("flows", {}).items()}),
        wording=_wording(read_toml(folder / "responses.toml")),
        products=read_products(folder, pack, "file"),
        unsold=read_products(folder, pack, "unsold"),
        threshold=_by_language(pack.get("knowledge", {}).get("threshold", 0.5)),
        sure=_by_language(pack.get("knowledge", {}).get("sure", 0.5)),
        elsewhere=_patterns(pack.get("knowledge", {}), "elsewhere", "domain.toml: knowledge"),
        irreversible=tuple(pack.get("irreversible", ())),
        lookups=tuple(pack.get("lookups", ())),
        titles=_titles(pack, pack["name"]),
        mood=_mood(pack.get("mood", {})),
        people=_people(pack.get("people", {})),
        rest=_rest(pack.get("rest", {})),
        insists=_patterns(pack.get("talk", {}), "insists", "domain.toml: talk"),
        drops=_patterns(pack.get("talk", {}), "drops", "domain.toml: talk"),
        comparison=_comparison(pack.get("comparison", {})),
        forms=read_forms(
            read_toml(folder / "forms.toml") if (folder / "forms.toml").exists() else {}
        ),
    )
    check_flows(domain)
    return domain


def _by_language(given: float | Mapping[str, float]) -> Mapping[Language, float]:
    each = given if isinstance(given, Mapping) else dict.fromkeys(LANGUAGES, given)
    return MappingProxyType({language: float(each.get(language, 0.5)) for language in LANGUAGES})


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
    if unknown := sorted(set(table) - {"flow", "words", "intents", "extremes"}):
        raise PackError(f"{where}: unknown key {unknown[0]!r}")
    words = tuple(pattern_of(word, f"{where}.words") for word in need(table, "words", where))
    extremes = _named_patterns(table, "extremes", where)
    intents = tuple(table.get("intents", ()))
    return Comparison(need(table, "flow", where), words, intents, extremes)


def _rest(table: Table) -> Rest:
    if unknown := sorted(set(table) - {field.name for field in fields(Rest)}):
        raise PackError(f"domain.toml: rest: unknown key {unknown[0]!r}")
    for key, value in table.items():
        if not isinstance(value, int | float) or value <= 0:
            raise PackError(f"domain.toml: rest.{key}: {value!r} is no number above 0")
    return Rest(**table)


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


def _titles(table: Table, name: str) -> Mapping[Language, str]:
    given = table.get("title", {})
    return MappingProxyType({language: given.get(language, name) for language in LANGUAGES})


def _intents(tables: Table, languages: tuple[Language, ...]) -> Mapping[str, Intent]:
    missing = [name for name in PACK_INTENTS if name not in tables]
    if missing:
        raise PackError(f"domain.toml: intents: every pack has {', '.join(missing)}")
    return MappingProxyType({n: _intent(n, table, languages) for n, table in tables.items()})


def _intent(name: str, table: Table, languages: tuple[Language, ...]) -> Intent:
    where = f"domain.toml: intents.{name}"
    descriptions = {language: need(table, language, where) for language in languages}
    reply = table.get("reply", "answer")
    if reply not in ("answer", "tell"):
        raise PackError(f"{where}.reply: {reply!r} is neither answer nor tell")
    keys = ("tone", "line", "product_flow", "order_flow", "leans")
    plain: Table = {k: table[k] for k in keys if k in table}
    words: Table = {k: tuple(table.get(k, ())) for k in ("product_words", "line_unless", "general")}
    for word in (word for each in words.values() for word in each):
        pattern_of(word, where)
    titles = _titles(table, name)
    return Intent(name, MappingProxyType(descriptions), titles, reply, **plain, **words)


def _slot(name: str, table: Table) -> SlotSpec:
    where = f"domain.toml: slots.{name}"
    kind = need(table, "type", where)
    if kind not in get_args(SlotType):
        raise PackError(f"{where}.type: {kind!r} is none of {', '.join(get_args(SlotType))}")
    pattern = pattern_of(table.get("pattern", ""), f"{where}.pattern")
    words = {key: _patterns(table, key, where) for key in ("lacking", "asked", "unnamed")}
    if nameless := [word for word in words["asked"] if "(?P<thing>" not in word]:
        raise PackError(f"{where}.asked: {nameless[0]!r} has no group (?P<thing>…)")
    values = tuple((value, tuple(words)) for value, words in table.get("values", {}).items())
    return SlotSpec(
        name,
        kind,
        pattern,
        values,
        keep=bool(table.get("keep")),
        digits=int(table.get("digits", 0)),
        nouns=tuple(table.get("nouns", ())),
        stages=_named_patterns(table, "stages", where),
        **words,
    )


def _patterns(table: Table, key: str, where: str) -> tuple[str, ...]:
    return tuple(pattern_of(word, f"{where}.{key}") for word in table.get(key, ()))


def _named_patterns(table: Table, key: str, where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Regular expressions under names of their own: `stages.packed = [...]`."""
    named: Table = table.get(key, {})
    return tuple((name, _patterns(named, name, f"{where}.{key}")) for name in named)


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
