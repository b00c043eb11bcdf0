"""A call with the real engines: a question that is spoken, heard, answered and spoken back."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import uvicorn

from app.config import Fusion, Limits, Settings, Speech
from app.main import create_app
from speech.audio import WHISPER_RATE, resample
from speech.tts.hibari import HibariSynthesizer
from tests.app.live.fakes import FRAME, calling, silence

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
MODELS = Path(__file__).parents[3] / "var" / "models"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole product, but for Chinese speech and pictures."""
    var = tmp_path_factory.mktemp("var")
    if MODELS.is_dir():
        shutil.copytree(MODELS, var / "models", copy_function=os.link)
    settings = Settings(
        _env_file=None,
        var=var,
        speech=Speech(chinese="tone", warm=False),
        fusion=Fusion(products="none", ocr="none", feeling="lexicon"),
        limits=Limits(messages_per_minute=1000),
        playground=False,
    )
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(settings), ws="websockets-sansio", log_level="error", proxy_headers=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.1)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(60)
    listening.close()


def test_a_question_is_heard_understood_and_answered_aloud(url: str) -> None:
    clips = list(HibariSynthesizer().speak("Where is my order?"))
    question = np.concatenate([resample(clip, WHISPER_RATE).samples for clip in clips])
    made = httpx.post(f"{url}/v1/conversations", json={"locale": "en"}, timeout=60).json()
    talk = {"id": made["conversation_id"], "token": made["token"]}
    with calling(url, talk) as caller:
        caller.say(silence(0.5))
        for start in range(0, len(question), FRAME):
            caller.say(question[start : start + FRAME])
            time.sleep(0.02)
        heard = caller.event("heard")
        assert "order" in heard["text"].lower()
        speech = caller.message("speech")
        caller.event("done")
        words = [m["data"]["text"] for m in caller.got if m.get("event") == "part"]
        assert "order number" in "".join(words).lower()
        caller.send(type="quiet")
        assert caller.event("interrupted")["turn_id"] == speech["turn_id"]
    assert sum(m["samples"] for m in caller.got if m["type"] == "sound") > 24_000
