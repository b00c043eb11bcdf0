"""A customer who is signed in on the host's page, in a real browser; the pipeline is a fake."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import jwt
import pytest
from playwright.sync_api import FrameLocator, Route, expect

from app.config import Limits
from tests.app.api.harness import House, make_storage, running
from tests.browser.conftest import Site, Window
from web.pages import pages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

SECRET = "a secret of the shop's own site, for tests"
Windows = Callable[..., Window]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Pages and access layer; every answer is the question again."""
    storage = make_storage(tmp_path_factory.mktemp("signed") / "test.db")
    storage.database.upgrade()
    with running(storage, Limits(), identity={"secret": SECRET}) as made:
        made.app.include_router(pages({"zh": "小铺", "en": "Shop"}, ("'self'",)))
        yield made
    storage.database.close()


@pytest.fixture(scope="module")
def site(house: House) -> Site:
    """The same, for the windows."""
    return Site(house.url, "", "")


def token(customer: str, lasts: int = 600) -> str:
    """What the host's server signs."""
    claims = {"sub": customer, "exp": int(time.time()) + lasts}
    return jwt.encode(claims, SECRET, "HS256")


def widget(window: Window, signed: str) -> FrameLocator:
    """The open chat on a page of the host whose script tag has this token."""

    def told(route: Route) -> None:
        answer = route.fetch()
        tag = rf'\1 data-open="" data-locale="en" data-customer="{signed}"'
        page = re.sub(r'(<script src="/widget.js") [^>]*', tag, answer.text())
        route.fulfill(response=answer, body=page)

    window.context.unroute("**/widget/demo")
    window.context.route("**/widget/demo", told)
    page = window.open("/widget/demo")
    frame = page.frame_locator("[data-testid=widget-frame]")
    expect(frame.get_by_test_id("welcome")).to_be_visible()
    address = page.get_by_test_id("widget-frame").get_attribute("src") or ""
    assert "/widget/frame?" in address
    assert signed not in address or not signed
    return frame


def say(frame: FrameLocator, text: str) -> None:
    """Types `text` and waits for its answer."""
    frame.get_by_test_id("input").fill(text)
    frame.get_by_test_id("input").press("Enter")
    expect(frame.get_by_test_id("log")).to_contain_text(f"马上查。{text}")


def test_a_conversation_goes_on_on_another_device_and_nobody_else_sees_it(window: Windows) -> None:
    say(widget(window("en-US"), token("C001")), "my melon is soft")
    laptop = window("en-US")
    log = widget(laptop, token("C001")).get_by_test_id("log")
    expect(log).to_contain_text("马上查。my melon is soft")
    for next_at_the_laptop in (token("C002"), ""):
        frame = widget(laptop, next_at_the_laptop)
        say(frame, "hello")
        expect(frame.get_by_test_id("log")).not_to_contain_text("melon")
    expect(widget(laptop, token("C001")).get_by_test_id("log")).to_contain_text("melon")


def test_signing_in_and_out_without_loading_anew_changes_the_conversation(window: Windows) -> None:
    made = window("en-US")
    frame = widget(made, token("C003"))
    say(frame, "where is my tea")
    page = made.context.pages[-1]
    log = frame.get_by_test_id("log")
    page.evaluate("Lingxi.setCustomer('')")
    expect(log).not_to_contain_text("tea")
    page.evaluate(f"Lingxi.setCustomer('{token('C003')}')")
    expect(log).to_contain_text("where is my tea")
    frame.get_by_test_id("menu").click()
    frame.get_by_test_id("restart").click()
    if (skip := frame.get_by_role("dialog")).is_visible():
        skip.press("Escape")
    expect(log).not_to_contain_text("tea")


def test_what_was_being_sent_before_signing_out_is_shown_to_nobody_else(window: Windows) -> None:
    made = window("en-US")
    frame = widget(made, token("C004"))
    page, log, held = made.context.pages[-1], frame.get_by_test_id("log"), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    made.context.route("**/v1/chat", hold)
    frame.get_by_test_id("input").fill("where is my tea")
    frame.get_by_test_id("input").press("Enter")
    expect(log).to_contain_text("where is my tea")
    page.evaluate("Lingxi.setCustomer('')")
    expect(log).not_to_contain_text("tea")
    made.context.unroute("**/v1/chat", hold)
    with page.expect_response("**/v1/chat"):
        held[0].continue_()
    say(frame, "hello")
    expect(log).not_to_contain_text("tea")


def test_a_token_that_is_refused_leaves_the_chat_open_to_anybody(window: Windows) -> None:
    made = window("en-US")
    made.expected.append(
        "console: Failed to load resource: the server responded with a status of 401 (Unauthorized)"
    )
    say(widget(made, token("C001", lasts=-3600)), "hello")
