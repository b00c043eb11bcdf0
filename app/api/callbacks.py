"""Hand-off when nobody is there: the place in the queue told truthfully, and calls asked for."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool

from app.api.admin_schemas import CallbackList, CallbackOut, CallbackSettled
from app.api.deps import Access, Customer, Doors, Operator, operator
from app.api.descriptions import failures
from app.api.schemas import CallbackWish, Done, Hours, Place
from app.errors import AccessError
from app.store.callbacks import Callback, CallbackState

router = APIRouter(prefix="/v1", tags=["customer"])
desk = APIRouter(
    prefix="/v1/admin",
    tags=["operator"],
    dependencies=[Depends(operator)],
    responses=failures(401, 403),
)

_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?\(?\d(?:[\d ()-]*\d)?")
DIGITS = range(7, 16)
"""Of a telephone number, with its country's code at most fifteen (ITU-T E.164)."""


def valid_contact(contact: str) -> bool:
    """Whether `contact` may be a phone number or an e-mail address."""
    digits = sum(character.isdigit() for character in contact)
    phone = _PHONE.fullmatch(contact) is not None and digits in DIGITS
    return phone or _MAIL.fullmatch(contact) is not None


def place(doors: Access, conversation_id: str) -> Place:
    """Where the conversation stands, and whether anybody is there to come."""
    owner = doors.store.standing(conversation_id).owner
    position = doors.handover.position(conversation_id)
    people = doors.people
    zone = doors.now().astimezone(people.zone).strftime("%z")
    clocks = (people.opens.strftime("%H:%M"), people.closes.strftime("%H:%M"))
    always = people.opens == people.closes
    return Place(
        owner=owner,
        position=position,
        ahead=max(position - 1, 0),
        staffed=people.there(doors.now()),
        hours=None
        if always
        else Hours(opens=clocks[0], closes=clocks[1], zone=f"{zone[:3]}:{zone[3:]}"),
        callback=doors.callbacks.asked(conversation_id),
    )


@router.get("/conversations/{conversation_id}/place", responses=failures(401))
async def standing_place(doors: Doors, standing: Customer) -> Place:
    """How many are ahead in the queue now, whether anybody is there, and when somebody is."""
    return await run_in_threadpool(place, doors, standing.conversation_id)


@router.post("/conversations/{conversation_id}/callback", responses=failures(401, 422, 429))
async def callback(wish: CallbackWish, doors: Doors, standing: Customer) -> Done:
    """Asks to be called or written to; the last wish of a conversation counts until it is done."""
    contact = wish.contact.strip()
    if not valid_contact(contact):
        raise AccessError("contact_invalid")
    doors.throttles.count(doors.throttles.messages, standing.conversation_id)
    ask = partial(doors.callbacks.ask, standing.conversation_id, wish.name.strip())
    await run_in_threadpool(ask, contact, wish.time)
    doors.log.notice(standing.conversation_id, "callback")
    return Done()


@desk.get("/callbacks", responses=failures(422))
async def callbacks(
    doors: Doors, state: Annotated[CallbackState, Query()] = "open"
) -> CallbackList:
    """The calls that were asked for: open ones by age, done ones latest first."""
    found = await run_in_threadpool(doors.callbacks.listed, state)
    return CallbackList(callbacks=[_shown(each) for each in found])


@desk.post("/callbacks/{callback_id}", responses=failures(404, 422))
async def settle(
    callback_id: int, settled: CallbackSettled, doors: Doors, session: Operator
) -> CallbackOut:
    """Marks a call as done, or as open again."""
    change = partial(doors.callbacks.settle, callback_id, settled.state, session.operator)
    try:
        found = await run_in_threadpool(change)
    except LookupError as error:
        raise AccessError("not_found") from error
    doors.log.notice(found.conversation_id, "callback")
    return _shown(found)


def _shown(found: Callback) -> CallbackOut:
    return CallbackOut.model_validate(found)
