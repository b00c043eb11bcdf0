"""Server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse

from app.api.eventlog import Sent
from app.api.metrics import Metrics

HEARTBEAT = b": still here\n\n"


def event_stream(events: AsyncIterator[Sent | None], metrics: Metrics) -> StreamingResponse:
    """`events` as text/event-stream; None becomes a heartbeat."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_encoded(events, metrics), 200, headers, "text/event-stream")


def encode(event: Sent) -> bytes:
    """One event in wire format."""
    text = json.dumps(event.body, ensure_ascii=False, separators=(",", ":"))
    return f"id: {event.number}\nevent: {event.kind}\ndata: {text}\n\n".encode()


async def _encoded(events: AsyncIterator[Sent | None], metrics: Metrics) -> AsyncIterator[bytes]:
    metrics.streams.inc()
    try:
        async for event in events:
            yield HEARTBEAT if event is None else encode(event)
    finally:
        metrics.streams.dec()
