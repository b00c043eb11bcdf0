"""`HttpActions`: a shop's own HTTP API behind the `Actions` seam; see docs/shop-api.md."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

import httpx

from dialogue.engines import Caller
from dialogue.types import ActionResult, Outcome

log = logging.getLogger(__name__)

TRIES = 2
"""A request that got no answer is sent once more: its key keeps it from acting twice."""
MAX_ANSWER = 1_000_000
"""Bytes."""
UNREACHABLE = "unreachable"


def sign(secret: str, timestamp: str, path: str, key: str, body: bytes) -> str:
    """The value of the X-Lingxi-Signature header: "sha256=" and 64 hexadecimal digits."""
    signed = b"\n".join((timestamp.encode(), path.encode(), key.encode(), body))
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class HttpActions:
    """The shop behind an HTTP API. Safe to share between threads."""

    def __init__(
        self,
        base_url: str,
        secret: str,
        timeout: float = 5.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        if not secret:
            raise ValueError("A shop's API needs a secret to sign requests with")
        self._base = httpx.URL(base_url.rstrip("/"))
        self._secret = secret
        self._now = now
        self._client = httpx.Client(timeout=timeout, follow_redirects=False)

    def check(self, action: str, arguments: Mapping[str, Any], caller: Caller) -> ActionResult:
        """What `run` would answer, without doing it."""
        return self._ask(action, arguments, caller, check=True)

    def run(self, action: str, arguments: Mapping[str, Any], caller: Caller) -> ActionResult:
        """Does `action` once per `caller.key`; FAILED with "unreachable" where no answer came."""
        return self._ask(action, arguments, caller, check=False)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def __enter__(self) -> HttpActions:
        """Itself; closes at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes the connections."""
        self.close()

    def _ask(
        self, action: str, arguments: Mapping[str, Any], caller: Caller, *, check: bool
    ) -> ActionResult:
        if not action.isidentifier():
            raise ValueError(f"Unknown action {action!r}")
        url = self._base.copy_with(path=f"{self._base.path.rstrip('/')}/actions/{action}")
        body = _body(arguments, caller, check)
        for attempt in range(TRIES):
            response = self._send(url, body, caller)
            if response is not None and response.status_code < 500:
                return _result(action, response)
            log.warning("The shop did not answer %s (try %d)", action, attempt + 1)
        return ActionResult(action, Outcome.FAILED, UNREACHABLE)

    def _send(self, url: httpx.URL, body: bytes, caller: Caller) -> httpx.Response | None:
        timestamp = str(int(self._now()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": caller.key,
            "X-Lingxi-Timestamp": timestamp,
            "X-Lingxi-Signature": sign(self._secret, timestamp, url.path, caller.key, body),
        }
        try:
            return self._client.post(url, content=body, headers=headers)
        except httpx.HTTPError as error:
            log.warning("The shop cannot be reached: %s", type(error).__name__)
            return None


def _body(arguments: Mapping[str, Any], caller: Caller, check: bool) -> bytes:
    message = {
        "arguments": {n: str(v) for n, v in arguments.items() if v is not None},
        "caller": {
            "conversation_id": caller.conversation_id,
            "verified": list(caller.verified),
            "customer": caller.customer,
            "language": caller.language,
        },
        "check": check,
    }
    return json.dumps(message, ensure_ascii=True).encode()


def _result(action: str, response: httpx.Response) -> ActionResult:
    """The shop's answer; ValueError for 400, its word for a wrong request."""
    if response.status_code == 400:
        log.debug("The shop's word on %s: %s", action, response.text[:200])
        raise ValueError(f"The shop refuses the request for {action}: status 400")
    failed = ActionResult(action, Outcome.FAILED, UNREACHABLE)
    if response.status_code != 200 or len(response.content) > MAX_ANSWER:
        log.error("The shop answers %s with status %d", action, response.status_code)
        return failed
    try:
        answer = response.json()
        outcome, code, facts = Outcome(answer["outcome"]), answer["code"], answer["facts"]
    except (ValueError, KeyError, TypeError):
        log.error("The shop's answer to %s is not as docs/shop-api.md says", action)
        return failed
    if not isinstance(code, str) or not isinstance(facts, dict):
        log.error("The shop's answer to %s is not as docs/shop-api.md says", action)
        return failed
    return ActionResult(action, outcome, code, facts)
