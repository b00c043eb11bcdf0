"""Rehearsal: tells stories to the real line, each against a demo shop of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.answering import Turned, answer
from app.config import Settings, Shop, Speech
from app.conversation import Conversation
from app.coverage import Covered, coverage, steps_of
from app.engines import Progress, build_actions, silently
from app.expectations import otherwise
from app.house import House, open_settings
from app.signatures import Kind
from app.standing import standing_state
from app.store.archive import Archive
from app.store.conversations import Conversations
from app.store.database import open_database
from app.store.instants import utc_now
from app.stories import Exchange, Story
from dialogue.engines import Actions, Caller
from dialogue.nlu.language import written_language
from dialogue.types import ActionResult, Language, Outcome
from speech.audio import encode_wav, join

_SEEDED = "seeded.db"


@dataclass(frozen=True, slots=True)
class Telling:
    """How a story went."""

    story: Story
    faults: tuple[str, ...]
    """What was otherwise, each with the number of its turn; none when all went as told."""
    ms: tuple[float, ...] = ()
    """How long each turn took, milliseconds."""
    steps: frozenset[str] = frozenset()
    """Steps of flows gone through."""
    intents: frozenset[str] = frozenset()


class ScriptedActions:
    """A shop that answers as it is told where it is told to, and else as it would."""

    def __init__(self, shop: Actions) -> None:
        self._shop = shop
        self.script: Mapping[str, str] = {}
        """An action to its outcome, and a code after a blank."""

    def check(self, action: str, arguments: Mapping[str, Any], caller: Caller) -> ActionResult:
        """The seam's promise, or what the script says."""
        return self._scripted(action) or self._shop.check(action, arguments, caller)

    def run(self, action: str, arguments: Mapping[str, Any], caller: Caller) -> ActionResult:
        """The seam's promise, or what the script says."""
        return self._scripted(action) or self._shop.run(action, arguments, caller)

    def _scripted(self, action: str) -> ActionResult | None:
        outcome, _, code = self.script.get(action, "").partition(" ")
        return ActionResult(action, Outcome(outcome), code) if outcome else None


@contextmanager
def rehearsing(
    settings: Settings, progress: Progress = silently, *, aloud: bool = False
) -> Iterator[Rehearsal]:
    """The line on demo tables that are thrown away, without ears and voices unless `aloud`."""
    quiet = Speech(recognizer="replay", detector="energy", english="tone", chinese="tone")
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / _SEEDED}"
        speech = settings.speech if aloud else quiet
        changed = {"speech": speech, "shop": Shop(), "database_url": url}
        house = open_settings(settings.model_copy(update=changed), progress)
        if aloud:  # or loading would count as time of a turn
            house.engines.complete()
        house.database.close()
        yield Rehearsal(house, Path(folder))


class Rehearsal:
    """Holds one story after the other."""

    def __init__(self, house: House, folder: Path) -> None:
        self._house, self._folder = house, folder
        self._shop = ScriptedActions(house.engines.actions)
        self._ahead = timedelta()
        """How far the conversation's clock is ahead of the real one."""

    def tell(self, story: Story) -> Telling:
        """Holds the conversation and compares; the first turn that differs ends it."""
        with self.stage(story.at) as house:
            turns: list[Turned] = []
            faults = self._faults(house, story, turns)
            ends = [max(s.start + s.seconds for s in turned.trace.spans) for turned in turns]
            return Telling(
                story,
                tuple(faults),
                tuple(1000 * end for end in ends),
                frozenset(step for turned in turns for step in steps_of(turned.record)),
                frozenset(turned.perceived.meaning.intent for turned in turns),
            )

    def coverage(self, tellings: Sequence[Telling]) -> tuple[Covered, ...]:
        """How much of the pack `tellings`, and everything else said here, went through."""
        steps = {step for telling in tellings for step in telling.steps}
        intents = {intent for telling in tellings for intent in telling.intents}
        engines = self._house.engines
        return coverage(engines.domain, steps, intents, engines.responder.used)

    @contextmanager
    def stage(self, at: datetime | None = None) -> Iterator[House]:
        """The line on a demo shop of its own, which is thrown away afterwards.

        To the line it is always `at`, on the business's own clock; the shop's books are of now.
        """
        copy, self._ahead = self._folder / "story.db", timedelta()
        for left in self._folder.glob("story.db*"):
            left.unlink()
        shutil.copy(self._folder / _SEEDED, copy)
        database = open_database(f"sqlite:///{copy}")
        try:
            house = replace(self._house, database=database)
            self._shop = ScriptedActions(build_actions(house.settings, database))
            engines = replace(house.engines, actions=self._shop)
            if at:
                moment = at.replace(tzinfo=engines.domain.people.zone)
                engines = replace(engines, responder=engines.responder.at(moment))
            store = Conversations(database)
            yield replace(
                house,
                engines=engines,
                store=store,
                archive=Archive(database),
                conversation=Conversation(engines, store, lambda: utc_now() + self._ahead),
            )
        finally:
            database.close()

    def _faults(self, house: House, story: Story, turns: list[Turned]) -> list[str]:
        conversation = ""
        if story.customer:
            conversation = house.store.start(story.language, "api", story.customer)[0]
        house.conversation.greet(story.language)
        for number, exchange in enumerate(story.exchanges, 1):
            self._shop.script = exchange.shop_says or {}
            self._ahead += timedelta(hours=exchange.later)
            text, files = _sent(exchange, house, story.language)
            turned = answer(house, story.language, text, files, conversation_id=conversation)
            turns.append(turned)
            self._shop.script = {}
            conversation = turned.conversation_id
            state = standing_state(house.store.standing(conversation))
            shop = house.engines.actions
            if told := list(otherwise(exchange, turned, state, shop)):
                said = exchange.customer or exchange.photo
                return [f"turn {number}, {said!r}: {fault}" for fault in told]
        return []


def _sent(
    exchange: Exchange, house: House, home: Language
) -> tuple[str, tuple[tuple[Kind, bytes], ...]]:
    """The words typed, and the sound and the photo sent with them."""
    files: list[tuple[Kind, bytes]] = []
    if exchange.photo:
        files.append(("picture", (house.settings.pack / exchange.photo).read_bytes()))
    if not exchange.spoken:
        return exchange.customer, tuple(files)
    voice = house.engines.voices[written_language(exchange.customer, home)]
    files.append(("audio", encode_wav(join(list(voice.speak(exchange.customer))))))
    return "", tuple(files)
