"""What customers' clients call: open a conversation, say something, follow the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from app.api.callbacks import place
from app.api.deps import Access, Credentials, Customer, Doors, address, authorised
from app.api.descriptions import CHAT_BODY, CHAT_EVENTS, EVENTS, failures
from app.api.eventlog import Sent
from app.api.schemas import (
    Done,
    EventOut,
    History,
    NewConversation,
    Opened,
    Place,
    Rating,
    Suggestion,
)
from app.api.sse import event_stream
from app.api.wire import Message, read_message
from app.errors import AccessError
from app.identity import customer_of
from app.intake import Received
from app.store.records import Event, StoredTurn
from dialogue.types import Language
from dialogue.types.marks import unmarked

router = APIRouter(prefix="/v1", tags=["customer"])

_PAGE = 1000
After = Annotated[int, Query(ge=0, description="The last event already seen.")]


@router.post("/conversations", status_code=201, responses=failures(400, 401, 422, 429))
async def open_conversation(new: NewConversation, request: Request, doors: Doors) -> Opened:
    """Opens a conversation, or the last one of a customer whom the host site vouches for.

    Its token is told here and never again.
    """
    request.state.language = new.locale
    doors.throttles.count(doors.throttles.conversations, address(request, doors.settings))
    customer = _whom(doors, new.customer)
    opened = partial(_opened, doors, new.locale, new.channel, customer, new.new)
    conversation_id, token, continued = await run_in_threadpool(opened)
    plan = await run_in_threadpool(doors.greet, new.locale)
    return Opened(
        conversation_id=conversation_id,
        token=token,
        continued=continued,
        greeting=unmarked(("" if new.locale == "zh" else " ").join(plan.clauses)),
        suggestions=[Suggestion(label=tap.label, text=tap.text) for tap in plan.suggestions],
    )


@router.post(
    "/chat",
    response_class=StreamingResponse,
    responses={**CHAT_EVENTS, **failures(400, 401, 413, 415, 422, 429, 503)},
    openapi_extra=CHAT_BODY,
)
async def chat(request: Request, doors: Doors, credentials: Credentials) -> StreamingResponse:
    """Says something, in any mix of text, one recording and up to four pictures.

    The answer comes as server-sent events and ends with `done`. It is worked out whether or not
    the connection holds: follow it again with `/stream?after=<last id>`, or send the same
    `turn_id` once more, which never acts twice.
    """
    message = await read_message(request)
    if message.conversation_id:
        if message.customer:  # whose it is was settled when it was opened
            raise AccessError("invalid_request", field="customer")
        token = credentials.credentials if credentials else None
        await authorised(doors, request, message.conversation_id, token)
    _count(doors, request, message)
    customer = _whom(doors, message.customer)
    received = await run_in_threadpool(doors.intake.open, message.envelope)
    first, received = await _placed(doors, message, customer, received)
    stored = await run_in_threadpool(doors.speaking.submit, received)
    return event_stream(_answer(doors, stored, first), doors.metrics)


@router.get("/conversations/{conversation_id}/events", responses=failures(401, 422))
async def events(doors: Doors, standing: Customer, after: After = 0) -> History:
    """What happened after event `after`: the history for a page that was reloaded."""
    found = await run_in_threadpool(_all, doors, standing.conversation_id, after)
    shown = [EventOut(id=e.number, event=e.kind, data=dict(e.body)) for e in found]
    return History(events=shown, owner=standing.owner)


@router.get(
    "/conversations/{conversation_id}/stream",
    response_class=StreamingResponse,
    responses={**EVENTS, **failures(401, 422, 429)},
)
async def stream(
    doors: Doors,
    standing: Customer,
    after: After = 0,
    last_event_id: Annotated[int | None, Header(ge=0)] = None,
) -> StreamingResponse:
    """Everything after event `after`, then what happens, as it happens."""
    if doors.log.full(standing.conversation_id):
        raise AccessError("throttled", retry_after=5, seconds=5)
    tail = doors.log.tail(standing.conversation_id, max(after, last_event_id or 0))
    return event_stream(tail, doors.metrics)


@router.post("/conversations/{conversation_id}/human", responses=failures(401))
async def human(doors: Doors, standing: Customer) -> Place:
    """Asks for a person; the place in the queue."""
    position = await run_in_threadpool(_queue, doors, standing.conversation_id)
    found = await run_in_threadpool(place, doors, standing.conversation_id)
    return found.model_copy(
        update={"owner": "queue" if position else "operator", "position": position}
    )


@router.post("/conversations/{conversation_id}/rating", responses=failures(401, 422))
async def rating(rated: Rating, doors: Doors, standing: Customer) -> Done:
    """Rates the conversation from 1 to 5; the last rating counts."""
    await run_in_threadpool(doors.store.rate, standing.conversation_id, rated.score, rated.text)
    return Done()


def _count(doors: Access, request: Request, message: Message) -> None:
    limits = doors.throttles
    if message.conversation_id is None:
        limits.count(limits.conversations, address(request, doors.settings))
        return
    limits.count(limits.messages, message.conversation_id)
    for _ in message.envelope.files:
        limits.count(limits.uploads, message.conversation_id)


def _whom(doors: Access, token: str | None) -> str:
    """The customer whom the host site vouches for, "" for nobody. Raises AccessError."""
    secret = doors.settings.identity.secret.get_secret_value()
    return customer_of(token, secret) if token else ""


def _opened(
    doors: Access, locale: Language, channel: str, customer: str, new: bool = False
) -> tuple[str, str, bool]:
    """Id and token of the customer's last conversation or of a new one; whether it goes on."""
    if not new and (found := doors.store.resume(customer)):
        return *found, True
    return *doors.store.start(locale, channel, customer), False


async def _placed(
    doors: Access, message: Message, customer: str, received: Received
) -> tuple[Sent | None, Received]:
    """The turn in its conversation, which is opened now, after all else was found in order."""
    if message.conversation_id:
        return None, received
    opened = partial(_opened, doors, message.envelope.locale, "api", customer)
    conversation_id, token, _ = await run_in_threadpool(opened)
    turn = replace(received.turn, conversation_id=conversation_id)
    body = {"conversation_id": conversation_id, "token": token}
    return Sent(0, "conversation", body), replace(received, turn=turn)


async def _answer(
    doors: Access, stored: StoredTurn, first: Sent | None
) -> AsyncIterator[Sent | None]:
    """The events from a turn to its `done`."""
    if first:
        yield first
    async for event in doors.log.tail(stored.conversation_id, stored.event - 1):
        yield event
        if event and event.kind == "done" and event.body["turn_id"] == stored.turn_id:
            return


def _all(doors: Access, conversation_id: str, after: int) -> list[Event]:
    found: list[Event] = []
    while page := doors.store.events(conversation_id, after, _PAGE):
        found += page
        after = page[-1].number
        if len(page) < _PAGE:
            break
    return found


def _queue(doors: Access, conversation_id: str) -> int:
    with doors.log.exclusive(conversation_id):
        position = doors.handover.ask(conversation_id)
        doors.speaking.hush(conversation_id)
    doors.log.ring(conversation_id, "owner")
    return position
