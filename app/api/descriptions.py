"""What the API's description tells beyond what types say: bodies, events, failures."""

from __future__ import annotations

from typing import Any

from app.api.schemas import ChatRequest, Failure
from app.errors import REFUSALS

TAGS = [
    {"name": "customer", "description": "Conversations as a customer's client holds them."},
    {"name": "operator", "description": "The operators' panel. Cookie session and CSRF token."},
    {"name": "media", "description": "Sound and pictures."},
    {"name": "service", "description": "Health and metrics."},
]

_STREAM = """id: 1
event: turn
data: {"turn_id":"b7c1","text":"苹果多少钱？","modalities":["text"],"quality":{"text":1.0},"at":"…"}

id: 2
event: part
data: {"turn_id":"b7c1","number":0,"text":"苹果 5.90 元一斤。","suggestions":[],"last":true}

id: 3
event: done
data: {"turn_id":"b7c1","forms":["text"]}
"""

_KINDS = """Server-sent events; `id` is the position in the conversation's log.
`conversation` {conversation_id, token}, first and only when it was just made ·
`turn` what was received · `heard` what was understood of a recording ·
`part` one numbered piece of the answer: text, audio {url, type, seconds, data}, card,
suggestions, last · `owner` who answers now: bot, queue or operator ·
`message` an operator's words · `error` {turn_id, code, message} ·
`done` {turn_id, forms, first_audio_ms}. Lines beginning with `:` are heartbeats."""

EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": _KINDS,
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _STREAM}},
    }
}
CHAT_EVENTS = EVENTS

_FILE = {"type": "string", "format": "binary"}


def _form() -> dict[str, Any]:
    """The multipart form: the JSON fields, with files in place of base64."""
    schema = ChatRequest.model_json_schema()
    fields = {k: v for k, v in schema["properties"].items() if not k.endswith("_base64")}
    fields["audio"] = {**_FILE, "description": "One recording; the content decides its type."}
    fields["pictures"] = {"type": "array", "items": _FILE, "maxItems": 4}
    return {"type": "object", "properties": fields}


CHAT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _form()},
            "application/json": {"schema": ChatRequest.model_json_schema()},
        },
    }
}


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The failures a route may answer with, their codes named."""
    return {status: _failure(status) for status in (*statuses, 500)}


def _failure(status: int) -> dict[str, Any]:
    codes = {c: r.en for c, r in REFUSALS.items() if r.status == status}
    examples = {
        code: {"value": {"error": {"code": code, "message": message}}}
        for code, message in codes.items()
    }
    return {
        "model": Failure,
        "description": ", ".join(codes),
        "content": {"application/json": {"examples": examples}},
    }
