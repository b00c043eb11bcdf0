"""The playground, built when a builder first opens it: customers do not wait for Gradio."""

from __future__ import annotations

import asyncio
import contextlib
from importlib import import_module

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from web.builders import Converse

PATH = "/playground"


class Playground:
    """An ASGI application that stands in for Gradio's until the first request."""

    def __init__(self, converse: Converse) -> None:
        self._converse = converse
        self._once = asyncio.Lock()
        self._app: ASGIApp | None = None
        self._life: asyncio.Task[None] | None = None
        self._over = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, building the page first where there is none."""
        if self._app is None:
            async with self._once:
                self._app = self._app or await self._open()
        root = scope.get("root_path", "").removesuffix(PATH)
        await self._app({**scope, "root_path": root}, receive, send)

    async def close(self) -> None:
        """Ends what the page runs in the background, if it was ever opened."""
        self._over.set()
        if self._life:
            await self._life

    async def _open(self) -> FastAPI:
        await run_in_threadpool(import_module, "web.playground")  # seconds, of which Gradio is most
        built = _build(self._converse)
        opened = asyncio.Event()
        self._life = asyncio.create_task(self._live(built, opened))
        await opened.wait()
        if self._life.done():
            self._life.result()
        return built

    async def _live(self, built: FastAPI, opened: asyncio.Event) -> None:
        """One task enters and leaves the page's lifespan, as its cancel scopes ask."""
        with contextlib.ExitStack() as always:
            always.callback(opened.set)
            async with built.router.lifespan_context(built):
                opened.set()
                await self._over.wait()


def _build(converse: Converse) -> FastAPI:
    import gradio as gr

    from web.playground import THEME, playground

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    page = playground(converse)
    gr.mount_gradio_app(app, page, path=PATH, theme=THEME, footer_links=[], ssr_mode=False)
    return app
