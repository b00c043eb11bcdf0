"""Chinese: characters are written, syllables are heard."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

import jieba
from pypinyin import Style, lazy_pinyin

from speech import mandarin
from speech.joint.english import COARSE as COARSE_ENGLISH
from speech.joint.english import bare

_PIECE = re.compile(r"[㐀-鿿]|[a-z']+|\d+", re.IGNORECASE)
_RUN = re.compile(r"[㐀-鿿]+|[a-z']+|\d+")
_HAN = re.compile(r"[㐀-鿿]+")
_INITIAL = re.compile(r"zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?")
_COARSE = dict(
    zip(
        ["zh-", "ch-", "sh-", "n-", "r-", "f-", "q-", "x-", "j-"],
        ["z-", "c-", "s-", "l-", "l-", "h-", "c-", "s-", "z-"],
        strict=True,
    )
)
"""Initials that speakers and recognizers confuse, made one."""
_NASAL = re.compile(r"(?<!o)ng$")


class Chinese:
    """Mandarin with the English words that are mixed into it."""

    joiner = ""
    digits = frozenset("零〇一二三四五六七八九幺两")
    times: frozenset[str] = frozenset()

    def __init__(self, latin: Callable[[str], str]) -> None:
        """`latin` gives the phonemes of an English word."""
        jieba.setLogLevel(logging.WARNING)
        jieba.initialize()
        self._total = float(jieba.dt.total)
        self._latin = latin
        self.phones = lru_cache(maxsize=20_000)(self._phones)

    def units(self, text: str) -> list[str]:
        """Characters; a run of letters or digits is one."""
        return [piece.lower() for piece in _PIECE.findall(text)]

    def words(self, text: str) -> list[str]:
        """Words by jieba's dictionary, figures one by one; a run of letters is a word."""
        return [
            word
            for run in _RUN.findall(mandarin.say(text).lower())
            for word in (self._cut(run) if _HAN.match(run) else [run])
        ]

    def probability(self, word: str) -> float:
        """Of `word` in jieba's dictionary."""
        return float(jieba.dt.FREQ.get(word) or 0) / self._total

    def coarse(self, phone: str) -> str:
        """One initial or final for those that speakers and recognizers confuse."""
        if phone.endswith("-"):
            return _COARSE.get(phone, phone)
        return _NASAL.sub("n", COARSE_ENGLISH.get(phone, phone))

    def tracks(self, phones: list[str]) -> tuple[list[str], ...]:
        """Syllables, syllables with confusable sounds made one, their initials, their finals."""
        parts = list(_syllables(phones))
        plain = [a + b for a, b in parts]
        initials = [self.coarse(a) for a, _ in parts]
        finals = [self.coarse(b) for _, b in parts]
        coarse = [a + b for a, b in zip(initials, finals, strict=True)]
        return plain, coarse, initials, finals

    def _cut(self, run: str) -> Iterator[str]:
        for word in jieba.cut(run, HMM=False):
            yield from word if set(word) <= self.digits else [word]

    def _phones(self, word: str) -> tuple[str, ...]:
        if not _HAN.match(word):
            return tuple(bare(self._latin(word)))
        return tuple(part for s in lazy_pinyin(word, style=Style.NORMAL) for part in _parts(s))


def _parts(syllable: str) -> list[str]:
    """The initial, if it has one, and the final: `zh-` and `-ang`."""
    found = _INITIAL.match(syllable)
    initial = found[0] if found else ""
    return [part for part in (initial and f"{initial}-", f"-{syllable[len(initial) :]}") if part]


def _syllables(phones: list[str]) -> Iterator[tuple[str, str]]:
    """Initials with the finals that follow them; either may have been missed."""
    waiting = ""
    for phone in phones:
        if phone.endswith("-"):
            if waiting:
                yield waiting, ""
            waiting = phone
        else:
            yield waiting, phone
            waiting = ""
    if waiting:
        yield waiting, ""
