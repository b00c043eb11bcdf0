"""Rehearsal: tells stories to the real line, each against a demo shop of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from app.answering import Turned, answer
from app.config import Settings, Shop, Speech
from app.conversation import Conversation
from app.coverage import Covered, coverage, steps_of
from app.engines import Progress, build_actions, silently
from app.house import House, open_settings
from app.signatures import Kind
from app.standing import standing_state
from app.store.archive import Archive
from app.store.conversations import Conversations
from app.store.database import open_database
from app.stories import Exchange, Story
from dialogue.engines import Caller
from dialogue.types import State

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


@contextmanager
def rehearsing(settings: Settings, progress: Progress = silently) -> Iterator[Rehearsal]:
    """The line without ears and voices, on demo tables that are thrown away."""
    quiet = Speech(recognizer="replay", detector="energy", english="tone", chinese="tone")
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / _SEEDED}"
        changed = {"speech": quiet, "shop": Shop(), "database_url": url}
        house = open_settings(settings.model_copy(update=changed), progress)
        house.database.close()
        yield Rehearsal(house, Path(folder))


class Rehearsal:
    """Holds one story after the other."""

    def __init__(self, house: House, folder: Path) -> None:
        self._house, self._folder = house, folder

    def tell(self, story: Story) -> Telling:
        """Holds the conversation and compares; the first turn that differs ends it."""
        with self.stage() as house:
            turns: list[Turned] = []
            faults = _faults(house, story, turns)
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
    def stage(self) -> Iterator[House]:
        """The line on a demo shop of its own, which is thrown away afterwards."""
        copy = self._folder / "story.db"
        for left in self._folder.glob("story.db*"):
            left.unlink()
        shutil.copy(self._folder / _SEEDED, copy)
        database = open_database(f"sqlite:///{copy}")
        try:
            house = replace(self._house, database=database)
            engines = replace(house.engines, actions=build_actions(house.settings, database))
            store = Conversations(database)
            yield replace(
                house,
                engines=engines,
                store=store,
                archive=Archive(database),
                conversation=Conversation(engines, store),
            )
        finally:
            database.close()


def _faults(house: House, story: Story, turns: list[Turned]) -> list[str]:
    conversation = ""
    house.conversation.greet(story.language)
    for number, exchange in enumerate(story.exchanges, 1):
        photo = house.settings.pack / exchange.photo
        files: tuple[tuple[Kind, bytes], ...] = ()
        if exchange.photo:
            files = (("picture", photo.read_bytes()),)
        turned = answer(
            house, story.language, exchange.customer, files, conversation_id=conversation
        )
        turns.append(turned)
        conversation = turned.conversation_id
        state = standing_state(house.store.standing(conversation))
        told = [*_meant(exchange, turned, state), *_said(exchange, turned), *_done(exchange, house)]
        if told:
            said = exchange.customer or exchange.photo
            return [f"turn {number}, {said!r}: {fault}" for fault in told]
    return []


def _meant(exchange: Exchange, turned: Turned, state: State) -> Iterator[str]:
    decisions = [turned.record["decision"], *turned.record["decision"]["before"]]
    done = [f"{d['act']} {d['topic']}".strip() for d in decisions]
    if exchange.intent and turned.perceived.meaning.intent != exchange.intent:
        yield f"intent {turned.perceived.meaning.intent}, not {exchange.intent}"
    if exchange.does and not {exchange.does} & {*done, decisions[0]["act"]}:
        yield f"does {', '.join(done)}, not {exchange.does} ({_reply(turned)})"
    if exchange.flow is not None and (state.flow or "") != exchange.flow:
        yield f"flow {state.flow!r}, not {exchange.flow!r}"
    if exchange.language and state.language != exchange.language:
        yield f"answers in {state.language}, not {exchange.language}"


def _said(exchange: Exchange, turned: Turned) -> Iterator[str]:
    reply = _reply(turned)
    yield from (f"never says {text!r}: {reply}" for text in exchange.says if text not in reply)
    yield from (f"says {text!r}: {reply}" for text in exchange.never if text in reply)
    kinds = {part.card.kind for part in turned.parts if part.card}
    if exchange.card and exchange.card not in kinds:
        yield f"no {exchange.card} card"
    labels = {s.label for part in turned.parts for s in part.suggestions}
    yield from (f"does not suggest {text!r}" for text in exchange.suggests if text not in labels)


def _done(exchange: Exchange, house: House) -> Iterator[str]:
    for asked, wanted in (exchange.shop or {}).items():
        action, _, order = asked.partition(" ")
        caller = Caller("rehearsal", "", ("*",))
        result = house.engines.actions.check(action, {"order_id": order}, caller)
        if wanted not in (result.code, result.outcome.value):
            yield f"the shop says {result.code or result.outcome.value} to {asked}, not {wanted}"


def _reply(turned: Turned) -> str:
    return "".join(part.text for part in turned.parts)
