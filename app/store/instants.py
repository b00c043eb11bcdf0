"""Moments in time as they are stored and shown: UTC in the database, the shop's clock outside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

Clock = Callable[[], datetime]
"""The time now, with its zone; injected so that tests can move it."""

SHOP_ZONE = timezone(timedelta(hours=8))
"""China Standard Time, which knows no summer time."""


def utc_now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime | None) -> str:
    """ISO 8601 with the shop's offset, to the second; "" for None."""
    return moment.astimezone(SHOP_ZONE).isoformat(timespec="seconds") if moment else ""


class Instant(TypeDecorator[datetime]):
    """A moment with its zone on every database; SQLite alone would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """`value` in UTC; a moment without a zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; use a Clock")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """`value` with UTC as its zone."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value
