"""Who may see an order: its number and the end of its phone number, with few guesses."""

from __future__ import annotations

import hmac
import math
import unicodedata
from datetime import datetime, timedelta

from app.store.database import insert_new
from app.store.shop.request import Request
from app.store.shop_tables import OrderRow, OrderTryRow, VerificationTryRow
from dialogue.types import ActionResult

GUESSES = 5
"""Wrong ones in a row that lock a conversation."""
LOCK = timedelta(minutes=15)
ORDER_GUESSES = 10
"""Wrong ones in a row, from whichever conversations, that lock an order."""
ORDER_LOCK = timedelta(hours=1)
"""The first; each further one is twice as long."""
LONGEST_LOCK = timedelta(hours=24)
TAIL = 4
"""Digits of the phone number that are asked for."""


def verify_order(request: Request) -> ActionResult:
    """Done, or not_found, mismatch {tries_left}, locked or order_locked {minutes}.

    The fifth wrong try locks the conversation, the tenth at one order that order, for everybody
    who has not shown before that it is theirs.
    """
    tries = _tries(request)
    if minutes := _minutes(tries.locked_until, request.now):
        return request.refused("locked", minutes=minutes)
    if tries.locked_until:
        tries.wrong, tries.locked_until = 0, None
    order = request.order()
    guesses = _guesses(request, order) if order else None
    if guesses and (minutes := _minutes(guesses.locked_until, request.now)):
        return request.refused("order_locked", minutes=minutes)
    if order and guesses and _tail_matches(order, request.arguments["phone_tail"]):
        tries.wrong = guesses.wrong = guesses.locks = 0
        return request.done(order_id=order.id)
    return _wrong(request, tries, guesses)


def _wrong(
    request: Request, tries: VerificationTryRow, guesses: OrderTryRow | None
) -> ActionResult:
    tries.wrong += 1
    if tries.wrong >= GUESSES:
        tries.locked_until = request.now + LOCK
    if guesses:
        _count(guesses, request.now)
    if minutes := _minutes(tries.locked_until, request.now):
        return request.refused("locked", minutes=minutes)
    if guesses and (minutes := _minutes(guesses.locked_until, request.now)):
        return request.refused("order_locked", minutes=minutes)
    code = "mismatch" if guesses else "not_found"
    return request.refused(code, tries_left=GUESSES - tries.wrong)


def _count(guesses: OrderTryRow, now: datetime) -> None:
    guesses.wrong += 1
    if guesses.wrong >= ORDER_GUESSES:
        guesses.locked_until = now + min(ORDER_LOCK * 2**guesses.locks, LONGEST_LOCK)
        guesses.wrong, guesses.locks = 0, min(guesses.locks + 1, 8)


def _minutes(locked_until: datetime | None, now: datetime) -> int:
    """Minutes left of a lock, rounded up; 0 where there is none."""
    if locked_until is None or locked_until <= now:
        return 0
    return math.ceil((locked_until - now).total_seconds() / 60)


def _tries(request: Request) -> VerificationTryRow:
    session, conversation = request.session, request.caller.conversation_id
    insert_new(session, VerificationTryRow, [{"conversation_id": conversation, "wrong": 0}])
    row = session.get(VerificationTryRow, conversation, with_for_update=True)
    assert row is not None
    return row


def _guesses(request: Request, order: OrderRow) -> OrderTryRow:
    """The order's row is ours already, so nobody else is at this one."""
    start = {"order_id": order.id, "wrong": 0, "locks": 0}
    insert_new(request.session, OrderTryRow, [start])
    row = request.session.get(OrderTryRow, order.id)
    assert row is not None
    return row


def _tail_matches(order: OrderRow, said: str) -> bool:
    digits = "".join(c for c in unicodedata.normalize("NFKC", said) if c in "0123456789")
    if len(digits) < TAIL:
        return False
    return hmac.compare_digest(digits[-TAIL:], order.customer.phone[-TAIL:])
