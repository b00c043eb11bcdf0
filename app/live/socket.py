"""The WebSocket of a call: who may open it, what comes in, what goes out."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.errors import AccessError, describe
from app.live.call import Call
from app.live.following import Follower
from app.live.loudspeaker import Loudspeaker
from app.live.outbox import Outbox
from app.live.protocol import (
    LARGEST,
    RATES,
    End,
    Mute,
    Played,
    Quiet,
    Ready,
    Refused,
    Start,
    incoming,
)
from app.live.switchboard import Caller, Switchboard
from app.live.wire import BrokenFrame, Wire
from app.logs import about
from app.security import from_our_pages
from dialogue.types import Language

logger = logging.getLogger(__name__)
router = APIRouter()

_START_SECONDS = 10.0
"""For the first message."""
_STALL_SECONDS = 2.0
"""Without any message, after which what was said is a whole turn."""
POLICY, DONE, AGAIN = 1008, 1000, 1013
"""Close codes: broken rules, hung up, try again later."""


class _BrokenError(Exception):
    """The client broke the protocol; the message says how."""


@router.websocket("/v1/live")
async def live(socket: WebSocket) -> None:
    """Holds one call."""
    board: Switchboard | None = getattr(socket.app.state, "live", None)
    if board is None or not from_our_pages(socket.headers, board.access.settings.public_url):
        await socket.close(POLICY)
        return
    await socket.accept()
    locale: Language = "zh"
    try:
        start = await _started(socket)
        locale = start.locale
        await _hold(socket, board, start)
    except AccessError as error:
        await _refuse(socket, error.code, error.sentence(locale), error.retry_after, AGAIN)
    except (_BrokenError, BrokenFrame, ValidationError, TimeoutError) as error:
        logger.info("a call broke the protocol: %s", type(error).__name__)
        field = str(error) if isinstance(error, (_BrokenError, BrokenFrame)) else "start"
        sentence = describe("invalid_request", locale, field=field)
        await _refuse(socket, "invalid_request", sentence, None, POLICY)
    except WebSocketDisconnect:
        pass


async def _started(socket: WebSocket) -> Start:
    async with asyncio.timeout(_START_SECONDS):
        got = await socket.receive()
    if got["type"] == "websocket.disconnect":
        raise WebSocketDisconnect
    text = got.get("text") or ""
    message = incoming.validate_json(text) if len(text) <= LARGEST else None
    if not isinstance(message, Start) or message.rate not in RATES:
        raise _BrokenError("start")
    return message


async def _hold(socket: WebSocket, board: Switchboard, start: Start) -> None:
    """Authorises the caller, then runs the call until somebody hangs up."""
    store = board.access.store
    if not await run_in_threadpool(store.authorised, start.conversation_id, start.token):
        raise AccessError("unauthorized")
    standing = await run_in_threadpool(store.standing, start.conversation_id)
    line = Line(socket, board, start)
    board.admit(start.conversation_id, line.hang_up)
    try:
        with about(start.conversation_id, "live"):
            await line.run(Ready(owner=standing.owner))
    finally:
        board.leave(start.conversation_id, line.hang_up)


class Line:
    """One connection: its tasks, and what comes in."""

    def __init__(self, socket: WebSocket, board: Switchboard, start: Start) -> None:
        self._socket = socket
        self._board = board
        self._start = start
        self._outbox = Outbox()
        self._ended = asyncio.Event()
        self._wire = Wire(start)

    def hang_up(self) -> None:
        """Ends the call from another task."""
        self._ended.set()

    async def run(self, ready: Ready) -> None:
        """Runs until the client leaves, breaks the rules, falls behind, or is silent for long."""
        speaker = Loudspeaker()
        start = self._start
        follower = Follower(self._board, start.conversation_id, self._outbox, speaker)
        self._outbox.put(ready)
        caller = Caller(start.conversation_id, start.locale, tuple(start.device))
        call = Call(self._board, caller, self._outbox, speaker, follower)
        follower.all = start.rejoins
        if start.played:
            await follower.rejoin(start.played, start.after)
        tasks = [
            asyncio.create_task(self._read(call)),
            asyncio.create_task(self._outbox.run(self._socket.send_text, self._socket.send_bytes)),
            asyncio.create_task(follower.run(start.after, call.told)),
            asyncio.create_task(self._ended.wait()),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await call.leave()
        for task in done:
            if error := task.exception():
                raise error
        await self._close()

    async def _close(self) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):
            await self._socket.close(AGAIN if self._outbox.overflowed else DONE)

    async def _read(self, call: Call) -> None:
        while True:
            try:
                async with asyncio.timeout(_STALL_SECONDS):
                    message = await self._socket.receive()
            except TimeoutError:
                call.finish_turn()
                message = {"type": "nothing", "text": None}
            if call.idle > self._board.settings.quiet:
                return
            if message["type"] == "websocket.disconnect":
                return
            if (content := message.get("bytes")) is not None:
                if len(samples := self._wire.take(content)):
                    call.hear(samples)
            elif (text := message.get("text")) is not None and not self._obey(text, call):
                return

    def _obey(self, text: str, call: Call) -> bool:
        """Does what a control message says; False to hang up."""
        if len(text) > LARGEST:
            raise _BrokenError("size")
        try:
            message = incoming.validate_json(text)
        except ValidationError as error:
            raise _BrokenError(_named(text)) from error
        match message:
            case Played():
                call.played(message)
            case Mute():
                call.finish_turn()
            case Quiet():
                call.quiet()
            case End():
                return False
            case Start():
                raise _BrokenError("start")
        return True


def _named(text: str) -> str:
    """The type a broken message claims, as far as it can be told."""
    try:
        return str(json.loads(text)["type"])[:20]
    except (ValueError, KeyError, TypeError):
        return "type"


async def _refuse(
    socket: WebSocket, code: str, sentence: str, retry_after: int | None, close: int
) -> None:
    if socket.client_state is not WebSocketState.CONNECTED:
        return
    refused = Refused(code=code, message=sentence, retry_after=retry_after, final=True)
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.send_text(refused.model_dump_json())
        await socket.close(close)
