"""`lingxi forget`: erases what a customer said, for good."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.commands.output import print_json
from app.house import build_erasure, read_settings
from app.store.database import open_database
from app.store.erasure import Erased
from app.store.records import UnknownConversationError


def forget(
    conversations: Annotated[
        list[str] | None, typer.Argument(help="Ids, as /admin shows them.", metavar="[ID]...")
    ] = None,
    order: Annotated[
        str, typer.Option(help="Also every conversation that proved to own this order.")
    ] = "",
    customer: Annotated[
        str, typer.Option(help="Also every conversation of this customer, by the shop's id.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")] = False,
) -> None:
    """Erases conversations: messages, sounds, pictures, spoken replies, evidence, event log."""
    if as_json and not (dry_run or yes):
        raise typer.BadParameter("--json asks nothing: add --dry-run, or --yes to erase.")
    settings = read_settings()
    database = open_database(settings.database)
    database.upgrade()
    erasure = build_erasure(settings, database)
    found = (*(erasure.of_order(order) if order else ()), *erasure.of_customer(customer))
    chosen = tuple(dict.fromkeys((*(conversations or ()), *found)))
    if not chosen:
        raise typer.BadParameter("Name a conversation, an --order that one owns, or a --customer.")
    try:
        would = {one: erasure.survey(one) for one in chosen}
    except UnknownConversationError as error:
        raise typer.BadParameter(f"There is no conversation {error}.") from error
    if not as_json:
        _show(would)
    if not dry_run:
        if not yes:
            typer.confirm("Erase this for good?", abort=True)
        would = {one: erasure.erase(one, by="command line") for one in chosen}
    if as_json:
        print_json({"erased": not dry_run, "conversations": _plain(would)})
    elif not dry_run:
        Console(stderr=True).print("Gone.")
    database.close()


def _plain(would: dict[str, Erased]) -> dict[str, dict[str, int]]:
    return {one: asdict(erased) for one, erased in would.items()}


def _show(would: dict[str, Erased]) -> None:
    table = Table("conversation", *Erased.__dataclass_fields__, box=None)
    for one, numbers in _plain(would).items():
        table.add_row(one, *map(str, numbers.values()))
    Console(stderr=True).print(table)
