"""One request to the shop: what is asked, for whom, inside which transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store.shop_tables import OrderRow
from dialogue.engines import Caller
from dialogue.types import ActionResult, Outcome


@dataclass(frozen=True, slots=True)
class Request:
    """An action with its arguments, already known to be complete."""

    session: Session
    action: str
    arguments: Mapping[str, str]
    caller: Caller
    now: datetime

    @property
    def order_id(self) -> str:
        """The order number, in capitals; "" where none was given."""
        return self.arguments.get("order_id", "").upper()

    @property
    def verified(self) -> bool:
        """Whether the caller may see this order: proved, or of whom the host vouched for."""
        if self.order_id in self.caller.verified:
            return True
        whose = select(OrderRow.customer_id).where(OrderRow.id == self.order_id)
        return bool(self.caller.customer) and self.session.scalar(whose) == self.caller.customer

    def order(self) -> OrderRow | None:
        """The order, ours until the transaction ends; None where there is none."""
        wanted = select(OrderRow).where(OrderRow.id == self.order_id)
        return self.session.scalar(wanted.with_for_update())

    def done(self, code: str = "", **facts: Any) -> ActionResult:
        """The shop did it, or knows it."""
        return ActionResult(self.action, Outcome.DONE, code, facts)

    def refused(self, code: str, **facts: Any) -> ActionResult:
        """The shop's rules say no."""
        return ActionResult(self.action, Outcome.REFUSED, code, facts)
