"""The real server and a real Chromium with a microphone that always says the same."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from dialogue.types import AudioClip
from speech.audio import encode_wav
from speech.tts.hibari import HibariSynthesizer

ROOT = Path(__file__).parent.parent.parent
_START_SECONDS = 600
"""Patience with a first start, which may have to train the intents."""
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)


expect.set_options(timeout=60_000)


@dataclass(frozen=True, slots=True)
class Site:
    """A running server and how to sign in to it."""

    url: str
    operator: str
    password: str


@dataclass
class Window:
    """One customer's browser; what must not happen in it is collected in `wrong`."""

    context: BrowserContext
    site: Site
    wrong: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """A page of ours in a new tab, watched."""
        page = self.context.new_page()
        page.on("console", lambda m: m.type == "error" and self.wrong.append(f"console: {m.text}"))
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.on("request", self._asked)
        page.goto(self.site.url + path)
        return page

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.site.url, "blob:", "data:")):
            self.wrong.append(f"another host: {request.url}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server as `lingxi serve` starts it, in its own folder but for the prepared models."""
    var = tmp_path_factory.mktemp("var")
    if (ROOT / "var" / "models").is_dir():
        shutil.copytree(ROOT / "var" / "models", var / "models", copy_function=os.link)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    settings = {
        "LINGXI_VAR": str(var),
        "LINGXI_PORT": str(port),
        "LINGXI_SPEECH__WARM": "false",
    }
    command = [sys.executable, "-m", "app", "serve"]
    told = var / "serve.log"
    with (
        told.open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}, stderr=log) as process,
    ):
        try:
            url = f"http://127.0.0.1:{port}"
            _await_ready(url, process, told)
            yield Site(url, "admin", _password(told.read_text("utf-8")))
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wav for the fake microphone, which plays it again and again."""
    clips = list(HibariSynthesizer().speak("Where is my order?"))
    rate = clips[0].rate
    pause = np.zeros(round(2.5 * rate), np.float32)
    start = np.zeros(round(0.8 * rate), np.float32)
    samples = np.concatenate([start, *(clip.samples for clip in clips), pause])
    path = tmp_path_factory.mktemp("microphone") / "question.wav"
    path.write_bytes(encode_wav(AudioClip(samples, rate)))
    return path


@pytest.fixture(scope="session")
def chromium(microphone: Path) -> Iterator[Browser]:
    """The system's Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no chromium on the PATH")
    arguments = [*_ARGUMENTS, f"--use-file-for-fake-audio-capture={microphone}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, site: Site) -> Iterator[Callable[..., Window]]:
    """Makes windows; afterwards none may have asked another host or complained."""
    made: list[Window] = []

    def make(locale: str = "zh-CN", width: int = 1280, scheme: str = "light") -> Window:
        context = chromium.new_context(
            locale=locale,
            viewport={"width": width, "height": 844},
            color_scheme=scheme,
            permissions=["microphone"],
        )
        context.set_default_timeout(60_000)
        made.append(Window(context, site))
        return made[-1]

    yield make
    for one in made:
        one.context.close()
    assert [wrong for one in made for wrong in one.wrong if wrong not in one.expected] == []


@pytest.fixture
def picture_of(tmp_path: Path) -> Callable[[Page, str], Path]:
    """Takes a screenshot."""

    def take(page: Page, name: str) -> Path:
        path = tmp_path / f"{name}.png"
        page.screenshot(path=path)
        return path

    return take


def _await_ready(url: str, process: subprocess.Popen[bytes], told: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    pytest.fail(f"the server did not start:\n{told.read_text('utf-8')[-3000:]}")


def _password(told: str) -> str:
    found = re.search(r"Sign in to /admin as admin with (\S+)", told)
    assert found, told
    return found[1]
