"""Opens everything a command needs: settings, database, engines, pipeline."""

from __future__ import annotations

import gc
import logging
from dataclasses import dataclass

from app.config import Settings
from app.conversation import Conversation
from app.engines import Engines, Progress, build_engines, silently
from app.engines.speaking import speech_forgetter
from app.intake import Intake
from app.store.archive import Archive
from app.store.conversations import Conversations
from app.store.database import Database, open_database
from app.store.erasure import Erasure
from app.store.seed import seed


@dataclass(frozen=True, slots=True, eq=False)
class House:
    """One installation, opened."""

    settings: Settings
    database: Database
    engines: Engines
    store: Conversations
    archive: Archive
    conversation: Conversation
    intake: Intake

    def close(self) -> None:
        """Ends the line's threads and closes the database."""
        self.conversation.close()
        self.engines.understander.close()
        self.database.close()


def read_settings(domain: str = "") -> Settings:
    """The settings, with another domain pack where one is named."""
    settings = Settings(domain=domain) if domain else Settings()
    logging.getLogger().setLevel(settings.log_level)
    return settings


def open_house(domain: str = "", progress: Progress = silently) -> House:
    """Migrates and seeds the database and loads the engines, but those that are loaded late."""
    return open_settings(read_settings(domain), progress)


def open_settings(settings: Settings, progress: Progress = silently) -> House:
    """The installation that `settings` describe."""
    database = open_database(settings.database)
    database.upgrade()
    if settings.shop.actions == "sql":
        seed(database, settings.pack)
    engines = build_engines(settings, database, progress)
    store = Conversations(database)
    return House(
        settings=settings,
        database=database,
        engines=engines,
        store=store,
        archive=Archive(database),
        conversation=Conversation(engines, store),
        intake=build_intake(settings, engines),
    )


def settle() -> None:
    """Leaves what is loaded by now out of garbage collection.

    It stays for good, and to look through it all would stop a turn for hundreds of milliseconds.
    What is made from here on is collected, also where loading went without.
    """
    gc.collect()
    gc.freeze()
    gc.enable()


def build_erasure(settings: Settings, database: Database) -> Erasure:
    """What forgets conversations, the phrase cache included."""
    return Erasure(database, speech_forgetter(settings))


def build_intake(settings: Settings, engines: Engines) -> Intake:
    """The intake with the engines' voice detector."""
    return Intake(settings.limits, engines.detector)
