"""Warming: says a pack's fixed first clauses once, so that the phrase cache has them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from app.trace import Trace
from dialogue.domain import Domain
from dialogue.knowledge import Article
from dialogue.response.wording import sentences
from dialogue.types import Language, State, Turn
from speech.engines import Synthesizer
from speech.sentences import clauses

logger = logging.getLogger(__name__)

_CHANCES = 6
"""Times that a reply is rehearsed: chance chooses among up to three variants."""
_PATIENCE = 0.5
"""Seconds between looks whether customers are being served."""


def first_clauses(
    domain: Domain, articles: Iterable[Article], language: Language
) -> tuple[str, ...]:
    """What replies in `language` may open with, as far as it holds no values; each once."""
    lines = [*_wording(domain, language), *_answers(articles, language)]
    opening = (next(clauses(line), "") for line in lines)
    return tuple(dict.fromkeys(c for c in opening if c and "{" not in c))


class Foreseeing(Protocol):
    """Knows what it would answer, without doing it."""

    def hear(self, turn: Turn, state: State, trace: Trace) -> Any:
        """What `turn` means."""
        ...

    def opening(self, turn: Turn, state: State, perceived: Any) -> tuple[Language, str]:
        """The language and the first clause of the reply."""
        ...


def rehearsed(
    conversation: Foreseeing,
    questions: Sequence[str],
    language: Language,
    report: Callable[[float], None] = lambda _share: None,
) -> tuple[str, ...]:
    """What replies to `questions` would open with in a new conversation, values included; each
    once, in all the variants that chance chooses from."""
    found: dict[str, None] = {}
    for number, text in enumerate(questions, 1):
        perceived = None
        for chance in range(_CHANCES):
            state = State(language=language)
            turn = Turn(f"warm-{chance}", "warm", language, text=text, wants_speech=True)
            perceived = perceived or conversation.hear(turn, state, Trace())
            spoken, first = conversation.opening(turn, state, perceived)
            if first and spoken == language:
                found[first] = None
        report(number / len(questions))
    return tuple(found)


def warm(
    voice: Synthesizer,
    phrases: Sequence[str],
    busy: Callable[[], bool],
    stop: threading.Event,
    report: Callable[[float], None] = lambda _share: None,
) -> None:
    """Speaks each of `phrases` into the cache behind `voice`, only while nobody waits."""
    for number, phrase in enumerate(phrases, 1):
        while busy() and not stop.wait(_PATIENCE):
            pass
        if stop.is_set():
            return
        for _clip in voice.speak(phrase):
            pass
        report(number / len(phrases))
    logger.info("%d phrases are ready to be said at once", len(phrases))


def _wording(domain: Domain, language: Language) -> Iterator[str]:
    for key, styles in domain.wording.items():
        if key.startswith(("word.", "suggest", "card")):
            continue
        for style, variants in styles.items():
            if style.partition("_")[0] == language:
                yield from (sentences(variant)[0] for variant in variants if sentences(variant))


def _answers(articles: Iterable[Article], language: Language) -> Iterator[str]:
    for article in articles:
        if article.language == language and article.sections:
            yield from sentences(article.sections[0].text)[:1]
