"""The playground is built on its first request, and closes with the server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.playground import PATH, Playground
from web.builders import Answered, Sent


def answered(sent: Sent) -> Answered:
    """Nothing that these tests look at."""
    return Answered(sent.session, {}, None)


def test_the_page_opens_on_its_first_request_and_again() -> None:
    page = Playground(answered)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await page.close()

    app = FastAPI(lifespan=lifespan)
    app.mount(PATH, page)
    with TestClient(app) as client:
        first = client.get(f"{PATH}/")
        assert (first.status_code, "Lingxi playground" in first.text) == (200, True)
        config = client.get(f"{PATH}/config").json()
        assert config["root"].endswith(PATH)
        assert client.get("/elsewhere").status_code == 404


def test_a_page_nobody_opened_closes() -> None:
    page = Playground(answered)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await page.close()

    with TestClient(FastAPI(lifespan=lifespan)):
        pass


def test_serving_customers_does_not_load_gradio() -> None:
    program = "import sys, app.commands.serve; sys.exit('gradio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
