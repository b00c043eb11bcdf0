"""The two forms of POST /v1/chat, multipart and JSON, read into one message."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from app.api.language import language_of
from app.api.schemas import ChatForm, ChatRequest
from app.errors import AccessError
from app.intake import Envelope
from app.signatures import Kind

Parsed = TypeVar("Parsed", bound=BaseModel)

_LOCALE = re.compile(rb'"locale"\s*:\s*"(zh|en)"')
"""Read before the rest, so that a complaint about the rest is in the customer's language."""
_FILES = 16
"""More than anybody may send, so that the refusal can say how many are allowed."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message before it is known whose it is."""

    conversation_id: str | None
    customer: str | None
    """The host site's token for whom it vouches."""
    envelope: Envelope


async def read_message(request: Request) -> Message:
    """The message in `request`. Raises AccessError or RequestValidationError."""
    form = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if form == "multipart/form-data":
        return await _from_form(request)
    if form == "application/json":
        body = await request.body()
        if told := _LOCALE.search(body):
            request.state.language = told[1].decode()
        # Base64 of several pictures takes long enough to hold up everybody else.
        parsed = await run_in_threadpool(_parse, ChatRequest.model_validate_json, body)
        return _message(request, parsed, _files_of(parsed))
    raise AccessError("unsupported_content_type")


async def _from_form(request: Request) -> Message:
    async with request.form(max_files=_FILES, max_fields=_FILES) as form:
        fields = {k: v for k, v in form.items() if isinstance(v, str) and v.strip()}
        parsed = _parse(ChatForm.model_validate, fields)
        files = await _uploads(form)
    return _message(request, parsed, files)


async def _uploads(form: FormData) -> tuple[tuple[Kind, bytes], ...]:
    kinds: tuple[tuple[str, Kind], ...] = (("audio", "audio"), ("pictures", "picture"))
    return tuple(
        [
            (kind, await upload.read())
            for name, kind in kinds
            for upload in form.getlist(name)
            if isinstance(upload, UploadFile)
        ]
    )


def _files_of(message: ChatRequest) -> tuple[tuple[Kind, bytes], ...]:
    pictures: list[tuple[Kind, bytes]] = [("picture", p) for p in message.pictures_base64]
    if message.audio_base64 is None:
        return tuple(pictures)
    return (("audio", message.audio_base64), *pictures)


def _message(
    request: Request, parsed: ChatForm | ChatRequest, files: tuple[tuple[Kind, bytes], ...]
) -> Message:
    locale = parsed.locale or language_of(request)
    request.state.language = locale
    envelope = Envelope(
        conversation_id=parsed.conversation_id or "",
        turn_id=parsed.turn_id or secrets.token_hex(8),
        locale=locale,
        text=parsed.text,
        files=files,
        wants_speech=parsed.speak,
        device=tuple(parsed.device),
    )
    return Message(parsed.conversation_id, parsed.customer, envelope)


def _parse(validate: Callable[[Any], Parsed], body: Any) -> Parsed:
    try:
        return validate(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False)) from error
