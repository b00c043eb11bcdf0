"""What wraps every request: a bound on its body, and headers that keep browsers careful."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.failures import failure
from app.config import Limits

SMALL_BODY = 64 * 1024
"""Bytes; enough for every call without files."""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "microphone=(self), camera=(self), geolocation=()",
}
_API = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_YEAR = 31_536_000
"""Seconds."""


class SecurityHeaders:
    """Adds what a response does not say itself."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app = app
        self._more = {"Strict-Transport-Security": f"max-age={_YEAR}"} if secure else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wanted = {**_HEADERS, **self._more, **(_API if scope["path"].startswith("/v1/") else {})}

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in wanted.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, tell)


class BodyLimit:
    """Refuses bodies that are too large, also those that do not say how large they are."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        # Base64 adds a third; multipart a little per part.
        self._large = (limits.pictures + 1) * limits.upload_bytes * 4 // 3 + SMALL_BODY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._large if _takes_files(scope["path"]) else SMALL_BODY
        declared = Request(scope).headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limit:
            await _refuse(scope, receive, send)
            return
        await self._counted(scope, receive, send, limit)

    async def _counted(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        left, started = limit, False

        async def count() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLargeError
            return message

        async def tell(message: Message) -> None:
            nonlocal started
            # Whatever the application makes of the torn body, the reason is ours to tell.
            if left >= 0 or started:
                started = True
                await send(message)

        try:
            await self._app(scope, count, tell)
        except TooLargeError:
            if started:
                raise
        if left < 0 and not started:
            await _refuse(scope, receive, send)


class TooLargeError(Exception):
    """A body grew beyond its limit while it was read."""


def _takes_files(path: str) -> bool:
    return path == "/v1/chat" or path.startswith("/playground")


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    response = failure(Request(scope), "request_too_large", {"Connection": "close"})
    await response(scope, receive, send)
