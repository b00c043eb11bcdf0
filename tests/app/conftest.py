"""A language model that says what a test wants, behind a real server that speaks the API."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse


@dataclass
class Model:
    """What the model behind the endpoint does, and what it was asked."""

    pieces: tuple[str, ...] = ()
    deltas: tuple[Any, ...] = ()
    """Sent after the pieces as they stand: calls of tools."""
    pause: float = 0.0
    """Seconds before each piece."""
    status: int = 200
    raw: bytes = b""
    endless: bytes = b""
    """Sent again and again, without a line's end unless it holds one."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    given: int = 0
    """Pieces sent so far."""

    async def complete(self, request: Request) -> Response:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("authorization", ""))
        if self.status != 200:
            return JSONResponse({"error": "no"}, self.status)
        if self.raw:
            return Response(self.raw, media_type="text/event-stream")
        if self.endless:
            return StreamingResponse(self._for_ever(), media_type="text/event-stream")
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    def _stream(self) -> Iterator[str]:
        yield "data: " + json.dumps({"choices": [{"delta": {"role": "assistant"}}]}) + "\n\n"
        for piece in self.pieces:
            time.sleep(self.pause)
            self.given += 1
            yield "data: " + json.dumps({"choices": [{"delta": {"content": piece}}]}) + "\n\n"
        for delta in self.deltas:
            time.sleep(self.pause)
            yield "data: " + json.dumps({"choices": [{"delta": delta}]}) + "\n\n"
        yield "data: [DONE]\n\n"

    def _for_ever(self) -> Iterator[bytes]:
        for _ in range(400):
            self.given += 1
            time.sleep(self.pause)
            yield self.endless


@pytest.fixture(scope="module")
def endpoint() -> Iterator[tuple[Model, str]]:
    """A server that speaks the API, with a model that says what a test wants."""
    model, app = Model(), FastAPI()
    app.add_api_route("/v1/chat/completions", model.complete, methods=["POST"])
    config = uvicorn.Config(app, port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield model, f"http://127.0.0.1:{port}/v1"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def model(endpoint: tuple[Model, str]) -> Model:
    fresh = Model()
    for name in fresh.__dataclass_fields__:
        setattr(endpoint[0], name, getattr(fresh, name))
    return endpoint[0]
