"""Wording: the same sentence with other words and with the slips of hurried typing."""

from __future__ import annotations

import random
import re
from itertools import pairwise
from typing import Any

SYNONYMS = (
    ("refund", "money back"), ("parcel", "package", "delivery"), ("broken", "damaged"),
    ("buy", "purchase"), ("help", "assist"), ("quick", "fast"), ("phone", "mobile"),
    ("start", "begin"), ("stop", "cease"), ("big", "large"), ("small", "little"),
    ("退款", "退钱"), ("包裹", "快递"), ("坏了", "损坏了"), ("购买", "买"), ("帮忙", "协助"),
    ("马上", "立刻"), ("手机", "电话"), ("为什么", "为啥"), ("怎么", "怎样"), ("什么时候", "何时"),
)  # fmt: skip
"""Words that may stand for each other."""
SOUND_ALIKE = (
    "的得地", "在再", "做作", "他她它", "那哪", "货火", "退推", "订定", "帐账", "复覆", "以已",
    "像象", "坐座", "进近", "查差", "办半", "系细", "换还",
)  # fmt: skip
"""Chinese characters that a keyboard by sound takes for each other."""
NEIGHBOURS = {a: b for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm") for a, b in pairwise(row)}
SWAPPED = 0.3
"""Probability that a word with a synonym gives way to it."""
SLIPPED = 0.04
"""Probability of a slip per letter or character."""

_SAME = {word: [w for w in group if w != word] for group in SYNONYMS for word in group}
_ALIKE = {c: [d for d in group if d != c] for group in SOUND_ALIKE for c in group}
_WORDS = re.compile(
    "|".join(rf"\b{w}\b" if w.isascii() else w for w in sorted(_SAME, key=len, reverse=True))
)


def vary_text(text: Any, rng: random.Random) -> Any:
    """`text` with synonyms and slips; one whose words have times stays as it is."""
    return mistyped(reworded(text, rng), rng) if isinstance(text, str) else text


def reworded(text: str, rng: random.Random) -> str:
    """`text` with some words replaced by others of the same meaning."""

    def other(found: re.Match[str]) -> str:
        return rng.choice(_SAME[found.group()]) if rng.random() < SWAPPED else found.group()

    return _WORDS.sub(other, text)


def mistyped(text: str, rng: random.Random, share: float = SLIPPED) -> str:
    """`text` with letters doubled, dropped or of the key beside, and characters that sound alike.

    Digits stay: a wrong one would be another order.
    """
    out = []
    for c in text:
        if rng.random() >= share:
            out.append(c)
        elif c in _ALIKE:
            out.append(rng.choice(_ALIKE[c]))
        elif c.isascii() and c.isalpha():
            out.append(rng.choice((c + c, "", NEIGHBOURS.get(c.lower(), c))))
        else:
            out.append(c)
    return "".join(out)
