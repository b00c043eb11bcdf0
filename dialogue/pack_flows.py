"""Reads a pack's flows, and checks that flows, slots and actions fit together."""

from __future__ import annotations

from typing import get_args

from dialogue.domain import Domain, Flow, Identity, PackError
from dialogue.pack_tables import Table, need, pattern_of

_KEYS = {
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
    "words",
    "several",
    "begins",
    "states",
    "yes",
}


def check_flows(domain: Domain) -> None:
    """PackError where a flow, a lookup or the comparison names what is not there."""
    for flow in domain.flows.values():
        _check_flow(domain, flow)
    _check_lookups(domain)
    _check_comparison(domain)
    for intent in domain.intents.values():
        for named in filter(None, (intent.product_flow, intent.order_flow)):
            if named not in domain.flows:
                raise PackError(f"domain.toml: intents.{intent.name}: unknown flow {named!r}")


def read_flow(name: str, table: Table) -> Flow:
    """The flow in a pack's `[flows.<name>]`."""
    where = f"domain.toml: flows.{name}"
    unknown = set(table) - _KEYS
    if unknown:
        raise PackError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    lists = (
        "intents",
        "slots",
        "optional",
        "offer",
        "anew",
        "follow_up",
        "after",
        "words",
        "begins",
        "states",
        "yes",
    )
    given: Table = {key: tuple(table.get(key, ())) for key in lists}
    pairs: Table = {key: tuple(table.get(key, {}).items()) for key in ("arguments", "retry")}
    plain = ("identity", "check", "confirm", "opening", "opening_units", "several")
    rest = {k: table[k] for k in plain if k in table}
    for key in ("follow_up", "words", "yes"):
        for word in given[key]:
            pattern_of(word, f"{where}.{key}")
    return Flow(name=name, action=need(table, "action", where), **given, **pairs, **rest)


def _check_flow(domain: Domain, flow: Flow) -> None:
    where = f"domain.toml: flows.{flow.name}"
    named_intents = {"intents": flow.intents, "after": flow.after, "begins": flow.begins}
    for key, intents in named_intents.items():
        for intent in intents:
            if intent not in domain.intents:
                raise PackError(f"{where}.{key}: unknown intent {intent!r}")
    named = (*flow.takes, *flow.anew, *(slot for _, slot in flow.retry))
    for slot in (*named, *([flow.opening] if flow.opening else [])):
        if slot not in domain.slots:
            raise PackError(f"{where}: unknown slot {slot!r}")
    if flow.identity not in get_args(Identity):
        raise PackError(
            f"{where}.identity: {flow.identity!r} is none of {', '.join(get_args(Identity))}"
        )
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
