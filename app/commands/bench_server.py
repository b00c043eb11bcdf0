"""A server for measurements, in a process and a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import typer

from app.house import read_settings
from app.store.archive import Archive
from app.store.database import open_database

START_SECONDS = 600
_QUIETLY = {
    "LINGXI_PLAYGROUND": "false",
    "LINGXI_LOG_LEVEL": "ERROR",
    "LINGXI_SPEECH__WARM": "false",
    "LINGXI_LIMITS__CONVERSATIONS_PER_HOUR": "100000",
    "LINGXI_LIMITS__MESSAGES_PER_MINUTE": "100000",
    "LINGXI_LIVE__CALLS": "1000",
}
"""The server that is started has the phrases of `lingxi models warm`, and makes no others."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server to call."""

    url: str
    var: Path | None = None
    """Its folder, where the bench started it: the traces are read from there."""
    pid: int = 0
    """Its process, likewise."""


@contextmanager
def serving(server: str, domain: str) -> Iterator[Served]:
    """The server at an address, or one in its own process and folder."""
    if server:
        yield Served(server.rstrip("/"))
        return
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder)
        kept = read_settings(domain).var
        if (kept / "models").is_dir():
            (var / "models").symlink_to((kept / "models").resolve())
        if (kept / "phrases").is_dir():
            shutil.copytree(kept / "phrases", var / "phrases")
        environment = {**os.environ, **_QUIETLY, "LINGXI_VAR": folder, "LINGXI_PORT": str(port)}
        if domain:
            environment["LINGXI_DOMAIN"] = domain
        command = [sys.executable, "-m", "app", "serve"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own interpreter
            try:
                url = f"http://127.0.0.1:{port}"
                _await(url, process)
                yield Served(url, var, process.pid)
            finally:
                process.terminate()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise typer.BadParameter("the server did not start; try `lingxi serve` to see why")


def kept(served: Served, conversations: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the server keeps of each turn, by its id; nothing of another machine's server."""
    if served.var is None:
        return {}
    database = open_database(f"sqlite:///{served.var / 'lingxi.db'}")
    try:
        return {
            turn["id"]: turn
            for conversation_id in conversations
            for turn in Archive(database).conversation(conversation_id)["turns"]
        }
    finally:
        database.close()
