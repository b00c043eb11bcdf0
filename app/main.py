"""create_app: the whole product as one ASGI application."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from app.answering import converse
from app.api.deps import Access
from app.api.mount import Storage, close_access, mount_api, open_access
from app.config import Settings
from app.house import House, build_erasure, open_settings, settle
from app.live import socket
from app.live.opening import open_live
from app.live.switchboard import Switchboard
from app.playground import PATH, Playground
from app.store.artefacts import Artefacts
from app.store.handover import Handover
from app.store.staff import Staff
from app.warming import fixed_phrases, warm
from dialogue.knowledge import read_articles
from dialogue.pack import load_domain
from web.pages import pages

logger = logging.getLogger(__name__)


def create_app(settings: Settings | None = None, house: House | None = None) -> FastAPI:
    """The application; engines load when it starts unless a loaded `house` is given."""
    chosen = house.settings if house else settings or Settings()
    playground = Playground(lambda sent: converse(app.state.house, sent))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened = house if house else await run_in_threadpool(open_settings, chosen)
        app.state.house = opened
        access = open_access(
            app,
            chosen,
            storage(opened),
            pipeline=opened.conversation,
            intake=opened.intake,
            greet=opened.conversation.greet,
            people=opened.engines.domain.people,
            loaded=lambda: opened.engines.completed,
        )
        board = open_live(app, access, opened.engines.detector, opened.conversation)
        stop = threading.Event()
        later = threading.Thread(target=_finish, args=(opened, access, board, stop), daemon=True)
        later.start()
        try:
            yield
        finally:
            stop.set()
            board.close()
            await playground.close()
            if later.is_alive():
                await run_in_threadpool(later.join)
            await run_in_threadpool(close_access, access)
            await run_in_threadpool(opened.close)

    app = FastAPI(lifespan=lifespan, **_TITLES)
    mount_api(app, chosen)
    app.include_router(socket.router)
    domain = load_domain(chosen.pack)
    intents = {name: intent.titles for name, intent in domain.intents.items()}
    products = {name: product.names for name, product in domain.products.items()}
    app.include_router(pages(domain.titles, chosen.framers, intents, products))
    if chosen.shows_playground:
        app.mount(PATH, playground)
    return app


_TITLES: dict[str, Any] = {
    "title": "Lingxi 灵犀",
    "version": "0.1.0",
    "summary": "Customer service that hears, sees and answers, in Chinese and English.",
    "docs_url": None,
    "redoc_url": None,
}


def _finish(house: House, access: Access, board: Switchboard, stop: threading.Event) -> None:
    """Loads what is loaded late; then fills the phrase cache while no customer waits or calls."""
    if not house.engines.completed:
        try:
            house.engines.complete()
        except Exception:  # whatever a back-end raises: /readyz tells it, typed turns go on
            logger.exception("an engine does not load")
        if gc.get_freeze_count():  # the server left the rest out of collection: this too
            settle()
    if not house.settings.speech.warm:
        return
    phrases = fixed_phrases(house.engines.domain, read_articles(house.settings.pack / "knowledge"))
    warm(house.engines.voices, phrases, lambda: access.speaking.waiting + board.calls > 0, stop)


def storage(house: House) -> Storage:
    """The stores of `house` as the access layer takes them."""
    database = house.database
    return Storage(
        conversations=house.store,
        artefacts=Artefacts(database),
        archive=house.archive,
        erasure=build_erasure(house.settings, database),
        handover=Handover(database),
        staff=Staff(database),
        database=database,
    )
