"""Phonemes: how alike two English ones are to somebody who hears them in noise.

One character each, as the English synthesizer's dictionary writes them.
"""

from __future__ import annotations

from functools import lru_cache

VOWELS = frozenset("ɪiæɑʌəɐɛɜɔʊuAIOWYᵊQaeo")
_ALIKE = (
    "pb td kɡ fv sz ʃʒ ʧʤ θð mn nŋ mŋ lɹ wɹ lw θf θt ðd tʧ dʤ ʧʃ sʃ zʒ ʤʒ ɾt ɾd sθ zð bv pf"
    " kt pt pk bd ɡd hj nd ml nl mb"
    " ɪi ɪɛ ɪə ɛæ ɛA æɑ ɑʌ ʌə ʌɐ əɐ ɑɔ ɔO ʊu ʌʊ Aɛ Iɑ ɪᵊ əᵊ Oɑ iA ɛə æʌ Wɑ WO YO ɜə Oʊ uO AI"
    " ɜɛ ɐɑ ɐɪ"
)
_PAIRS = frozenset(frozenset(pair) for pair in _ALIKE.split())
_SILENT = frozenset("ˈˌ ,.?!;:\"“”—…'")
_FAINT = frozenset("əᵊɐɪhtdɹ")


def bare(phonemes: str) -> str:
    """`phonemes` without stress, pauses and word breaks."""
    return "".join(sound for sound in phonemes if sound not in _SILENT)


@lru_cache(maxsize=4096)
def substitution(said: str, heard: str) -> float:
    """Cost of hearing one phoneme for another: 0 for the same, about 1 for any two consonants."""
    if said == heard:
        return 0.0
    vowels = (said in VOWELS) + (heard in VOWELS)
    if frozenset((said, heard)) in _PAIRS:
        return 0.4 if vowels else 0.5
    return (1.0, 1.5, 0.8)[vowels]


def omission(sound: str) -> float:
    """Cost of hearing nothing for a phoneme, or a phoneme for nothing."""
    return 0.5 if sound in _FAINT else 0.8
