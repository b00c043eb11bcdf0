"""Warming: says a pack's fixed first clauses once, so that the phrase cache has them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from dialogue.domain import Domain
from dialogue.knowledge import Article
from dialogue.response.wording import sentences
from dialogue.types import Language
from speech.engines import Synthesizer
from speech.sentences import clauses

logger = logging.getLogger(__name__)

_PATIENCE = 0.5
"""Seconds between looks whether customers are being served."""


def first_clauses(
    domain: Domain, articles: Iterable[Article], language: Language
) -> tuple[str, ...]:
    """What replies in `language` may open with, as far as it holds no values; each once."""
    lines = [*_wording(domain, language), *_answers(articles, language)]
    opening = (next(clauses(line), "") for line in lines)
    return tuple(dict.fromkeys(c for c in opening if c and "{" not in c))


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
