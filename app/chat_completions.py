"""A language model behind an OpenAI-compatible endpoint: DeepSeek, vLLM, Ollama, llama.cpp."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx

from app.tools import described
from dialogue.engines import Tool, ToolCall, UnwrittenError

LARGEST = 20_000
"""Characters of one answer, after which the model is not listened to any more."""
BYTES = 1_000_000
"""Of one answer as it comes over the wire, whatever is in it."""

Messages = Sequence[tuple[str, str]]
Delta = Mapping[str, Any]


class ChatCompletions:
    """Streams chat completions (the seam `Writer`). Safe to share between threads."""

    def __init__(
        self, url: str, model: str, key: str = "", timeout: float = 2.0, tokens: int = 160
    ) -> None:
        """`url` is the endpoint's root, e.g. http://127.0.0.1:11434/v1; `timeout` in seconds."""
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._model, self._tokens = model, tokens
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        headers["Accept-Encoding"] = "identity"
        self._client = httpx.Client(headers=headers, timeout=timeout, follow_redirects=False)

    def write(self, prompt: Messages, unwanted: Callable[[], bool]) -> Iterator[str]:
        """The answer as it is written. Raises UnwrittenError."""
        left = LARGEST
        for delta in self._deltas(prompt, {}, unwanted):
            piece = str(delta.get("content") or "")
            left -= len(piece)
            if piece:
                yield piece
            if left <= 0:
                return

    def choose(
        self, prompt: Messages, tools: Sequence[Tool], unwanted: Callable[[], bool]
    ) -> ToolCall | None:
        """The first of `tools` that is called, whole. Raises UnwrittenError."""
        name, arguments = "", ""
        offer = {"tools": [described(tool) for tool in tools], "tool_choice": "auto"}
        for delta in self._deltas(prompt, offer, unwanted):
            for index, function in _functions(delta):
                if index == 0:
                    name += str(function.get("name") or "")
                    arguments += str(function.get("arguments") or "")
            if len(name) + len(arguments) > LARGEST:
                raise UnwrittenError("a call without end")
        return None if unwanted() or not name else ToolCall(name, _table(arguments))

    def close(self) -> None:
        """Gives back the connections."""
        self._client.close()

    def _deltas(
        self, prompt: Messages, more: Mapping[str, Any], unwanted: Callable[[], bool]
    ) -> Iterator[Delta]:
        body = {
            "model": self._model,
            "messages": [{"role": role, "content": content} for role, content in prompt],
            "max_tokens": self._tokens,
            "temperature": 0,
            "stream": True,
            **more,
        }
        try:
            with self._client.stream("POST", self._url, json=body) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise UnwrittenError(f"status {answer.status_code}")
                if answer.headers.get("content-encoding", "identity") != "identity":
                    raise UnwrittenError("packed, which was not asked for")
                for line in _lines(answer.iter_raw(), unwanted):
                    event = line.removeprefix("data:").strip()
                    if event == "[DONE]":
                        return
                    if line.startswith("data:") and event:
                        yield _delta(event)
        except httpx.HTTPError as error:
            raise UnwrittenError(type(error).__name__) from error


def _lines(chunks: Iterator[bytes], unwanted: Callable[[], bool]) -> Iterator[str]:
    """The lines of a stream as they come, until it is unwanted."""
    held, left = b"", BYTES
    for chunk in chunks:
        left -= len(chunk)
        if unwanted():
            return
        if left < 0:
            raise UnwrittenError("an answer without end")
        *whole, held = (held + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
    yield held.decode("utf-8", "replace")


def _delta(event: str) -> Delta:
    try:
        choices = json.loads(event)["choices"]
        delta = (choices[0].get("delta") or {}) if choices else {}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UnwrittenError("not a chat completion") from error
    if not isinstance(delta, dict):
        raise UnwrittenError("not a chat completion")
    return delta


def _functions(delta: Delta) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Place and piece of each call in `delta`."""
    calls = delta.get("tool_calls") or []
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        place = (call.get("index") or 0) if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(place, int):
            raise UnwrittenError("not a tool call")
        yield place, function


def _table(arguments: str) -> Mapping[str, Any]:
    try:
        found = json.loads(arguments or "{}")
    except (ValueError, RecursionError) as error:
        raise UnwrittenError("arguments that are no JSON") from error
    if not isinstance(found, dict):
        raise UnwrittenError("arguments that are no table")
    return found
