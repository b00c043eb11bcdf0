"""Nobody there: the truth about the queue and the hours, and a call that is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone

import pytest

from app.api.callbacks import valid_contact
from app.store.erasure import Erasure
from dialogue.domain import People
from tests.app.api.harness import House, bearer

DAY = People(time(8), time(22), timezone(timedelta(hours=8)))


def at(house: House, hour: int, people: People = DAY) -> None:
    """The server's clock at `hour` of the shop's day."""
    moment = datetime(2026, 11, 25, hour, tzinfo=people.zone)
    house.app.state.access = replace(
        house.app.state.access, people=people, now=lambda: moment.astimezone(UTC)
    )


def place(house: House, talk: dict[str, str]) -> dict[str, object]:
    found = house.client.get(f"/v1/conversations/{talk['id']}/place", headers=bearer(talk))
    assert found.status_code == 200, found.text
    return found.json()


def queue(house: House) -> dict[str, str]:
    talk = house.open()
    house.client.post(f"/v1/conversations/{talk['id']}/human", headers=bearer(talk))
    return talk


def wish(house: House, talk: dict[str, str], **body: str) -> object:
    path = f"/v1/conversations/{talk['id']}/callback"
    return house.client.post(path, json=body, headers=bearer(talk))


def test_who_waits_is_told_how_many_are_ahead_as_it_changes(house: House) -> None:
    at(house, 9)
    first, second, third = (queue(house) for _ in range(3))
    assert [place(house, talk)["ahead"] for talk in (first, second, third)] == [0, 1, 2]
    operator = house.sign_in()
    assert operator.post(f"/v1/admin/conversations/{first['id']}/take").status_code == 200
    assert [place(house, talk)["ahead"] for talk in (second, third)] == [0, 1]
    told = place(house, first)
    assert (told["owner"], told["position"], told["staffed"]) == ("operator", 0, True)


def test_at_night_nobody_is_said_to_come(house: House) -> None:
    at(house, 23)
    talk = house.open()
    asked = house.client.post(f"/v1/conversations/{talk['id']}/human", headers=bearer(talk)).json()
    assert (asked["owner"], asked["staffed"]) == ("queue", False)
    assert asked["hours"] == {"opens": "08:00", "closes": "22:00", "zone": "+08:00"}
    at(house, 8)
    assert place(house, talk)["staffed"] is True
    at(house, 3, People())
    told = place(house, talk)
    assert (told["staffed"], told["hours"]) == (True, None)


def test_a_call_that_is_asked_for_is_seen_and_ticked_off_by_operators(house: House) -> None:
    talk = queue(house)
    assert place(house, talk)["callback"] is False
    assert wish(house, talk, contact=" 138 0013 8000 ", name="王女士", time="evening").json() == {
        "ok": True
    }
    assert place(house, talk)["callback"] is True
    operator = house.sign_in()
    (call,) = operator.get("/v1/admin/callbacks").json()["callbacks"]
    assert (call["contact"], call["name"], call["time"]) == ("138 0013 8000", "王女士", "evening")
    assert (call["conversation_id"], call["state"]) == (talk["id"], "open")
    done = operator.post(f"/v1/admin/callbacks/{call['id']}", json={"state": "done"}).json()
    assert (done["state"], done["done_by"]) == ("done", "mei")
    assert operator.get("/v1/admin/callbacks").json()["callbacks"] == []
    assert place(house, talk)["callback"] is False
    again = operator.post(f"/v1/admin/callbacks/{call['id']}", json={"state": "open"}).json()
    assert (again["state"], again["done_at"], again["done_by"]) == ("open", None, "")


def test_the_last_wish_counts_until_it_is_done(house: House) -> None:
    talk = queue(house)
    wish(house, talk, contact="13800138000")
    wish(house, talk, contact="li@example.com")
    operator = house.sign_in()
    (call,) = operator.get("/v1/admin/callbacks").json()["callbacks"]
    assert call["contact"] == "li@example.com"
    operator.post(f"/v1/admin/callbacks/{call['id']}", json={"state": "done"})
    wish(house, talk, contact="13900139000")
    (fresh,) = operator.get("/v1/admin/callbacks").json()["callbacks"]
    assert fresh["id"] != call["id"]


@pytest.mark.parametrize(
    "contact", ["13800138000", "+86 138-0013-8000", "(020) 8888 8888", "a.b@shop.example.cn"]
)
def test_numbers_and_addresses_are_taken(contact: str) -> None:
    assert valid_contact(contact)


@pytest.mark.parametrize(
    "contact",
    ["", "12345", "call me", "1" * 16, "a@b", "@shop.cn", "a b@shop.cn", "x" * 250 + "@b.c"],
)
def test_anything_else_is_refused_in_the_customers_language(house: House, contact: str) -> None:
    talk = house.open("zh")
    refused = wish(house, talk, contact=contact)
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] in ("contact_invalid", "invalid_request")
    assert any("\u4e00" <= c <= "\u9fff" for c in refused.json()["error"]["message"])


def test_calls_are_nobody_elses_business(house: House) -> None:
    talk, other = queue(house), house.open()
    path = f"/v1/conversations/{talk['id']}/callback"
    body = {"contact": "13800138000"}
    assert house.client.post(path, json=body, headers=bearer(other)).status_code == 401
    assert house.client.get("/v1/admin/callbacks").status_code == 401
    operator = house.sign_in()
    assert operator.post("/v1/admin/callbacks/99", json={"state": "done"}).status_code == 404
    assert operator.post("/v1/admin/callbacks/99", json={"state": "gone"}).status_code == 422
    assert operator.get("/v1/admin/callbacks?state=lost").status_code == 422


def test_erasing_a_conversation_erases_its_number(house: House) -> None:
    talk = queue(house)
    wish(house, talk, contact="13800138000")
    erasure: Erasure = house.storage.erasure
    assert erasure.survey(talk["id"]).callbacks == 1
    erasure.erase(talk["id"], by="mei")
    assert house.sign_in().get("/v1/admin/callbacks").json()["callbacks"] == []
