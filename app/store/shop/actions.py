"""`SqlActions`: each action once per key, effect and answer in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store.database import Database, insert_new
from app.store.instants import Clock, utc_now
from app.store.shop import desk, orders, refunds, verification
from app.store.shop.request import Request
from app.store.tables import ActionRow
from dialogue.engines import Caller
from dialogue.types import ActionResult, Outcome

Answer = Callable[[Request], ActionResult]

ANSWERS: Mapping[str, Answer] = {
    "verify_order": verification.verify_order,
    "track_order": orders.order_facts,
    "order_status": orders.order_facts,
    "list_orders": orders.list_orders,
    "cancel_order": orders.cancel_order,
    "change_address": orders.change_address,
    "report_delivery_problem": orders.report_delivery_problem,
    "request_refund": refunds.request_refund,
    "refund_status": refunds.refund_status,
    "product_info": desk.product_info,
    "compare_products": desk.compare_products,
    "stock_check": desk.stock_check,
    "check_coupon": desk.check_coupon,
    "request_invoice": desk.request_invoice,
    "file_complaint": desk.file_complaint,
}
ORDER_ACTIONS = frozenset(
    {
        "track_order",
        "order_status",
        "cancel_order",
        "change_address",
        "report_delivery_problem",
        "request_refund",
        "refund_status",
        "request_invoice",
    }
)
"""Refused as not_verified unless the caller may see the order."""
NEEDED: Mapping[str, tuple[str, ...]] = {
    "verify_order": ("order_id", "phone_tail"),
    "track_order": ("order_id",),
    "order_status": ("order_id",),
    "list_orders": (),
    "cancel_order": ("order_id",),
    "change_address": ("order_id", "address"),
    "report_delivery_problem": ("order_id", "reason"),
    "request_refund": ("order_id", "kind"),
    "refund_status": ("order_id",),
    "product_info": ("product",),
    "compare_products": ("product", "other"),
    "stock_check": ("product",),
    "check_coupon": ("coupon_code",),
    "request_invoice": ("order_id", "name", "email"),
    "file_complaint": ("reason",),
}
LATER = ("address", "name", "email")
"""Arguments without which a check still tells whether the action is possible at all."""
_NUMBERS = ("refund_id", "refund", "ticket_id", "invoice_id", "coupon_code")
"""Handed out by doing; `check` must not promise them."""


class _CheckedOnlyError(Exception):
    """Ends the transaction of a check without keeping anything."""


class SqlActions:
    """The shop in our own database. Safe to share between threads."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def check(self, action: str, arguments: Mapping[str, Any], caller: Caller) -> ActionResult:
        """What `run` would answer, without doing it: the effect is tried and taken back."""
        given = checked_arguments(action, arguments, early=True)
        result: ActionResult | None = None
        try:
            with self._database.writing() as session:
                done = session.get(ActionRow, caller.key)
                if done is not None and done.result is not None:
                    return _from_json(done.result)
                result = self._answer(session, action, given, caller)
                raise _CheckedOnlyError
        except _CheckedOnlyError:
            assert result is not None
            return _without_numbers(result)

    def run(self, action: str, arguments: Mapping[str, Any], caller: Caller) -> ActionResult:
        """Does `action` once per `caller.key`; a repeated key returns the first answer."""
        given = checked_arguments(action, arguments)
        claim = {
            "key": caller.key,
            "conversation_id": caller.conversation_id,
            "action": action,
            "arguments": given,
            "created_at": self._clock(),
        }
        with self._database.writing() as session:
            first = insert_new(session, ActionRow, [claim]) == 1
            row = session.scalars(select(ActionRow).where(ActionRow.key == caller.key)).one()
            if not first:
                assert row.result is not None
                return _from_json(row.result)
            result = self._answer(session, action, given, caller)
            row.result = _to_json(result)
            return result

    def _answer(
        self, session: Session, action: str, arguments: Mapping[str, str], caller: Caller
    ) -> ActionResult:
        request = Request(session, action, arguments, caller, self._clock())
        if action in ORDER_ACTIONS and not request.verified:
            return request.refused("not_verified", order_id=request.order_id)
        if action == "file_complaint" and not request.verified:
            rest = {n: v for n, v in arguments.items() if n != "order_id"}
            request = replace(request, arguments=rest)
        result = ANSWERS[action](request)
        session.flush()
        return result


def checked_arguments(
    action: str, arguments: Mapping[str, Any], *, early: bool = False
) -> dict[str, str]:
    """`arguments` as stripped strings, empty ones left out; ValueError where one is missing.

    `early` is a check that comes before everything was asked for: `LATER` may be missing.
    """
    if action not in NEEDED:
        raise ValueError(f"Unknown action {action!r}; choose one of: {', '.join(NEEDED)}")
    given = {n: _plain(v) for n, v in arguments.items() if v is not None and _plain(v)}
    needed = [n for n in NEEDED[action] if not (early and n in LATER)]
    if missing := [name for name in needed if name not in given]:
        raise ValueError(f"{action} needs {', '.join(missing)}")
    return given


def _plain(value: Any) -> str:
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode("utf-8").strip()


def _without_numbers(result: ActionResult) -> ActionResult:
    if result.outcome is not Outcome.DONE:
        return result
    return replace(result, facts={n: v for n, v in result.facts.items() if n not in _NUMBERS})


def _to_json(result: ActionResult) -> dict[str, Any]:
    return {
        "action": result.action,
        "outcome": str(result.outcome),
        "code": result.code,
        "facts": result.facts,
    }


def _from_json(kept: Mapping[str, Any]) -> ActionResult:
    return ActionResult(kept["action"], Outcome(kept["outcome"]), kept["code"], kept["facts"])
