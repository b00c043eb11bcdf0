"""Two servers on one database: what one writes, listeners at the other hear."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.api.mount import Storage
from app.config import Limits
from tests.app.api.harness import House, bearer, follow, make_storage, running, wait_for


@pytest.fixture
def other(house: House, tmp_path: Path) -> Iterator[House]:
    """A second server, with its own connections to the same file."""
    storage = make_storage(tmp_path / "test.db")
    with closing(storage.database), running(storage, Limits()) as made:
        yield made


def stream(talk: dict[str, str]) -> str:
    return f"/v1/conversations/{talk['id']}/stream"


def test_an_operator_at_one_server_reaches_a_customer_at_the_other(
    house: House, other: House
) -> None:
    talk = house.open()
    house.say(talk, "你好")
    desk = other.sign_in()
    with follow(house, stream(talk), bearer(talk)) as events:
        assert [next(events).kind for _ in range(4)] == ["turn", "part", "part", "done"]
        desk.post(f"/v1/admin/conversations/{talk['id']}/take").raise_for_status()
        assert next(events).data["owner"] == "operator"
        said = {"text": "我是小美"}
        desk.post(f"/v1/admin/conversations/{talk['id']}/say", json=said).raise_for_status()
        assert next(events).data["text"] == "我是小美"


def test_the_panel_at_one_server_hears_of_customers_at_the_other(
    house: House, other: House
) -> None:
    desk = other.sign_in()
    cookie = {"Cookie": "; ".join(f"{c.name}={c.value}" for c in desk.cookies.jar)}
    with follow(other, "/v1/admin/stream", cookie) as changes:
        wait_for(lambda: other.access.log.watched)
        talk = house.open()
        house.say(talk, "你好")
        assert next(changes).data["conversation_id"] == talk["id"]


def test_a_bot_under_way_falls_silent_when_a_person_takes_over_elsewhere(
    house: House, other: House
) -> None:
    house.pipeline.gates[1] = held = threading.Event()
    talk = house.open()
    heard: list[str] = []
    asking = threading.Thread(
        target=lambda: heard.extend(event.kind for event in house.say(talk, "你好"))
    )
    asking.start()
    wait_for(lambda: "part" in kinds(house, talk))
    other.sign_in().post(f"/v1/admin/conversations/{talk['id']}/take").raise_for_status()
    held.set()
    asking.join(20)
    assert heard == ["turn", "part", "owner", "done"]


def test_nothing_is_asked_of_the_database_while_nobody_listens(storage: Storage) -> None:
    with running(storage, Limits()) as house:
        house.access.poller.close()
        storage.database.reading = refusing  # type: ignore[method-assign,assignment]
        house.access.poller.look()


def refusing() -> Callable[[], None]:
    raise AssertionError("the database was asked")


def kinds(house: House, talk: dict[str, str]) -> list[str]:
    return [event.kind for event in house.storage.conversations.events(talk["id"])]
