"""What every route works with, and who may call it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import Depends, Security
from fastapi.security import APIKeyCookie, APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from app.api.eventlog import EventLog
from app.api.metrics import Metrics
from app.api.poller import Poller
from app.api.speaking import Speaking
from app.api.throttles import Throttles
from app.config import Settings
from app.errors import AccessError
from app.intake import Intake
from app.security import COOKIE, SAFE_METHODS, client_address, from_our_pages, same
from app.store.archive import Archive
from app.store.artefacts import Artefacts
from app.store.callbacks import Callbacks
from app.store.conversations import Conversations
from app.store.erasure import Erasure
from app.store.handover import Handover
from app.store.records import Standing
from app.store.staff import SignIn, Staff
from dialogue.domain import People
from dialogue.types import Language, ReplyPlan


class Greeter(Protocol):
    """Opens conversations."""

    def __call__(self, language: Language, /) -> ReplyPlan:
        """The greeting in `language`."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """The access layer's parts, made once per process."""

    settings: Settings
    store: Conversations
    artefacts: Artefacts
    archive: Archive
    erasure: Erasure
    handover: Handover
    staff: Staff
    database_ready: Callable[[], bool]
    engines_loaded: Callable[[], bool]
    intake: Intake
    log: EventLog
    poller: Poller
    speaking: Speaking
    throttles: Throttles
    metrics: Metrics
    greet: Greeter
    callbacks: Callbacks
    people: People
    """When somebody is there to take over."""
    now: Callable[[], datetime]


def access(request: Request) -> Access:
    """The access layer. Raises AccessError while the server starts."""
    made = getattr(request.app.state, "access", None)
    if not isinstance(made, Access):
        raise AccessError("starting", retry_after=5)
    return made


Doors = Annotated[Access, Depends(access)]

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="conversation",
    description="The token that came with the conversation.",
)
_cookie = APIKeyCookie(
    name=COOKIE,
    auto_error=False,
    scheme_name="operator",
    description="The session cookie that signing in sets.",
)
_csrf = APIKeyHeader(
    name="X-CSRF-Token",
    auto_error=False,
    scheme_name="csrf",
    description="The `csrf` that signing in returned; needed by every call that changes something.",
)

Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
Cookie = Annotated[str | None, Security(_cookie)]
Csrf = Annotated[str | None, Security(_csrf)]


async def customer(
    conversation_id: str, request: Request, doors: Doors, credentials: Credentials
) -> Standing:
    """The conversation that the bearer token opens. Raises AccessError."""
    token = credentials.credentials if credentials else None
    return await authorised(doors, request, conversation_id, token)


async def authorised(
    doors: Access, request: Request, conversation_id: str, token: str | None
) -> Standing:
    """The standing of the conversation that `token` opens; the same refusal if there is none."""
    if not token or not await run_in_threadpool(doors.store.authorised, conversation_id, token):
        raise AccessError("unauthorized")
    standing = await run_in_threadpool(doors.store.standing, conversation_id)
    request.state.language = getattr(request.state, "language", standing.language)
    return standing


async def operator(request: Request, doors: Doors, cookie: Cookie, csrf: Csrf) -> SignIn:
    """Who is signed in. Unsafe calls must come from our pages and carry the CSRF token."""
    session = await run_in_threadpool(doors.staff.session, cookie) if cookie else None
    if session is None:
        raise AccessError("not_signed_in")
    if request.method not in SAFE_METHODS:
        check_origin(request, doors.settings)
        if not same(csrf or "", session.csrf):
            raise AccessError("csrf")
    return session


def check_origin(request: Request, settings: Settings) -> None:
    """Raises AccessError for a call that a page of another site made."""
    if not from_our_pages(request.headers, settings.public_url):
        raise AccessError("cross_origin")


def address(request: Request, settings: Settings) -> str:
    """Whom a request counts against."""
    peer = request.client.host if request.client else None
    told = request.headers.get("x-forwarded-for")
    return client_address(peer, told, trusted_proxy=settings.trusted_proxy)


Customer = Annotated[Standing, Depends(customer)]
Operator = Annotated[SignIn, Depends(operator)]
