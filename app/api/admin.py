"""What the operators' panel calls. Who owns a conversation is decided here, not in the panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from app.api.admin_schemas import ConversationList, Gone, Logged, Replay, Words
from app.api.deps import Access, Doors, Operator, operator
from app.api.descriptions import EVENTS, failures
from app.api.sse import event_stream
from app.errors import AccessError
from app.store.archive import Filters
from app.store.erasure import Erased
from app.store.records import NotTheOwnerError, UnknownConversationError

router = APIRouter(
    prefix="/v1/admin",
    tags=["operator"],
    dependencies=[Depends(operator)],
    responses=failures(401, 403),
)


@dataclass(frozen=True, slots=True)
class Search:
    """What the panel's list is narrowed to, as query parameters."""

    q: str = ""
    owner: str = ""
    language: str = ""
    intent: str = ""
    channel: str = ""
    modality: str = ""

    def filters(self) -> Filters:
        """The same as the store takes it."""
        return Filters(self.q, self.owner, self.language, self.intent, self.channel, self.modality)


@router.get("/conversations", responses=failures(422))
async def conversations(
    doors: Doors,
    search: Annotated[Search, Depends()],
    before: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ConversationList:
    """A page of conversations, most recently changed first."""
    try:
        found = await run_in_threadpool(
            doors.archive.conversations, search.filters(), before, limit
        )
    except ValueError as error:
        raise AccessError("invalid_request", field="modality, before") from error
    return ConversationList.model_validate(found)


@router.get("/conversations/{conversation_id}", responses=failures(404))
async def conversation(conversation_id: str, doors: Doors, session: Operator) -> Replay:
    """One conversation, turn by turn: heard, understood, decided, done, said, and how long."""
    found = await run_in_threadpool(_known, partial(_replay, doors), conversation_id)
    await run_in_threadpool(doors.staff.audit, session.operator, "read", conversation_id)
    return Replay.model_validate(found)


@router.post("/conversations/{conversation_id}/take", responses=failures(404, 409))
async def take(conversation_id: str, doors: Doors, session: Operator) -> Logged:
    """Takes the conversation over: the bot falls silent at once."""
    return await run_in_threadpool(
        _move, doors, conversation_id, session.operator, doors.handover.take
    )


@router.post("/conversations/{conversation_id}/release", responses=failures(404, 409))
async def release(conversation_id: str, doors: Doors, session: Operator) -> Logged:
    """Hands the conversation back to the bot."""
    return await run_in_threadpool(
        _move, doors, conversation_id, session.operator, doors.handover.release
    )


@router.post("/conversations/{conversation_id}/say", responses=failures(404, 409, 422))
async def say(conversation_id: str, words: Words, doors: Doors, session: Operator) -> Logged:
    """Says something to the customer; only to a conversation this operator took."""
    if not words.text.strip():
        raise AccessError("invalid_request", field="text")

    def speak(conversation_id: str, name: str) -> int:
        return doors.handover.say(conversation_id, name, words.text)

    number = await run_in_threadpool(_owned, speak, conversation_id, session.operator)
    doors.log.ring(conversation_id, "message")
    return Logged(event=number)


@router.get("/conversations/{conversation_id}/erasure", responses=failures(404))
async def erasure(conversation_id: str, doors: Doors) -> Gone:
    """What erasing the conversation would take away."""
    return Gone.model_validate(
        await run_in_threadpool(_known, doors.erasure.survey, conversation_id)
    )


@router.delete("/conversations/{conversation_id}", responses=failures(404))
async def erase(conversation_id: str, doors: Doors, session: Operator) -> Gone:
    """Erases the conversation for good: messages, sounds, pictures, evidence, event log."""
    return Gone.model_validate(
        await run_in_threadpool(_erase, doors, conversation_id, session.operator)
    )


@router.get("/stream", response_class=StreamingResponse, responses=EVENTS)
async def stream(doors: Doors) -> StreamingResponse:
    """`change` {conversation_id, event} for everything that happens anywhere, from now on."""
    return event_stream(doors.log.watch(), doors.metrics)


Step = Callable[[str, str], int]
Found = TypeVar("Found")


def _move(doors: Access, conversation_id: str, name: str, step: Step) -> Logged:
    """Changes the owner while no part can be published, and ends the reply under way."""
    with doors.log.exclusive(conversation_id):
        number = _owned(step, conversation_id, name)
        doors.speaking.hush(conversation_id)
    doors.log.ring(conversation_id, "owner")
    return Logged(event=number)


def _owned(step: Step, conversation_id: str, name: str) -> int:
    try:
        return step(conversation_id, name)
    except UnknownConversationError as error:
        raise AccessError("not_found") from error
    except NotTheOwnerError as error:
        if error.owner:
            raise AccessError("already_taken", name=error.owner) from error
        raise AccessError("not_owner") from error


def _erase(doors: Access, conversation_id: str, name: str) -> Erased:
    """Ends the reply under way, waits for its thread, and takes everything away."""
    with doors.log.exclusive(conversation_id):
        doors.speaking.hush(conversation_id)
    doors.speaking.settle(conversation_id)
    with doors.log.exclusive(conversation_id):
        found = _known(partial(doors.erasure.erase, by=name), conversation_id)
    doors.log.end(conversation_id)
    doors.log.notice(conversation_id, "erased")
    return found


def _known(work: Callable[[str], Found], conversation_id: str) -> Found:
    try:
        return work(conversation_id)
    except UnknownConversationError as error:
        raise AccessError("not_found") from error


def _replay(doors: Access, conversation_id: str) -> dict[str, Any]:
    """The conversation as stored, with the speech of each part where it was kept."""
    found = doors.archive.conversation(conversation_id)
    sounds = {
        (event.body["turn_id"], event.body["number"]): event.body["audio"]
        for event in doors.store.events(conversation_id, limit=100_000)
        if event.kind == "part"
    }
    for turn in found["turns"]:
        turn["reply"] = [
            {**part, "audio": sounds.get((turn["id"], part["number"]))} for part in turn["reply"]
        ]
    return found
