"""The client's half of a call, in a real browser against a server that plays a script."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI, WebSocket
from fastapi.responses import StreamingResponse
from playwright.sync_api import Browser, Page, expect

from app.live.protocol import HEADER, incoming
from web.pages import pages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

HEARD = {"turn_id": "t1", "text": "Where is my order?", "language": "en", "confidence": 0.9}
SOUND = {"url": "/v1/media/none", "type": "audio/wav", "seconds": 1.0}
TURN = {"turn_id": "t1", "text": "", "at": "2026-11-25T00:00:00Z", "audio": SOUND}
PART = {"turn_id": "t1", "number": 0, "text": "What's your order number?", "last": True}
SECONDS = 2


@dataclass
class Script:
    """What the server says, and what the client said to it."""

    told: list[dict[str, Any]] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    """Lengths in bytes."""
    drops: int = 0
    """Connections that are broken off in mid-reply."""

    async def call(self, line: WebSocket) -> None:
        """One connection."""
        await line.accept()
        start = json.loads((await line.receive())["text"])
        self.told.append(start)
        await say(line, type="ready", version=1, rate=24_000, owner="bot")
        speaking = asyncio.create_task(self.answer(line, start))
        try:
            await self.listen(line)
        finally:
            speaking.cancel()

    async def listen(self, line: WebSocket) -> None:
        """Notes what comes."""
        while (got := await line.receive())["type"] != "websocket.disconnect":
            if content := got.get("bytes"):
                self.frames.append(len(content))
            elif text := got.get("text"):
                incoming.validate_json(text)
                self.told.append(json.loads(text))

    async def answer(self, line: WebSocket, start: dict[str, Any]) -> None:
        """One turn and its reply; a caller who comes back gets what is left of the sound."""
        begin = start.get("played", {}).get("ms", 0)
        if not start["after"]:
            for number, (kind, body) in enumerate(
                (("turn", TURN), ("heard", HEARD), ("part", PART)), 1
            ):
                await say(line, type="event", id=number, event=kind, data=body)
        await say(line, type="phase", phase="speaking")
        ms = 1000 * SECONDS
        await say(line, type="speech", turn_id="t1", part=0, from_ms=begin, ms=ms)
        hum = (8000 * np.sin(np.arange(24 * begin, 24_000 * SECONDS) * 0.1)).astype("<i2")
        await line.send_bytes(HEADER.pack(0) + hum.tobytes())
        await self.until_played(500)
        if self.drops:
            self.drops -= 1
            await line.close(1011)
            return
        await say(line, type="hold")
        await asyncio.sleep(1)
        await say(line, type="resume")
        await self.until_played(ms)
        cut = {"turn_id": "t1", "parts": [{"number": 0, "text": "What's your"}]}
        await say(line, type="event", id=4, event="interrupted", data=cut)

    async def until_played(self, ms: int) -> None:
        """Waits to be told of so much, in an acknowledgement or by a caller who comes back."""
        while not any(place(message) >= ms for message in self.told):
            await asyncio.sleep(0.05)


def place(message: dict[str, Any]) -> int:
    """Milliseconds of the reply played, where a message tells."""
    told = message.get("played", {}) if message["type"] == "start" else message
    return int(told.get("ms", 0))


async def say(line: WebSocket, **message: Any) -> None:
    """One control message."""
    await line.send_text(json.dumps(message))


@pytest.fixture
def script() -> Iterator[tuple[Script, str]]:
    """The script, and where its server is."""
    played, app = Script(), FastAPI()
    app.include_router(pages({"zh": "鲜达", "en": "Fresh"}))
    app.add_api_websocket_route("/v1/live", played.call)

    @app.post("/v1/conversations", status_code=201)
    def opened() -> dict[str, Any]:
        return {"conversation_id": "c", "token": "t", "greeting": "Hello!", "suggestions": []}

    @app.get("/v1/conversations/c/stream")
    async def stream() -> StreamingResponse:
        async def quiet() -> AsyncIterator[str]:
            while True:
                yield ":\n\n"
                await asyncio.sleep(0.2)

        return StreamingResponse(quiet(), media_type="text/event-stream")

    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, ws="websockets-sansio", log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.1)
    yield played, f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(30)
    listening.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A phone with an open microphone."""
    context = chromium.new_context(
        locale="en-US", viewport={"width": 390, "height": 844}, permissions=["microphone"]
    )
    context.set_default_timeout(120_000)
    yield context.new_page()
    context.close()


def test_a_call_captures_plays_pauses_and_acknowledges(
    page: Page, script: tuple[Script, str]
) -> None:
    server, url = script
    page.goto(url)
    expect(page.get_by_test_id("greeting")).to_be_visible()
    page.get_by_test_id("menu").click()
    page.get_by_test_id("sound").click()
    page.get_by_test_id("reader").click()
    page.get_by_test_id("menu").click()
    page.get_by_test_id("talk").click()
    expect(page.get_by_test_id("heard")).to_contain_text("Where is my order?")
    answer = page.locator("[data-from=bot] .bubble")
    expect(answer).to_have_text("What's your", timeout=120_000)
    page.get_by_test_id("call-mute").click()
    expect(page.get_by_test_id("call-mute")).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("call-end").click()
    expect(page.get_by_test_id("call")).to_be_hidden()
    expect(page.get_by_test_id("talk")).to_be_focused()
    start = server.told[0]
    assert (start["type"], start["conversation_id"], start["token"]) == ("start", "c", "t")
    assert start["device"] == ["screen_reader", "narrow"], "who calls wants to hear"
    assert set(server.frames) == {HEADER.size + 2 * start["rate"] // 50}
    played = [m["ms"] for m in server.told if m["type"] == "played"]
    assert played == sorted(played)
    assert played[-1] == 1000 * SECONDS
    assert {"mute", "end"} <= {m["type"] for m in server.told}


def test_a_call_that_breaks_off_goes_on_where_it_was(
    page: Page, script: tuple[Script, str]
) -> None:
    server, url = script
    server.drops = 1
    page.goto(url)
    expect(page.get_by_test_id("greeting")).to_be_visible()
    page.get_by_test_id("talk").click()
    expect(page.locator("[data-from=bot] .bubble")).to_have_text("What's your", timeout=120_000)
    page.get_by_test_id("call-end").click()
    first, again = (m for m in server.told if m["type"] == "start")
    assert (first["after"], first["rejoins"]) == (0, False)
    assert (again["after"], again["rejoins"]) == (3, True)
    assert again["played"]["ms"] >= 500
    assert page.locator("[data-from=bot]").count() == 1


def test_the_watchdog_of_a_reply_that_was_stopped_does_not_let_a_later_one_play_on(
    page: Page, script: tuple[Script, str]
) -> None:
    page.goto(script[1])
    expect(page.get_by_test_id("greeting")).to_be_visible()
    page.clock.install()
    page.evaluate(
        """async () => {
          const main = document.querySelector("script[type=module][src$='client/main.js']").src;
          const { Call } = await import(new URL("live/call.js", main));
          const done = (window.done = []);
          const acts = { event() {}, phase() {}, caption() {}, level() {} };
          window.call = new Call(acts);
          window.call.speaker = Object.fromEntries(
            ["pause", "resume", "stop"].map((what) => [what, () => done.push(what)]));
        }"""
    )

    def told(kind: str, then_ms: int) -> None:
        page.evaluate("(type) => window.call.obey({ type })", kind)
        page.clock.run_for(then_ms)

    told("hold", 500)
    told("stop", 2500)
    told("hold", 2000)
    assert page.evaluate("window.done") == ["pause", "stop", "pause"]
    page.clock.run_for(2500)
    assert page.evaluate("window.done")[-1] == "resume"
