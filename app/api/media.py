"""Sound and pictures: private ones of a conversation, public ones of the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter, FastAPI, Header, Response
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from app.api.deps import Access, Cookie, Credentials, Doors
from app.api.descriptions import failures
from app.errors import AccessError
from app.store.records import Artefact

router = APIRouter(prefix="/v1", tags=["media"])

_HEADERS = {
    "Cache-Control": "private, max-age=86400, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
    "Accept-Ranges": "bytes",
}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@router.get("/media/{media_id}", response_class=Response, responses=failures(401, 404))
async def media(
    media_id: str,
    doors: Doors,
    credentials: Credentials,
    cookie: Cookie,
    range_: str = Header(default="", alias="Range"),
) -> Response:
    """A recording or picture, for the customer whose conversation it is from and for operators."""
    token = credentials.credentials if credentials else None
    found = await run_in_threadpool(_allowed, doors, media_id, token, cookie)
    return ranged(found.content, found.media_type, range_)


def mount_catalogue(app: FastAPI, folder: Path) -> None:
    """Serves the domain pack's pictures under /media."""
    app.mount("/media", StaticFiles(directory=folder, check_dir=False), name="catalogue")


def ranged(content: bytes, media_type: str, asked: str) -> Response:
    """`content`, or the one range that players ask for."""
    match = _RANGE.fullmatch(asked.strip())
    if not match or match[0] == "bytes=-":
        return Response(content, 200, _HEADERS, media_type)
    start, end = _bounds(match[1], match[2], len(content))
    if start > end:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(content)}"})
    where = {"Content-Range": f"bytes {start}-{end}/{len(content)}"}
    return Response(content[start : end + 1], 206, {**_HEADERS, **where}, media_type)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """First and last byte, both included; a range without a first is a suffix."""
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _allowed(doors: Access, media_id: str, token: str | None, cookie: str | None) -> Artefact:
    if not token and not cookie:
        raise AccessError("unauthorized")
    found = doors.artefacts.find(media_id)
    if found and token and doors.store.authorised(found.conversation_id, token):
        return found
    if not cookie or doors.staff.session(cookie) is None:
        raise AccessError("not_found")
    if found is None:
        raise AccessError("not_found")
    return found
