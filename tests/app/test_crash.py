"""One installation killed with -9 at every stage of a turn, and started again each time.

The last words of every conversation are spoken: they confirm that an order is cancelled.
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.api.harness import Event, bearer, tone, wait_for
from tests.app.mortal import STAGES
from tests.app.served import SECONDS, opened, say, serving
from tests.fakes import Order, orders, small_pack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass(frozen=True, slots=True)
class Life:
    """What is left of one conversation after its server was killed and started again."""

    order: Order
    events: tuple[Event, ...]
    again: tuple[Event, ...]
    """The answer to the same message sent once more."""
    exit_status: int

    @property
    def turn(self) -> tuple[Event, ...]:
        """The events of the turn in which the server died, the turn itself first."""
        last = next(e for e in reversed(self.events) if e.kind == "turn").data["turn_id"]
        return tuple(e for e in self.events if e.data.get("turn_id") == last)


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all lives of the server share."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="module")
def lives(var: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Life]:
    """A life per stage: the server that dies at one stage is the restart after the one before."""
    domains = tmp_path_factory.mktemp("domains")
    small_pack(domains)
    found: dict[str, Life] = {}
    waiting: Callable[[httpx.Client], Life] | None = None
    for stage, order in zip((*STAGES, "never"), orders("paid", "packed"), strict=False):
        with serving(var, domains, stage) as (client, process):
            if waiting:
                found[STAGES[len(found)]] = waiting(client)
            if stage != "never":
                waiting = die_at(stage, order, client, process)
    return found


def die_at(
    stage: str, order: Order, client: httpx.Client, process: subprocess.Popen[bytes]
) -> Callable[[httpx.Client], Life]:
    """Leads a conversation to where the server dies; what reads its remains afterwards."""
    talk = opened(client)
    for number, text in enumerate((f"取消订单{order.id}", order.phone_tail)):
        answer = say(client, talk, f"{stage}-{number}", text=text)
        assert answer[-1].kind == "done"
    with pytest.raises(httpx.TransportError):
        confirm(client, talk, stage)
    status = process.wait(SECONDS)

    def remains(later: httpx.Client) -> Life:
        wait_for(lambda: closed(later, talk), SECONDS)
        again = confirm(later, talk, stage)
        return Life(order, history(later, talk), tuple(again), status)

    return remains


def confirm(client: httpx.Client, talk: dict[str, str], stage: str) -> list[Event]:
    """Says the voice note that confirms the cancellation."""
    note = {"audio": ("note.wav", tone(1.2), "audio/wav")}
    return say(client, talk, f"turn-{stage}", files=note)


def history(client: httpx.Client, talk: dict[str, str]) -> tuple[Event, ...]:
    """The conversation's event log."""
    path = f"/v1/conversations/{talk['id']}/events"
    events = client.get(path, headers=bearer(talk)).json()["events"]
    return tuple(Event(e["id"], e["event"], e["data"]) for e in events)


def closed(client: httpx.Client, talk: dict[str, str]) -> bool:
    """Whether the last part of the last turn is there."""
    events = history(client, talk)
    last = next(e for e in reversed(events) if e.kind == "turn")
    parts = [e for e in events if e.kind == "part" and e.data["turn_id"] == last.data["turn_id"]]
    return any(part.data["last"] for part in parts)


def rows(var: Path, query: str, *values: str) -> list[tuple[Any, ...]]:
    """What the database answers."""
    with closing(sqlite3.connect(var / "lingxi.db")) as connection:
        return connection.execute(query, values).fetchall()


each_stage = pytest.mark.parametrize("stage", STAGES)


@each_stage
def test_the_server_really_was_killed(lives: dict[str, Life], stage: str) -> None:
    assert lives[stage].exit_status == -signal.SIGKILL


@each_stage
def test_a_received_message_is_answered_after_the_next_start(
    lives: dict[str, Life], stage: str
) -> None:
    parts = [e.data for e in lives[stage].turn if e.kind == "part"]
    assert parts[-1]["last"]
    assert lives[stage].order.id in str(parts)


@each_stage
def test_no_part_is_doubled_or_missing(lives: dict[str, Life], stage: str) -> None:
    numbers = [e.data["number"] for e in lives[stage].turn if e.kind == "part"]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > 1
    assert sum(e.kind == "heard" for e in lives[stage].turn) == 1
    assert sum(e.kind == "turn" for e in lives[stage].turn) == 1
    assert sum(e.kind == "done" for e in lives[stage].turn) == 1


@each_stage
def test_the_order_is_cancelled_once(lives: dict[str, Life], var: Path, stage: str) -> None:
    order = lives[stage].order.id
    refunds = rows(var, "select count(*) from refunds where order_id = ?", order)
    done = "select count(*) from actions where action = ? and arguments like ?"
    actions = rows(var, done, "cancel_order", f"%{order}%")
    status = rows(var, "select status from orders where id = ?", order)
    assert (refunds, actions, status) == ([(1,)], [(1,)], [("cancelled",)])


@each_stage
def test_the_message_sent_again_gets_the_same_answer(lives: dict[str, Life], stage: str) -> None:
    shown = [(e.id, e.kind, e.data.get("text")) for e in lives[stage].turn]
    assert [(e.id, e.kind, e.data.get("text")) for e in lives[stage].again] == shown


@each_stage
def test_every_event_has_its_own_number(lives: dict[str, Life], stage: str) -> None:
    numbers = [e.id for e in lives[stage].events]
    assert numbers == list(range(1, len(numbers) + 1))


def test_nothing_is_left_unanswered(lives: dict[str, Life], var: Path) -> None:
    assert len(lives) == len(STAGES)
    assert rows(var, "select count(*) from turns where status != 'done'") == [(0,)]


def test_the_conversation_goes_on(lives: dict[str, Life], var: Path) -> None:
    """The state of the dialogue moved on exactly once a turn."""
    versions = rows(var, "select state_version, turn_count from conversations")
    assert all(version == turns for version, turns in versions)
