"""The seams of the dialogue: what the manager needs from the rest of the world."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dialogue.types import (
    ActionResult,
    Decision,
    Language,
    Posterior,
    ReplyPlan,
    State,
    Transcript,
    Turn,
    Understanding,
)


class Embedder(Protocol):
    """Turns sentences into points whose nearness is nearness of meaning."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, width) unit-length vectors, one per text, in order. Thread-safe."""
        ...


class Parser(Protocol):
    """Reads intent and slots from words."""

    def parse(self, text: str, language: Language, state: State) -> Understanding:
        """Intents and slots of `text`, feeling and pictures left neutral."""
        ...


class Understander(Protocol):
    """Adds what voice, picture and wording tell beyond intent and slots."""

    def understand(
        self, turn: Turn, parsed: Understanding, transcript: Transcript | None, state: State
    ) -> Understanding:
        """`parsed` with sentiment, emotion, urgency, modality weights and sightings filled."""
        ...

    def close(self) -> None:
        """Ends what it keeps running beside the turns."""
        ...


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a knowledge article that may answer a question."""

    article: str
    title: str
    text: str
    score: float
    """Answers above the pack's threshold may be given."""
    image: str = ""
    assurance: float = math.inf
    """From the pack's `sure` on it is given as the answer; below that as what may be meant."""


class Knowledge(Protocol):
    """Finds passages that answer a question."""

    def search(
        self,
        query: str,
        language: Language,
        topics: Posterior = (),
        n: int = 3,
        within: str = "",
        naming: str = "",
    ) -> tuple[Passage, ...]:
        """The `n` best passages, best first; `topics` are the intents as far as they are known.

        With `within` only of articles that answer this intent, with `naming` only of sections that
        say this.
        """
        ...


class Vectors(Protocol):
    """Keeps vectors in named shelves, and finds those nearest to another."""

    def kept(self, shelf: str) -> Mapping[bytes, NDArray[np.float32]]:
        """What `shelf` holds: names of texts, and their (width,) unit-length vectors."""
        ...

    def keep(self, shelf: str, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Puts `vectors` in the place of everything that `shelf` held."""
        ...

    def nearest(self, shelf: str, asked: NDArray[np.float32], n: int) -> Mapping[bytes, float]:
        """The `n` nearest to `asked` and their cosines. VectorsAwayError where nobody answers."""
        ...


class VectorsAwayError(RuntimeError):
    """The place where vectors are kept does not answer."""


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf, and under which idempotency key, an action runs."""

    conversation_id: str
    key: str
    """(conversation, turn, step): the same key never acts twice."""
    verified: tuple[str, ...] = ()
    """Order numbers this customer proved to know."""
    language: Language = "zh"
    customer: str = ""
    """The shop's id of the customer whom the host site vouched for; "" for nobody."""


class Actions(Protocol):
    """What the shop can look up and do."""

    def check(self, action: str, arguments: Mapping[str, Any], caller: Caller) -> ActionResult:
        """What `run` would answer, without doing it."""
        ...

    def run(self, action: str, arguments: Mapping[str, Any], caller: Caller) -> ActionResult:
        """Does `action` once per `caller.key`; a repeated key returns the first answer."""
        ...


class Responder(Protocol):
    """Puts a decision into words and chooses the form."""

    def plan(
        self,
        decision: Decision,
        turn: Turn,
        meaning: Understanding,
        state: State,
        left: float = math.inf,
    ) -> ReplyPlan:
        """The whole reply to `turn`, clause by clause; `left` seconds until it is late."""
        ...


class UnwrittenError(RuntimeError):
    """A language model could not be asked, or broke off."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A request that a language model may take words for."""

    name: str
    description: str
    parameters: Mapping[str, str]
    """Name and what it is called; all are words and none is needed."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a language model called; anything may stand in it."""

    name: str
    arguments: Mapping[str, Any]


class Writer(Protocol):
    """A language model that writes; it decides nothing and acts on nothing."""

    def write(
        self, prompt: Sequence[tuple[str, str]], unwanted: Callable[[], bool]
    ) -> Iterator[str]:
        """The answer to (role, content) pairs, as it is written, until it is `unwanted`.

        Raises UnwrittenError.
        """
        ...

    def choose(
        self,
        prompt: Sequence[tuple[str, str]],
        tools: Sequence[Tool],
        unwanted: Callable[[], bool],
    ) -> ToolCall | None:
        """The first of `tools` that is called; None where none is, or once it is `unwanted`.

        Raises UnwrittenError.
        """
        ...
