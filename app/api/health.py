"""Whether the service lives, is ready, and how it fares."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from app.api.deps import Access, Credentials, Doors
from app.api.descriptions import failures
from app.errors import AccessError
from app.security import same

logger = logging.getLogger(__name__)
router = APIRouter(tags=["service"])


class Alive(BaseModel):
    """The process answers."""

    status: str = "ok"


class Readiness(BaseModel):
    """Whether every part is loaded, and which are."""

    ready: bool
    parts: dict[str, bool]


@router.get("/healthz")
async def alive() -> Alive:
    """Answers as long as the process does."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Not yet."}})
async def ready(request: Request) -> Response:
    """Whether every turn is answered at once: the database, and every engine loaded.

    Typed turns are answered some seconds sooner, others wait for what is still loading.
    """
    # The doors are made when the engines are loaded.
    doors = getattr(request.app.state, "access", None)
    parts = {"database": False, "engines": False}
    if isinstance(doors, Access):
        held = await run_in_threadpool(_holds, doors.database_ready)
        parts = {"database": held, "engines": doors.engines_loaded()}
    found = Readiness(ready=all(parts.values()), parts=parts)
    return JSONResponse(found.model_dump(), status_code=200 if found.ready else 503)


@router.get("/metrics", response_class=Response, responses=failures(401, 404))
async def metrics(doors: Doors, credentials: Credentials) -> Response:
    """Prometheus metrics, behind a bearer token where one is set."""
    expected = doors.settings.metrics_token.get_secret_value()
    if not expected and doors.settings.environment == "production":
        raise AccessError("not_found")
    if expected and not same(credentials.credentials if credentials else "", expected):
        raise AccessError("unauthorized")
    doors.metrics.tasks.set(len(asyncio.all_tasks()))
    return Response(doors.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # whatever the driver raises means: not ready
        logger.warning("the database does not answer", exc_info=True)
        return False
