"""The pages a browser opens: the customer's chat, the widget, the operators' panel, the API."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.metadata import version
from pathlib import Path
from string import Template

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from dialogue.types import Language

Names = Mapping[str, Mapping[Language, str]]
"""What something of a pack is called, per language."""

STATIC = Path(__file__).parent / "static"
SWAGGER = "fastapi_swagger"
"""The package that carries Swagger UI's files."""

_YEAR = 31_536_000
"""Seconds a file may be kept whose address changes with its content."""

_CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob: data:",
    "media-src": "'self' blob: data:",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
}


def pages(
    shop: Mapping[Language, str],
    frame_ancestors: Sequence[str] = (),
    intents: Names | None = None,
    products: Names | None = None,
) -> APIRouter:
    """Routes for `/`, the widget, its demo, `/admin`, `/docs` and their static files.

    `shop` is its name per language. `frame_ancestors` lists the sites that may show the widget's
    frame, as CSP sources; our own demo always may. Operators read `intents` and `products` by
    their names in each language.
    """
    router = APIRouter(include_in_schema=False)
    stamp = _fingerprint(STATIC)
    values = {
        "shop_zh": escape(shop["zh"]),
        "shop_en": escape(shop["en"]),
        "shop": escape(" ".join(dict.fromkeys(shop.values()))),
        "static": f"/static/{stamp}",
    }
    whole = {**values, "mode": "page", "tongue": "lang.other"}
    framed = {**values, "mode": "frame", "tongue": "lang.short"}
    framers = " ".join(("'self'", *frame_ancestors))
    _add_page(router, "/", "client/page.html", whole, "'none'")
    _add_page(router, "/widget/frame", "client/page.html", framed, framers)
    _add_page(router, "/widget/demo", "widget/demo.html", values, "'none'")
    named = {"intents": intents or {}, "products": products or {}}
    pack = {kind: {name: dict(each) for name, each in of.items()} for kind, of in named.items()}
    desk = {**values, "pack": escape(json.dumps(pack, ensure_ascii=False))}
    _add_page(router, "/admin", "admin/page.html", desk, "'none'")
    _add_page(router, "/docs", "reference/page.html", values, "'none'")
    _add_files(router, stamp)
    return router


def _add_page(
    router: APIRouter, path: str, name: str, values: Mapping[str, str], ancestors: str
) -> None:
    html = Template((STATIC / name).read_text(encoding="utf-8")).substitute(values)
    tag = f'"{hashlib.sha256(html.encode()).hexdigest()[:20]}"'
    headers = {**_security(ancestors), "Cache-Control": "no-cache", "ETag": tag}

    @router.get(path, response_class=HTMLResponse)
    def page(request: Request) -> Response:
        if request.headers.get("If-None-Match") == tag:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(html, headers=headers)


def _add_files(router: APIRouter, current: str) -> None:
    files = StaticFiles(directory=STATIC, packages=[(SWAGGER, "resources")])

    @router.get("/widget.js")
    async def loader(request: Request) -> Response:
        """The one script a shop puts on its pages; any site may load it."""
        response = await files.get_response("widget/widget.js", request.scope)
        response.headers["Cache-Control"] = "public, max-age=300"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @router.get("/static/{stamp}/{path:path}")
    async def static(stamp: str, path: str, request: Request) -> Response:
        """A file; for ever when the address names its version, else revalidated."""
        response = await files.get_response(path, request.scope)
        keep = f"public, max-age={_YEAR}, immutable" if stamp == current else "no-cache"
        response.headers["Cache-Control"] = keep
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @router.get("/favicon.ico")
    async def favicon(request: Request) -> Response:
        """Lingxi's mark."""
        return await files.get_response("design/mark.svg", request.scope)


def _security(ancestors: str) -> dict[str, str]:
    policy = {**_CSP, "frame-ancestors": ancestors}
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), camera=(self), geolocation=()",
    }


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256(version("fastapi-swagger").encode())
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
