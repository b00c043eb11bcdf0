"""Cards as pictures: what an answer showed, as one file that stands by itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from app.api.deps import Access, Customer, Doors
from app.api.descriptions import failures
from app.errors import AccessError
from dialogue.response.cards import MEDIA
from web.card_picture import card_svg

router = APIRouter(prefix="/v1", tags=["media"])

LARGEST_PHOTO = 1 << 20
"""Bytes of a catalogue picture that is put into a card's."""

_HEADERS = {
    "Cache-Control": "private, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
}


@router.get(
    "/conversations/{conversation_id}/cards/{turn_id}/{number}",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}}, **failures(401, 404, 422)},
)
async def card(turn_id: str, number: int, doors: Doors, standing: Customer) -> Response:
    """The card in part `number` of the answer to `turn_id`, as SVG: light, dark, no script."""
    drawn = await run_in_threadpool(_drawn, doors, standing.conversation_id, turn_id, number)
    return Response(drawn, headers=_HEADERS, media_type="image/svg+xml")


def _drawn(doors: Access, conversation_id: str, turn_id: str, number: int) -> str:
    shown = _card(doors, conversation_id, turn_id, number)
    language = doors.store.standing(conversation_id).language
    media = doors.settings.pack / "media"
    beside = [_photo(media, column["image"]) for column in shown.get("columns") or ()]
    return card_svg(shown, language, _photo(media, shown.get("image") or ""), beside)


def _card(doors: Access, conversation_id: str, turn_id: str, number: int) -> Mapping[str, Any]:
    """As the part's event has it. Raises AccessError where there is none."""
    after = 0
    while found := doors.store.events(conversation_id, after):
        for event in found:
            body = event.body
            if event.kind == "part" and (body["turn_id"], body["number"]) == (turn_id, number):
                if body.get("card"):
                    return cast("Mapping[str, Any]", body["card"])
                raise AccessError("not_found")
        after = found[-1].number
    raise AccessError("not_found")


def _photo(folder: Path, address: str) -> bytes:
    """The catalogue's picture at `address`; b"" where there is none of ours."""
    if not address.startswith(MEDIA) or not address.endswith(".jpg"):
        return b""
    path = (folder / address.removeprefix(MEDIA)).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return b""
    return path.read_bytes() if path.stat().st_size <= LARGEST_PHOTO else b""
