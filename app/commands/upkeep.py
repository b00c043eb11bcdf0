"""`lingxi db`, `seed`, `operator` and `models`: what an installation needs now and then."""

from __future__ import annotations

import threading
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.commands.output import loading, print_json
from app.engines import (
    build_embedder,
    build_engines,
    build_parser,
    build_products,
    build_recognizer,
    build_responder,
    build_voices,
)
from app.engines.hearing import build_turn_detector
from app.engines.packages import EMBEDDED
from app.engines.progress import Progress
from app.house import House, open_house, read_settings
from app.store.database import Database, open_database
from app.store.seed import seed as fill
from app.store.staff import Staff
from app.warming import fixed_phrases, rehearsed, warm
from dialogue.knowledge import read_articles
from dialogue.nlu.examples import read_examples
from dialogue.pack import load_domain
from dialogue.types import Language

db = typer.Typer(help="The database.", no_args_is_help=True)
operator = typer.Typer(help="The people who answer.", no_args_is_help=True)
models = typer.Typer(help="The models that come inside packages.", no_args_is_help=True)


def _database() -> Database:
    database = open_database(read_settings().database)
    database.upgrade()
    return database


@db.command()
def upgrade() -> None:
    """Brings the tables to the newest migration."""
    _database()
    Console(stderr=True).print("The database is up to date.")


def seed(
    again: Annotated[
        bool,
        typer.Option(help="All orders, refunds, tickets and coupons go first: it begins anew."),
    ] = False,
) -> None:
    """Fills the demo shop's tables with what is not there yet."""
    added = fill(_database(), read_settings().pack, again=again)
    table = Table("table", "added", box=None)
    for name, rows in added.items():
        table.add_row(name, str(rows))
    Console(stderr=True).print(table)


@operator.command()
def add(
    name: str,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Makes an operator, or gives one a new password and ends their sessions."""
    try:
        Staff(_database()).add(name, password)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    Console(stderr=True).print(f"{name} may sign in at /admin.")


@models.command("list")
def list_models(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Which package carries the weights of which engine."""
    rows = [(what, p, _version(p)) for what, packages in EMBEDDED.items() for p in packages]
    if as_json:
        print_json({"packages": [{"engine": w, "package": p, "version": v} for w, p, v in rows]})
        return
    table = Table("engine", "package", "version", box=None)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


@models.command()
def check() -> None:
    """Loads every engine of the settings once; fails where one does not load."""
    settings = read_settings()
    with TemporaryDirectory() as folder, loading() as progress:
        database = open_database(f"sqlite:///{folder}/none.db")
        build_engines(settings, database, progress).complete()
        build_turn_detector(settings)
        database.close()
    Console(stderr=True).print("Every engine loads.")


@models.command()
def prepare() -> None:
    """Puts model files together, trains and indexes, so that the first start is quick."""
    settings = read_settings()
    with loading() as progress:
        build_recognizer(settings, progress)
        build_voices(settings, progress)
        build_products(settings)
        progress("understanding", 0.0)
        domain, embedder = load_domain(settings.pack), build_embedder(settings)
        build_parser(settings, domain, embedder)
        build_responder(settings, domain, embedder)
        progress("understanding", 1.0)


@models.command("warm")
def warm_voices(
    rehearse: Annotated[
        bool, typer.Option(help="Answers the pack's utterances too; takes minutes, once.")
    ] = False,
) -> None:
    """Says the pack's fixed phrases once, so that replies open without waiting for a voice."""
    settings = read_settings()
    domain, articles = load_domain(settings.pack), read_articles(settings.pack / "knowledge")
    with loading() as progress:
        house = open_house(progress=progress) if rehearse else None
        voices = house.engines.voices if house else build_voices(settings, progress)
        phrases = fixed_phrases(domain, articles)
        if house:
            phrases += _rehearsed(house, progress)
            house.database.close()
        warm(voices, phrases, lambda: False, threading.Event(), partial(progress, "phrases"))


def _rehearsed(house: House, progress: Progress) -> tuple[tuple[Language, str], ...]:
    """What the pack's own utterances would be answered with."""
    domain = house.engines.domain
    found: list[tuple[Language, str]] = []
    for language in domain.languages:
        said = read_examples(house.settings.pack, [language], domain.intents)
        asked = list(dict.fromkeys(example.text for example in said))
        report = partial(progress, f"{language} replies")
        told = rehearsed(house.conversation, asked, language, report)
        found += [(language, clause) for clause in told]
    return tuple(found)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
