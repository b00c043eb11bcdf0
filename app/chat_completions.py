"""A language model behind an OpenAI-compatible endpoint: DeepSeek, vLLM, Ollama, llama.cpp."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

import httpx

from dialogue.engines import UnwrittenError

LARGEST = 20_000
"""Characters of one answer, after which the model is not listened to any more."""


class ChatCompletions:
    """Streams chat completions (the seam `Writer`). Safe to share between threads."""

    def __init__(
        self, url: str, model: str, key: str = "", timeout: float = 2.0, tokens: int = 160
    ) -> None:
        """`url` is the endpoint's root, e.g. http://127.0.0.1:11434/v1; `timeout` in seconds."""
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._model, self._tokens = model, tokens
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(headers=headers, timeout=timeout, follow_redirects=False)

    def write(
        self, prompt: Sequence[tuple[str, str]], unwanted: Callable[[], bool]
    ) -> Iterator[str]:
        """The answer as it is written. Raises UnwrittenError."""
        body = {
            "model": self._model,
            "messages": [{"role": role, "content": content} for role, content in prompt],
            "max_tokens": self._tokens,
            "temperature": 0,
            "stream": True,
        }
        try:
            with self._client.stream("POST", self._url, json=body) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise UnwrittenError(f"status {answer.status_code}")
                yield from _pieces(answer.iter_lines(), unwanted)
        except httpx.HTTPError as error:
            raise UnwrittenError(type(error).__name__) from error

    def close(self) -> None:
        """Gives back the connections."""
        self._client.close()


def _pieces(lines: Iterator[str], unwanted: Callable[[], bool]) -> Iterator[str]:
    left = LARGEST
    for line in lines:
        if unwanted() or left <= 0:
            return
        event = line.removeprefix("data:").strip()
        if not line.startswith("data:") or not event:
            continue
        if event == "[DONE]":
            return
        piece = _content(event)
        left -= len(piece)
        if piece:
            yield piece


def _content(event: str) -> str:
    try:
        choices = json.loads(event)["choices"]
        return str(choices[0]["delta"].get("content") or "") if choices else ""
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnwrittenError("not a chat completion") from error
