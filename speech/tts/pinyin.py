"""Chinese text, with Latin words in it, as Kokoro's phonemes."""

from __future__ import annotations

import re
from collections.abc import Callable

from misaki.zh import ZHG2P

_LATIN = re.compile(r"[A-Za-z][A-Za-z' -]*[A-Za-z]|[A-Za-z]")
_SPELT = (
    "ˈA bˈi sˈi dˈi ˈi ˈɛf ʤˈi ˈAʧ ˈI ʤˈA kˈA ˈɛl ˈɛm ˈɛn ˈO pˈi kjˈu ˈɑɹ ˈɛs tˈi jˈu vˈi "
    "dˈʌbəlju ˈɛks wˈI zˈi"
)
_LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _SPELT.split(" "), strict=True))


class Phonemizer:
    """Chinese through misaki, Latin words through `latin` or letter by letter."""

    def __init__(self, latin: Callable[[str], str] | None = None) -> None:
        self._chinese = ZHG2P()
        self._latin = latin or _spell

    def __call__(self, text: str) -> str:
        """Phonemes of `text`."""
        pieces, at = [], 0
        for match in _LATIN.finditer(text):
            pieces += [self._zh(text[at : match.start()]), self._word(match[0])]
            at = match.end()
        pieces.append(self._zh(text[at:]))
        return " ".join(piece for piece in pieces if piece)

    def _zh(self, text: str) -> str:
        return str(self._chinese(text)[0]) if text.strip() else ""

    def _word(self, text: str) -> str:
        letters = text.replace(" ", "")
        return _spell(letters) if letters.isupper() or len(letters) == 1 else self._latin(text)


def _spell(text: str) -> str:
    return " ".join(_LETTERS[c] for c in text.upper() if c in _LETTERS)
