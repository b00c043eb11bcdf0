"""A customer whom the host site vouches for: which tokens are believed, and what they open."""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from app.config import Limits, Settings
from tests.app.api.harness import House, bearer, parse

SECRET = "a secret of the shop's own site, for tests"


def later(seconds: float) -> int:
    """In so many seconds from now, as tokens tell time."""
    return int(time.time() + seconds)


def good(**more: Any) -> dict[str, Any]:
    """What a token claims that is believed, and `more`."""
    return {"sub": "C001", "exp": later(3600), **more}


def signed(claims: dict[str, Any] | None = None, secret: str = SECRET, **header: Any) -> str:
    """A token as the host site makes it."""
    return jwt.encode(good() if claims is None else claims, secret, "HS256", headers=header)


def unsigned() -> str:
    """A token that says of itself that it needs no signature."""
    return jwt.encode(good(), None, algorithm="none")


def meddled() -> str:
    """Somebody else's name under the signature of a good token."""
    head, _, signature = signed().split(".")
    claims = json.dumps(good(sub="C002")).encode()
    return ".".join((head, base64.urlsafe_b64encode(claims).decode().rstrip("="), signature))


@pytest.fixture
def site(house_with: Callable[..., House]) -> House:
    """A server that knows the host site's secret."""
    generous = Limits(conversations_per_hour=1000, messages_per_minute=1000)
    return house_with(generous, identity={"secret": SECRET})


def opened(site: House, token: str, **more: Any) -> dict[str, Any]:
    made = site.client.post("/v1/conversations", json={"customer": token, **more})
    assert made.status_code == 201, made.text
    return {"id": made.json()["conversation_id"], **made.json()}


def test_a_good_token_opens_a_conversation_of_its_customer(site: House) -> None:
    talk = opened(site, signed(good(iat=later(0))))
    assert not talk["continued"]
    assert site.access.store.standing(talk["id"]).customer == "C001"


def test_without_a_token_nobody_is_vouched_for(site: House) -> None:
    talk = site.open()
    assert site.access.store.standing(talk["id"]).customer == ""
    assert site.open()["id"] != talk["id"]


REFUSED = {
    "expired": (lambda: signed(good(exp=later(-3600))), "identity_expired"),
    "meddled with": (meddled, "identity_invalid"),
    "no signature wanted": (unsigned, "identity_invalid"),
    "another secret": (lambda: signed(secret=SECRET[::-1]), "identity_invalid"),
    "another algorithm": (lambda: jwt.encode(good(), SECRET * 2, "HS512"), "identity_invalid"),
    "no end": (lambda: signed({"sub": "C001"}), "identity_invalid"),
    "no customer": (lambda: signed({"exp": later(60)}), "identity_invalid"),
    "ends too late": (lambda: signed(good(exp=later(25 * 3600))), "identity_invalid"),
    "never ends": (lambda: signed(good(exp=float("inf"))), "identity_invalid"),
    "ends in words": (lambda: signed(good(exp="tomorrow")), "identity_invalid"),
    "customer too long": (lambda: signed(good(sub="c" * 65)), "identity_invalid"),
    "customer of no character": (lambda: signed(good(sub="")), "identity_invalid"),
    "customer of odd ones": (lambda: signed(good(sub="C001\n")), "identity_invalid"),
    "for somebody else": (lambda: signed(good(aud="another shop")), "identity_invalid"),
    "not yet": (lambda: signed(good(iat=later(3600))), "identity_invalid"),
    "no token at all": (lambda: "FD2024051", "identity_invalid"),
}


@pytest.mark.parametrize(("token", "code"), REFUSED.values(), ids=list(REFUSED))
@pytest.mark.parametrize("path", ["/v1/conversations", "/v1/chat"])
def test_any_other_token_is_refused_in_the_customers_language(
    site: House, path: str, token: Callable[[], str], code: str
) -> None:
    for locale, sign in (("zh", "。"), ("en", ".")):
        body = {"customer": token(), "locale": locale, "text": "hello"}
        refused = site.client.post(path, json=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, code)
        assert refused.json()["error"]["message"].endswith(sign)


def test_where_no_secret_is_set_every_token_is_refused(house: House) -> None:
    for token in (signed(), unsigned()):
        refused = house.client.post("/v1/conversations", json={"customer": token})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "identity_off")


def test_a_short_secret_ends_the_start_and_is_not_shown() -> None:
    with pytest.raises(ValueError, match="LINGXI_IDENTITY__SECRET needs 32") as told:
        Settings(identity={"secret": "too short to be good"}, _env_file=None)
    assert "too short" not in str(told.value)
    assert SECRET not in repr(Settings(identity={"secret": SECRET}, _env_file=None))


def test_another_device_goes_on_where_the_first_one_stands(site: House) -> None:
    first = opened(site, signed())
    site.say(first, "我的苹果坏了", turn="t1")
    second = opened(site, signed(good(exp=later(60))), locale="en", channel="widget")
    assert (second["id"], second["continued"]) == (first["id"], True)
    assert second["token"] != first["token"]
    for device in (first, second):
        path = f"/v1/conversations/{first['id']}/events"
        told = site.client.get(path, headers=bearer(device)).json()["events"]
        assert told[0]["data"]["text"] == "我的苹果坏了"


def test_another_customer_and_whoever_wants_a_new_one_get_a_new_one(site: House) -> None:
    first = opened(site, signed())
    other = opened(site, signed(good(sub="C002")))
    fresh = opened(site, signed(), new=True)
    assert len({first["id"], other["id"], fresh["id"]}) == 3
    assert not site.access.store.authorised(first["id"], other["token"])
    assert opened(site, signed())["id"] == fresh["id"]


def test_chat_opens_by_token_too_and_goes_on(site: House) -> None:
    first = opened(site, signed())
    said = {"text": "hello", "customer": signed(), "turn_id": "t1"}
    events = parse(site.client.post("/v1/chat", json=said).text)
    assert events[0].kind == "conversation"
    assert events[0].data["conversation_id"] == first["id"]
    assert events[0].data["token"] != first["token"]
    form = [(name, (None, value)) for name, value in said.items()]
    again = parse(site.client.post("/v1/chat", files=form).text)
    assert [e.data for e in again[1:]] == [e.data for e in events[1:]]


def test_whose_an_open_conversation_is_cannot_be_changed(site: House) -> None:
    talk = site.open()
    refused = site.post(talk, "hello", customer=signed())
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_request")
    assert site.access.store.standing(talk["id"]).customer == ""


def test_operators_see_who_is_vouched_for(site: House) -> None:
    browser = site.sign_in()
    for talk, told in (
        (site.open(), ("anonymous", "")),
        (opened(site, signed()), ("verified", "C001")),
    ):
        shown = browser.get(f"/v1/admin/conversations/{talk['id']}").json()["conversation"]
        assert (shown["identity"], shown["customer"]) == told


def test_neither_token_nor_customer_are_logged(
    site: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    opened(site, signed())
    site.client.post("/v1/conversations", json={"customer": meddled()})
    for secret in ("C001", SECRET, signed().split(".")[1]):
        assert secret not in caplog.text
