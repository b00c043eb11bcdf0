"""Warming: says a pack's fixed clauses once, so that the phrase cache has them."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from app.trace import Trace
from dialogue.domain import Domain
from dialogue.knowledge import Article
from dialogue.response.wording import quoted, sentences
from dialogue.types import Language, State, Turn
from speech.engines import Synthesizer
from speech.sentences import clauses

logger = logging.getLogger(__name__)

_CHANCES = 6
"""Times that a reply is rehearsed: chance chooses among up to three variants."""
_PATIENCE = 0.5
"""Seconds between looks whether customers are being served."""
_NAMED = re.compile(r"\{(\w+)\}")
_VALUE, _LENGTHS = "\u3400", (2, 5, 9)
"""Stands for one syllable of a value; a character that nobody writes."""


def fixed_phrases(domain: Domain, articles: Sequence[Article]) -> tuple[tuple[Language, str], ...]:
    """The fixed clauses of all the pack's languages: what is waited for in any of them comes
    before what is not, and among equals the pack's first language does."""
    ranks = [(language, _ranked(domain, articles, language)) for language in domain.languages]
    by_rank = zip(*([(language, rank) for rank in of] for language, of in ranks), strict=True)
    return tuple((language, c) for same in by_rank for language, rank in same for c in rank)


def fixed_clauses(
    domain: Domain, articles: Sequence[Article], language: Language
) -> tuple[str, ...]:
    """The clauses of replies in `language` that hold no values, each once.

    What replies may open with comes first: it is waited for, the rest is made while that sounds.
    """
    return tuple(c for rank in _ranked(domain, articles, language) for c in rank)


def _ranked(
    domain: Domain, articles: Sequence[Article], language: Language
) -> tuple[tuple[str, ...], ...]:
    """The openings of wordings, those of answers, and what follows; each clause once."""
    worded = list(_wording(domain, articles, language))
    answered = list(_answers(articles, language))
    ranks = (
        [next(clauses(some[0]), "") for some in worded],
        [next(clauses(some[0]), "") for some in answered],
        [clause for some in (*worded, *answered) for line in some for clause in clauses(line)],
    )
    seen: set[str] = {""}
    return tuple(tuple(_fresh(rank, seen)) for rank in ranks)


def _fresh(found: Iterable[str], seen: set[str]) -> Iterator[str]:
    """Those of `found` that hold no value and were not `seen`."""
    for clause in found:
        if clause not in seen and _VALUE not in clause:
            seen.add(clause)
            yield clause


class Foreseeing(Protocol):
    """Knows what it would answer, without doing it."""

    def hear(self, turn: Turn, state: State, trace: Trace) -> Any:
        """What `turn` means."""
        ...

    def outlook(self, turn: Turn, state: State, perceived: Any) -> tuple[Language, tuple[str, ...]]:
        """The language and the clauses of the reply."""
        ...


def rehearsed(
    conversation: Foreseeing,
    questions: Sequence[str],
    language: Language,
    report: Callable[[float], None] = lambda _share: None,
) -> tuple[str, ...]:
    """What replies to `questions` would say in a new conversation, values included; each clause
    once, in all the variants that chance chooses from, openings first."""
    opening: dict[str, None] = {}
    later: dict[str, None] = {}
    for number, text in enumerate(questions, 1):
        perceived = None
        for chance in range(_CHANCES):
            state = State(language=language)
            turn = Turn(f"warm-{chance}", "warm", language, text=text, wants_speech=True)
            perceived = perceived or conversation.hear(turn, state, Trace())
            tongue, spoken = conversation.outlook(turn, state, perceived)
            if tongue == language:
                opening |= dict.fromkeys(spoken[:1])
                later |= dict.fromkeys(spoken[1:])
        report(number / len(questions))
    return tuple(opening | later)


def warm(
    voices: Mapping[Language, Synthesizer],
    phrases: Sequence[tuple[Language, str]],
    busy: Callable[[], bool],
    stop: threading.Event,
    report: Callable[[float], None] = lambda _share: None,
) -> None:
    """Speaks each of `phrases` into the cache behind its voice, only while nobody waits."""
    for number, (language, phrase) in enumerate(phrases, 1):
        while busy() and not stop.wait(_PATIENCE):
            pass
        if stop.is_set():
            return
        for _clip in voices[language].speak(phrase):
            pass
        report(number / len(phrases))
    logger.info("%d phrases are ready to be said at once", len(phrases))


def _wording(
    domain: Domain, articles: Sequence[Article], language: Language
) -> Iterator[tuple[str, ...]]:
    """The sentences of each wording, with values of several lengths: what follows one is cut
    elsewhere after a long one."""
    known = [{"title": article.title} for article in articles if article.language == language]
    known += [
        {"product": product.names[language], "storage": product.storage[language]}
        for product in domain.products.values()
        if product.storage[language]
    ]
    for key, styles in domain.wording.items():
        if key.startswith(("word.", "suggest", "card")):
            continue
        for style, variants in styles.items():
            if style.partition("_")[0] == language:
                yield from (
                    found for v in variants for t in _filled(v, known) if (found := sentences(t))
                )


def _filled(variant: str, known: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """`variant` with all values that the pack itself knows, else with stand-ins."""
    named = set(_NAMED.findall(variant))
    fitting = [values for values in known if named == values.keys()]
    yield from (variant.format_map(values) for values in fitting)
    if not fitting:
        lengths = _LENGTHS if named else _LENGTHS[:1]
        yield from (_NAMED.sub(_VALUE * length, variant) for length in lengths)


def _answers(articles: Iterable[Article], language: Language) -> Iterator[tuple[str, ...]]:
    """What is quoted of each article: its short answers first, as they are given most."""
    mine = [article.sections for article in articles if article.language == language]
    for sections in ([s[:1] for s in mine], [s[1:] for s in mine]):
        yield from (found for some in sections for s in some if (found := quoted(s.text)))
