"""Reads a pack's forms.toml: the rules of form and the experiments; complaints name the rule."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, get_args

from dialogue.domain import PackError
from dialogue.forms import (
    PLAIN_RULES,
    Arm,
    Content,
    Experiment,
    FormRules,
    Preference,
    Rule,
    Temper,
    When,
)
from dialogue.types import DEVICES, MODALITIES, Form

Table = dict[str, Any]

_CHOICES: dict[str, Sequence[str]] = {
    "modality": MODALITIES,
    "speech": get_args(Preference),
    "device": DEVICES,
    "content": get_args(Content),
    "mood": get_args(Temper),
}
_CONDITIONS = (*_CHOICES, "says", "left_below")
_KEYS = ("name", "when", "form", "because", "hush", "aloud")


def read_forms(tables: Table) -> FormRules:
    """The rules in `tables`; those of a pack without any are built in."""
    _known(tables, ("forms", "experiments"), "forms.toml")
    rules = _rules(tables.get("forms", []), "forms")
    experiments = tuple(_experiment(n, t) for n, t in tables.get("experiments", {}).items())
    return FormRules(rules or PLAIN_RULES, experiments)


def _rules(tables: Any, where: str) -> tuple[Rule, ...]:
    if not isinstance(tables, list):
        raise PackError(f"forms.toml: {where}: wants [[{where}]] tables")
    rules = tuple(_rule(table, f"{where}[{n}]") for n, table in enumerate(tables, 1))
    names = [rule.name for rule in rules]
    if twice := {name for name in names if names.count(name) > 1}:
        raise PackError(f"forms.toml: {where}: {min(twice)!r} is there twice")
    return rules


def _rule(table: Table, where: str) -> Rule:
    for key in ("name", "form", "because"):
        if not table.get(key):
            raise PackError(f"forms.toml: {where}: missing key {key!r}")
    where = f"{where} {table['name']!r}"
    _known(table, _KEYS, where)
    given = table.get("when", {})
    return Rule(
        table["name"],
        _chosen(table["form"], get_args(Form), f"{where}: form"),
        table["because"],
        tuple(_when(t, f"{where}: when") for t in (given if isinstance(given, list) else [given])),
        hush=bool(table.get("hush")),
        aloud=bool(table.get("aloud")),
    )


def _when(table: Table, where: str) -> When:
    if not isinstance(table, dict):
        raise PackError(f"forms.toml: {where}: wants a table of conditions")
    _known(table, _CONDITIONS, where)
    given = {k: _chosen(table[k], c, f"{where}.{k}") for k, c in _CHOICES.items() if k in table}
    left = table.get("left_below", math.inf)
    if isinstance(left, bool) or not isinstance(left, int | float):
        raise PackError(f"forms.toml: {where}.left_below: wants seconds, not {left!r}")
    return When(**given, says=_patterns(table.get("says", []), where), left_below=float(left))


def _experiment(name: str, table: Table) -> Experiment:
    where = f"experiments.{name}"
    _known(table, ("arms",), where)
    arms = tuple(_arm(n, t, where) for n, t in table.get("arms", {}).items())
    if len(arms) < 2:
        raise PackError(f"forms.toml: {where}.arms: an experiment has two arms or more")
    if not any(arm.weight for arm in arms):
        raise PackError(f"forms.toml: {where}.arms: every weight is 0")
    return Experiment(name, arms)


def _arm(name: str, table: Table, where: str) -> Arm:
    where = f"{where}.arms.{name}"
    _known(table, ("weight", "forms"), where)
    weight = table.get("weight", 1)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or weight < 0:
        raise PackError(f"forms.toml: {where}.weight: {weight!r} is no number from 0 on")
    return Arm(name, float(weight), _rules(table.get("forms", []), f"{where}.forms"))


def _patterns(words: Any, where: str) -> tuple[str, ...]:
    for word in words:
        try:
            re.compile(word)
        except re.error as error:
            raise PackError(f"forms.toml: {where}.says: {error}") from error
    return tuple(words)


def _chosen(given: Any, choices: Sequence[str], where: str) -> tuple[Any, ...]:
    values = given if isinstance(given, list) else [given]
    for value in values:
        if value not in choices:
            raise PackError(f"forms.toml: {where}: {value!r} is none of {', '.join(choices)}")
    return tuple(values)


def _known(table: Table, keys: Sequence[str], where: str) -> None:
    if unknown := sorted(set(table) - set(keys)):
        choices = ", ".join(keys)
        raise PackError(f"forms.toml: {where}: unknown key {unknown[0]!r}; choose one of {choices}")
