"""Puts the access layer together and onto an application."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI

from app.api import admin, callbacks, cards, chat, health, login, media
from app.api.deps import Access, Greeter
from app.api.descriptions import TAGS
from app.api.eventlog import EventLog
from app.api.failures import install
from app.api.media import mount_catalogue
from app.api.metrics import Metrics
from app.api.middleware import BodyLimit, SecurityHeaders
from app.api.poller import Poller
from app.api.replies import Pipeline, Replier
from app.api.speaking import Speaking
from app.api.throttles import throttles
from app.config import Settings
from app.intake import Intake
from app.store.archive import Archive
from app.store.artefacts import Artefacts
from app.store.callbacks import Callbacks
from app.store.changes import Changes
from app.store.conversations import Conversations
from app.store.database import Database
from app.store.erasure import Erasure
from app.store.handover import Handover
from app.store.instants import utc_now
from app.store.staff import Staff
from dialogue.domain import People


@dataclass(frozen=True, slots=True, eq=False)
class Storage:
    """The stores that the access layer works with."""

    conversations: Conversations
    artefacts: Artefacts
    archive: Archive
    erasure: Erasure
    handover: Handover
    staff: Staff
    database: Database


def mount_api(app: FastAPI, settings: Settings) -> None:
    """Adds routes, failures and middleware; they answer 503 until `open_access` was called."""
    app.openapi_tags = TAGS
    app.state.metrics = Metrics()
    install(app, app.state.metrics)
    for room in (chat, callbacks, login, admin, cards, media, health):
        app.include_router(room.router)
    app.include_router(callbacks.desk)
    mount_catalogue(app, settings.pack / "media")
    app.add_middleware(BodyLimit, limits=settings.limits)
    app.add_middleware(SecurityHeaders, secure=settings.secure)


def open_access(
    app: FastAPI,
    settings: Settings,
    storage: Storage,
    pipeline: Pipeline,
    intake: Intake,
    greet: Greeter,
    clock: Callable[[], float] = time.monotonic,
    people: People | None = None,
    loaded: Callable[[], bool] = lambda: True,
) -> Access:
    """Opens the doors: from now on turns are taken in, and those left over are answered."""
    metrics: Metrics = app.state.metrics
    log = EventLog(storage.conversations)
    replier = Replier(storage.conversations, storage.artefacts, log, pipeline, metrics)
    limits = settings.limits
    stored, sounds = storage.conversations, storage.artefacts
    workers, waiting = limits.turns_at_once, limits.turns_waiting
    speaking = Speaking(stored, sounds, log, replier, workers=workers, waiting=waiting)
    metrics.watch_queue(lambda: speaking.waiting)
    app.state.access = Access(
        settings=settings,
        store=storage.conversations,
        artefacts=storage.artefacts,
        archive=storage.archive,
        erasure=storage.erasure,
        handover=storage.handover,
        staff=storage.staff,
        database_ready=storage.database.ready,
        engines_loaded=loaded,
        intake=intake,
        log=log,
        poller=Poller(log, Changes(storage.database)),
        speaking=speaking,
        throttles=throttles(limits, metrics, clock),
        metrics=metrics,
        greet=greet,
        callbacks=Callbacks(storage.database),
        people=people or People(),
        now=utc_now,
    )
    speaking.resume_unanswered(intake)
    made: Access = app.state.access
    return made


def close_access(access: Access) -> None:
    """Ends every stream and waits for the turns under way."""
    access.poller.close()
    access.log.close()
    access.speaking.close()
