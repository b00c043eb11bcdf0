"""What Whisper makes up, and how it is caught: doubled sentences, invented subtitles, noise."""

from __future__ import annotations

import re
import zlib
from difflib import SequenceMatcher

NO_SPEECH = 0.6
"""Above this probability of silence a doubtful text is dropped."""
DOUBTFUL = -1.0
"""Mean log-probability per token below which a text is doubtful."""
HOPELESS = -1.5
"""Mean log-probability per token below which a text is dropped in any case."""
COMPRESSION = 2.4
"""Text that compresses better than this repeats itself."""

ALIKE = 0.8
"""Share of the words of a sentence that another has too where both are one, heard twice."""
_TOLD = "以下是普通话的句子"
"""What the recognizer is told before it listens, and sometimes repeats."""
_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_BREAK = r"[\s,.?!;:，。？！；、…]*"
_DOUBLED = re.compile(rf"^(.{{3,}}?){_BREAK}(?:\1{_BREAK})+", re.IGNORECASE | re.DOTALL)
_INVENTED = re.compile(
    r"amara\.org|字幕|谢谢观看|感谢观看|謝謝觀看|感謝觀看|谢谢收看|请不吝点赞|订阅.{0,6}(频道|转发|打赏)"
    r"|明镜与点点|thanks? (you )?for watching|please subscribe|subtitles? by"
    r"|transcri(bed|ption) by",
    re.IGNORECASE,
)


def tokens_allowed(seconds: float) -> int:
    """More tokens than anybody can say in `seconds`."""
    return 10 + int(8 * seconds)


def collapse(text: str) -> str:
    """`text` said once where the whole of it is said twice or more; else unchanged."""
    text = _once(text)
    found = _DOUBLED.match(text)
    if not found or not _repeats(text[found.end() :], found[1]):
        return text
    if re.fullmatch(r"[\W\d_]+", found[1]):  # a number may well say 123 123
        return text
    rest = text[found.end(1) :]
    mark = re.match(r"[.?!。？！]", rest)
    return found[1] + (mark[0] if mark else "")


def _once(text: str) -> str:
    """The longest of the sentences of `text` where all are one, heard with small differences."""
    sentences = _SENTENCE.split(text.strip())
    words = [re.findall(r"[a-z']+", sentence.lower()) for sentence in sentences]
    first = words[0]
    if len(words) < 2 or len(first) < 3 or any(each[:2] != first[:2] for each in words):
        return text
    if any(_shared(first, each) < ALIKE for each in words):
        return text
    return max(sentences, key=len)


def _shared(one: list[str], other: list[str]) -> float:
    """The share of the shorter's words that stand in both, in the same order."""
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / max(min(len(one), len(other)), 1)


def _repeats(rest: str, unit: str) -> bool:
    return unit.lower().startswith(rest.strip().lower())


def invented(text: str, logprob: float, no_speech: float) -> bool:
    """Whether `text` is one of the subtitles Whisper writes when nobody speaks."""
    return bool(_INVENTED.search(text)) and (logprob < -0.35 or no_speech > 0.2)


def believable(text: str, logprob: float, no_speech: float) -> bool:
    """Whether `text` may have been said at all."""
    if not re.search(r"\w", text) or text.startswith(_TOLD):
        return False
    if logprob < HOPELESS or (no_speech > NO_SPEECH and logprob < DOUBTFUL):
        return False
    return compression(text) <= COMPRESSION and not invented(text, logprob, no_speech)


def compression(text: str) -> float:
    """How many times smaller `text` gets when it is compressed."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0
