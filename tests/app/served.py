"""A real server in its own process with cheap engines, and one way to talk to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.app.api.harness import Event, bearer, parse, wait_for

ROOT = Path(__file__).parent.parent.parent
SECONDS = 180
"""Patience with a start on a busy machine."""


@contextmanager
def serving(
    var: Path, domains: Path, stage: str
) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """A server process that dies at `stage` (see `mortal`), ready."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.app.mortal", var, domains, str(port), stage]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": "."}) as process:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS) as client:
                wait_for(lambda: process.poll() is not None or _ready(client), SECONDS)
                yield client, process
        finally:
            process.terminate()


def _ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def opened(client: httpx.Client, locale: str = "zh") -> dict[str, str]:
    """A new conversation: its id and its token."""
    made = client.post("/v1/conversations", json={"locale": locale, "channel": "page"}).json()
    return {"id": made["conversation_id"], "token": made["token"]}


def say(
    client: httpx.Client,
    talk: dict[str, str],
    turn: str,
    text: str = "",
    files: Any = None,
    locale: str = "zh",
) -> list[Event]:
    """All events of one answer."""
    fields = {"conversation_id": talk["id"], "turn_id": turn, "text": text, "locale": locale}
    parts = files or [("speak", (None, "false"))]
    response = client.post("/v1/chat", data=fields, files=parts, headers=bearer(talk))
    assert response.status_code == 200, response.text
    return parse(response.text)
