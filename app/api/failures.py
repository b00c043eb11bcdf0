"""Every failure as one documented JSON shape, in the caller's language, without a stack trace."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.api.language import language_of
from app.api.metrics import Metrics
from app.errors import REFUSALS, AccessError, IntakeError, describe

logger = logging.getLogger(__name__)

_BY_STATUS = {
    401: "unauthorized",
    404: "not_found",
    405: "method_not_allowed",
    413: "request_too_large",
    415: "unsupported_content_type",
}


def failure(
    request: Request,
    code: str,
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> JSONResponse:
    """The JSON answer for `code`: {"error": {"code", "message"}}."""
    message = describe(code, language_of(request), **values)
    body = {"error": {"code": code, "message": message}}
    return JSONResponse(body, status_code=REFUSALS[code].status, headers=headers)


def install(app: FastAPI, metrics: Metrics) -> None:
    """Makes `app` answer every failure in the one shape and counts it by code."""

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, (IntakeError, AccessError))
        metrics.failed(error.code)
        headers = _retry(error.retry_after) if isinstance(error, AccessError) else None
        return failure(request, error.code, headers, **error.values)

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        metrics.failed("invalid_request")
        return failure(request, "invalid_request", field=_fields(error))

    def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = _BY_STATUS.get(error.status_code, "invalid_request")
        metrics.failed(code)
        return failure(request, code, error.headers, field=error.detail)

    def broken(request: Request, error: Exception) -> Response:
        logger.error("unhandled failure in %s %s", request.method, request.url.path, exc_info=error)
        metrics.failed("internal")
        return failure(request, "internal")

    app.add_exception_handler(IntakeError, refused)
    app.add_exception_handler(AccessError, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, broken)


def _retry(seconds: int | None) -> dict[str, str] | None:
    return None if seconds is None else {"Retry-After": str(seconds)}


def _fields(error: RequestValidationError) -> str:
    """The names of what is wrong; never the values, which may be a customer's words."""
    places = [[str(p) for p in e["loc"] if p not in _OUTER] for e in error.errors()]
    return ", ".join(dict.fromkeys(".".join(place) or "body" for place in places))


_OUTER = ("body", "query", "path", "header")
