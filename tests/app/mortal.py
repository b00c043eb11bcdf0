"""`python -m tests.app.mortal VAR DOMAINS PORT STAGE`: a real server that kills itself, -9.

It dies when the turn called `turn-STAGE` gets to that stage.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import uvicorn

from app.conversation import Conversation
from app.house import House, open_settings
from app.logs import TURN
from app.main import create_app
from app.store.conversations import Conversations
from app.store.records import IncomingTurn, StoredTurn
from dialogue.engines import Actions, Caller
from dialogue.types import ActionResult, AudioClip, Hints, Owner, Transcript
from speech.asr.replay import ReplayRecognizer
from tests.fakes import cheap_settings

HEARD = "好的"
"""What every recording is heard as."""
STAGES = (
    "received",
    "hearing",
    "before-action",
    "acted",
    "first-part",
    "between-parts",
    "before-finish",
    "finished",
)


def die() -> None:
    """The end of the process, without a chance to clean up."""
    os.kill(os.getpid(), signal.SIGKILL)


class MortalStore:
    """The real store; dies around its writes."""

    def __init__(self, store: Conversations, stage: str) -> None:
        self._store = store
        self._stage = stage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def receive(self, turn: IncomingTurn) -> StoredTurn:
        """Dies when the turn is kept and nobody was told."""
        stored = self._store.receive(turn)
        if self._stage == "received" and self._mine(turn.turn_id):
            die()
        return stored

    def append(
        self, conversation_id: str, kind: str, body: Mapping[str, Any], owner: Owner | None = None
    ) -> int:
        """Dies before the second part is logged."""
        mine = kind == "part" and self._mine(body["turn_id"])
        if mine and self._stage == "between-parts" and body["number"] == 1:
            die()
        number = self._store.append(conversation_id, kind, body, owner)
        if mine and self._stage == "first-part":
            die()
        return number

    def finish(self, conversation_id: str, turn_id: str, *args: Any, **more: Any) -> int:
        """Dies before or after the turn is closed."""
        if self._stage == "before-finish" and self._mine(turn_id):
            die()
        version = self._store.finish(conversation_id, turn_id, *args, **more)
        if self._stage == "finished" and self._mine(turn_id):
            die()
        return version

    def _mine(self, turn_id: str) -> bool:
        return turn_id == f"turn-{self._stage}"


class MortalRecognizer:
    """Hears `HEARD`, or dies while it listens."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._replay = ReplayRecognizer(otherwise=(HEARD,))

    def transcribe(self, clip: AudioClip, hints: Hints) -> Transcript:
        """The one thing it ever hears."""
        if self._stage == "hearing" and TURN.get() == "turn-hearing":
            die()
        return self._replay.transcribe(clip, hints)


class MortalActions:
    """The real shop; dies around a cancellation."""

    def __init__(self, shop: Actions, stage: str) -> None:
        self._shop = shop
        self._stage = stage

    def check(self, action: str, arguments: Mapping[str, Any], caller: Caller) -> ActionResult:
        """What the shop would say."""
        return self._shop.check(action, arguments, caller)

    def run(self, action: str, arguments: Mapping[str, Any], caller: Caller) -> ActionResult:
        """Dies before the order is cancelled, or right after."""
        ours = action == "cancel_order" and caller.key.split(":")[1] == f"turn-{self._stage}"
        if ours and self._stage == "before-action":
            die()
        result = self._shop.run(action, arguments, caller)
        if ours and self._stage == "acted":
            die()
        return result


def mortal(house: House, stage: str) -> House:
    """The installation, made to die at `stage`."""
    store = cast(Conversations, MortalStore(house.store, stage))
    engines = replace(
        house.engines,
        recognizer=MortalRecognizer(stage),
        actions=MortalActions(house.engines.actions, stage),
    )
    return replace(house, store=store, engines=engines, conversation=Conversation(engines, store))


def main() -> None:
    """Serves until it dies."""
    var, domains, port, stage = sys.argv[1:]
    settings = cheap_settings(Path(var), Path(domains), playground=False)
    app = create_app(house=mortal(open_settings(settings), stage))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error", access_log=False)


if __name__ == "__main__":
    main()
