"""Wording: the pack's sentences, chosen by key, language and tone, with their values filled in."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence

from dialogue.domain import Domain, PackError
from dialogue.response.formats import NAMES, capital
from dialogue.types import Language
from dialogue.types.marks import known_marks, unmarked

ANSWER_SENTENCES = 4
"""An article is quoted up to so many sentences; its card or the page has the rest."""

_MARKUP = re.compile(
    r"^#+ .*$|[*_`>]+|^\s*[-+] |!\[[^\]]*\]\([^)]*\)|(?<=\])\([^)]*\)|[\[\]]", re.M
)
_NAMED = re.compile(r"\{(\w+)\}")
_OPENS_WITH_NAME = re.compile(r"\{(?:name|product|items|cheaper)\}")
_SENTENCE = re.compile(
    r".+?(?:[。！？!?]+[”’」]?|\.(?=\s|<|$)|…(?=\s|$)|$)(?:\s*<pause=\d+>)*", re.DOTALL
)


class Wording:
    """Says the keys of one pack; refuses a pack whose sentences name unknown values."""

    def __init__(self, domain: Domain) -> None:
        self._lines = domain.wording
        self.used: set[str] = set()
        """Keys that were said, for the coverage of stories."""
        for key, styles in domain.wording.items():
            _check(key, styles, domain.languages)

    def has(self, key: str) -> bool:
        """Whether the pack words `key`."""
        return key in self._lines

    def say(
        self,
        keys: Sequence[str],
        language: Language,
        values: Mapping[str, str],
        *,
        tone: str = "plain",
        seed: str = "",
        avoid: Collection[str] = (),
    ) -> str:
        """A sentence for the first key the pack words and the values can fill.

        `seed` picks the variant; those with a sentence in `avoid` come last. KeyError when no key
        can be said.
        """
        for key in keys:
            fillable = _fillable(self.variants(key, language, tone), values)
            if fillable:
                self.used.add(key)
                return _pick(fillable, values, seed, avoid)
        raise KeyError(f"responses.toml words none of {', '.join(keys)} in {language}")

    def variants(self, key: str, language: Language, tone: str = "plain") -> tuple[str, ...]:
        """The variants of `key`, in `tone` where the pack has that; none for an unknown key."""
        styles = self._lines.get(key, {})
        return styles.get(f"{language}_{tone}") or styles.get(language, ())

    def has_tone(
        self, keys: Sequence[str], language: Language, values: Mapping[str, str], tone: str
    ) -> bool:
        """Whether what `say` says of these is worded in `tone` by the pack."""
        said = next((k for k in keys if _fillable(self.variants(k, language, tone), values)), "")
        return f"{language}_{tone}" in self._lines.get(said, {})

    def say_line(self, line: str, values: Mapping[str, str]) -> str:
        """`line` with its values filled in; "" when one of them is missing."""
        return _fill(line, values) if _fillable((line,), values) else ""


def sentences(text: str) -> tuple[str, ...]:
    """`text` cut into sentences, Chinese and English; numbers and addresses stay whole."""
    return tuple(found.strip() for found in _SENTENCE.findall(text) if found.strip())


def bare(text: str) -> str:
    """An article's `text` without markup."""
    return _MARKUP.sub("", text)


def quoted(text: str) -> tuple[str, ...]:
    """The sentences of an article's `text` that an answer gives."""
    return sentences(bare(unmarked(text)))[:ANSWER_SENTENCES]


def _fillable(variants: Iterable[str], values: Mapping[str, str]) -> list[str]:
    return [v for v in variants if all(name in values for name in _NAMED.findall(v))]


def _pick(
    variants: Sequence[str], values: Mapping[str, str], seed: str, avoid: Collection[str]
) -> str:
    filled = [(len(set(_NAMED.findall(v))), _fill(v, values)) for v in variants]
    said = set(avoid)
    fresh = [pair for pair in filled if not set(sentences(unmarked(pair[1]))) & said] or filled
    fullest = max(count for count, _ in fresh)
    best = [text for count, text in fresh if count == fullest]
    return best[zlib.crc32(seed.encode()) % len(best)]


def _fill(variant: str, values: Mapping[str, str]) -> str:
    # A value may be a customer's words: it brings no marks of its own.
    text = _NAMED.sub(lambda match: unmarked(values[match[1]]), variant)
    return capital(text) if _OPENS_WITH_NAME.match(variant) else text


def _check(key: str, styles: Mapping[str, Sequence[str]], languages: Sequence[Language]) -> None:
    for language in languages:
        if language not in styles:
            raise PackError(f'responses.toml: "{key}" has no {language}')
    for style, lines in styles.items():
        for line in lines:
            unknown = set(_NAMED.findall(line)) - NAMES
            if unknown or "{" in _NAMED.sub("", line):
                raise PackError(f'responses.toml: "{key}".{style}: unknown value in {line!r}')
            if not known_marks(line):
                raise PackError(f'responses.toml: "{key}".{style}: unknown mark in {line!r}')
