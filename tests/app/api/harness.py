"""The real app on a real server with a real store and a fake pipeline, and ways to talk to it."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI
from PIL import Image

from app.api.deps import Access
from app.api.mount import Storage, close_access, mount_api, open_access
from app.config import Limits, Settings
from app.intake import Intake
from app.store.archive import Archive
from app.store.artefacts import Artefacts
from app.store.conversations import Conversations
from app.store.database import open_database
from app.store.erasure import Erasure
from app.store.handover import Handover
from app.store.staff import Staff
from dialogue.types import AudioClip, ReplyPlan, Suggestion
from speech.audio import encode_wav
from tests.app.api.fakes import FakePipeline

PASSWORD = "correct horse battery"


def greet(language: str) -> ReplyPlan:
    """The same greeting for everybody."""
    words = "您好！" if language == "zh" else "Hello!"
    return ReplyPlan(language, (words,), ("text",), "", suggestions=(Suggestion("订单", "查订单"),))


@dataclass
class Event:
    """One server-sent event."""

    id: int
    kind: str
    data: dict[str, Any]


@dataclass
class House:
    """A running server and ways to talk to it."""

    url: str
    app: FastAPI
    access: Access
    pipeline: FakePipeline
    storage: Storage
    client: httpx.Client
    closing: ExitStack = field(default_factory=ExitStack)

    def open(self, locale: str = "zh") -> dict[str, str]:
        """A new conversation: its id and the header that opens it."""
        made = self.client.post("/v1/conversations", json={"locale": locale, "channel": "page"})
        assert made.status_code == 201, made.text
        return {"id": made.json()["conversation_id"], "token": made.json()["token"]}

    def say(
        self, talk: dict[str, str], text: str = "", turn: str = "t1", **more: Any
    ) -> list[Event]:
        """All events of one answer."""
        response = self.post(talk, text, turn, **more)
        assert response.status_code == 200, response.text
        return parse(response.text)

    def post(
        self, talk: dict[str, str], text: str = "", turn: str = "t1", **more: Any
    ) -> httpx.Response:
        """The raw answer to one message as multipart."""
        files = more.pop("files", None) or [("turn_id", (None, turn))]
        fields = {"conversation_id": talk["id"], "turn_id": turn, "text": text, **more}
        return self.client.post("/v1/chat", data=fields, files=files, headers=bearer(talk))

    def sign_in(self, name: str = "mei") -> httpx.Client:
        """A browser in which an operator is signed in."""
        browser = self.closing.enter_context(httpx.Client(base_url=self.url, timeout=20))
        made = browser.post("/v1/admin/login", json={"name": name, "password": PASSWORD})
        assert made.status_code == 200, made.text
        browser.headers["X-CSRF-Token"] = made.json()["csrf"]
        return browser


def bearer(talk: dict[str, str]) -> dict[str, str]:
    """The header that opens a conversation."""
    return {"Authorization": f"Bearer {talk['token']}"}


def parse(text: str) -> list[Event]:
    """The events in a stream's text."""
    blocks = [b for b in text.split("\n\n") if b.strip() and not b.startswith(":")]
    return [parse_block(block) for block in blocks]


def parse_block(block: str) -> Event:
    """One event."""
    lines = dict(line.split(": ", 1) for line in block.splitlines())
    return Event(int(lines["id"]), lines["event"], json.loads(lines["data"]))


@contextmanager
def follow(house: House, path: str, headers: dict[str, str]) -> Iterator[Iterator[Event]]:
    """The events of a stream, one by one as they come."""
    with house.client.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200

        def events() -> Iterator[Event]:
            block: list[str] = []
            for line in response.iter_lines():
                if line and not line.startswith(":"):
                    block.append(line)
                elif block:
                    yield parse_block("\n".join(block))
                    block = []

        yield events()


def make_storage(path: Path) -> Storage:
    """A store in a SQLite file."""
    database = open_database(f"sqlite:///{path}")
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return Storage(
        conversations=Conversations(database),
        artefacts=Artefacts(database),
        archive=Archive(database),
        erasure=Erasure(database, lambda _texts: 0),
        handover=Handover(database),
        staff=Staff(database, hasher=quick),
        database=database,
    )


@contextmanager
def running(
    storage: Storage, limits: Limits, pipeline: Any = None, **settings: Any
) -> Iterator[House]:
    """A server on a free port."""
    made = Settings(limits=limits, _env_file=None, **settings)
    app = FastAPI()
    mount_api(app, made)
    pipeline = pipeline or FakePipeline(storage.conversations)
    access = open_access(app, made, storage, pipeline, Intake(limits), greet)
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        lifespan="off",
        log_level="error",
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    with ExitStack() as closing:
        client = closing.enter_context(httpx.Client(base_url=url, timeout=20))
        try:
            yield House(url, app, access, pipeline, storage, client, closing)
        finally:
            close_access(access)
            server.should_exit = True
            thread.join(10)
            listening.close()


def tone(seconds: float, rate: int = 16000) -> bytes:
    """A wav of a hum that swells and fades like speech."""
    time_ = np.arange(int(seconds * rate)) / rate
    hum = 0.3 * np.sin(2 * np.pi * 220 * time_) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time_))
    return encode_wav(AudioClip(hum.astype(np.float32), rate))


def webm(seconds: float) -> bytes:
    """What a browser records: opus in webm."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="webm") as file:
        stream = file.add_stream("libopus", rate=48000, layout="mono")
        pcm = (8000 * np.sin(np.arange(int(48000 * seconds)) * 0.03)).astype(np.int16)[None, :]
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.rate = 48000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    return buffer.getvalue()


def photo(form: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    """A small picture."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (200, 40, 40)).save(buffer, form)
    return buffer.getvalue()


def wait_for(condition: Callable[[], object], seconds: float = 10) -> None:
    """Returns when `condition` holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)
