"""Back-channels: what a listener says to show that they listen, in Chinese and English."""

from __future__ import annotations

import re

_ZH = "嗯|唔|恩|哦|噢|喔|啊|呃|对|好|行|是|是的|明白|知道|了解|没错|原来如此|这样"
_EN = (
    "uh ?huh|mm+ ?hmm*|m+hm+|mm+|hm+|yeah|yep|yes|right|all right|alright|okay|ok|sure|i see|got it"
    "|oh|ah|aha|cool|great|good|fine|true|exactly|of course"
)
_WHOLE = re.compile(rf"(?:(?:(?:{_ZH})[的啦呀哦了吧啊]*)+|(?:(?:{_EN})\s*)+)", re.IGNORECASE)
_MARKS = re.compile(r"[^\w\s]+|_")
_LONGEST = 8
"""Chinese characters plus English words; more is a sentence."""


def is_backchannel(text: str) -> bool:
    """Whether `text` only shows that its speaker listens: 嗯, 对对, "uh-huh", "okay, right"."""
    words = _MARKS.sub(" ", text).strip()
    units = len(re.findall(r"[\u3400-\u9fff]|[a-z']+", words.lower()))
    return 0 < units <= _LONGEST and all(_WHOLE.fullmatch(word) for word in _parts(words))


def _parts(words: str) -> list[str]:
    """Runs of Chinese, runs of English."""
    found = re.findall(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+", words)
    return [run.strip() for run in found if run.strip()]
