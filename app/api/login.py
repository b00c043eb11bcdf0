"""How operators sign in and out."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from app.api.admin_schemas import Login, SignedIn
from app.api.deps import Cookie, Doors, Operator, address, check_origin
from app.api.descriptions import failures
from app.api.schemas import Done
from app.errors import AccessError
from app.security import COOKIE, COOKIE_SECONDS
from app.store.staff import TooManyAttemptsError

router = APIRouter(prefix="/v1/admin", tags=["operator"])


@router.post("/login", responses=failures(401, 403, 422, 429))
async def login(given: Login, request: Request, response: Response, doors: Doors) -> SignedIn:
    """Signs an operator in: an HttpOnly cookie, and the CSRF token for changing calls."""
    check_origin(request, doors.settings)
    origin = address(request, doors.settings)
    doors.throttles.count(doors.throttles.logins, origin)
    try:
        session = await run_in_threadpool(doors.staff.sign_in, given.name, given.password, origin)
    except TooManyAttemptsError as error:
        wait = error.seconds
        raise AccessError("throttled", retry_after=wait, seconds=wait) from error
    if session is None:
        raise AccessError("wrong_credentials")
    doors.throttles.logins.forget(origin)
    response.set_cookie(
        COOKIE,
        session.token,
        max_age=COOKIE_SECONDS,
        secure=doors.settings.secure,
        httponly=True,
        samesite="strict",
    )
    return SignedIn(name=session.operator, csrf=session.csrf)


@router.post("/logout", responses=failures(401, 403))
async def logout(response: Response, doors: Doors, cookie: Cookie, _: Operator) -> Done:
    """Ends the session, on the server too."""
    await run_in_threadpool(doors.staff.sign_out, cookie or "")
    response.delete_cookie(COOKIE, path="/")
    return Done()


@router.get("/me", responses=failures(401))
async def me(session: Operator) -> SignedIn:
    """Who is signed in."""
    return SignedIn(name=session.operator, csrf=session.csrf)
