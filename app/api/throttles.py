"""Which requests are throttled, and how often each may come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.api.metrics import Metrics
from app.config import Limits
from app.errors import AccessError
from app.throttle import Throttle


@dataclass(frozen=True, slots=True)
class Throttles:
    """One throttle per kind of request."""

    conversations: Throttle
    """By address."""
    messages: Throttle
    """By conversation."""
    uploads: Throttle
    """By conversation."""
    logins: Throttle
    """By address."""
    metrics: Metrics

    def count(self, throttle: Throttle, key: str) -> None:
        """Counts one request. Raises AccessError when there were too many."""
        try:
            throttle.count(key)
        except AccessError:
            self.metrics.throttled(throttle.name)
            raise


def throttles(limits: Limits, metrics: Metrics, clock: Callable[[], float]) -> Throttles:
    """The throttles that `limits` ask for."""
    return Throttles(
        conversations=Throttle("conversations", limits.conversations_per_hour, 3600, clock=clock),
        messages=Throttle("messages", limits.messages_per_minute, 60, clock=clock),
        uploads=Throttle("uploads", limits.uploads_per_minute, 60, clock=clock),
        logins=Throttle("logins", limits.logins_per_five_minutes, 300, clock=clock),
        metrics=metrics,
    )
