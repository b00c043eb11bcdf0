"""Who may see an order: its number and the end of its phone number, with few guesses."""

from __future__ import annotations

import hmac
import math
import unicodedata
from datetime import timedelta

from app.store.database import insert_new
from app.store.shop.request import Request
from app.store.shop_tables import OrderRow, VerificationTryRow
from dialogue.types import ActionResult

GUESSES = 5
LOCK = timedelta(minutes=15)
TAIL = 4
"""Digits of the phone number that are asked for."""


def verify_order(request: Request) -> ActionResult:
    """Done, or not_found, mismatch {tries_left}, locked {minutes}; the fifth wrong try locks."""
    tries = _tries(request)
    if tries.locked_until and tries.locked_until > request.now:
        left = (tries.locked_until - request.now).total_seconds() / 60
        return request.refused("locked", minutes=math.ceil(left))
    if tries.locked_until:
        tries.wrong, tries.locked_until = 0, None
    order = request.order()
    if order is not None and _tail_matches(order, request.arguments["phone_tail"]):
        tries.wrong = 0
        return request.done(order_id=order.id)
    tries.wrong += 1
    if tries.wrong >= GUESSES:
        tries.locked_until = request.now + LOCK
        return request.refused("locked", minutes=int(LOCK.total_seconds() // 60))
    code = "mismatch" if order is not None else "not_found"
    return request.refused(code, tries_left=GUESSES - tries.wrong)


def _tries(request: Request) -> VerificationTryRow:
    session, conversation = request.session, request.caller.conversation_id
    insert_new(session, VerificationTryRow, [{"conversation_id": conversation, "wrong": 0}])
    row = session.get(VerificationTryRow, conversation, with_for_update=True)
    assert row is not None
    return row


def _tail_matches(order: OrderRow, said: str) -> bool:
    digits = "".join(c for c in unicodedata.normalize("NFKC", said) if c in "0123456789")
    if len(digits) < TAIL:
        return False
    return hmac.compare_digest(digits[-TAIL:], order.customer.phone[-TAIL:])
