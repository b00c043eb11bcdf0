"""Feeling from lists of words: no weights, for tests and degraded operation."""

from __future__ import annotations

import re

from dialogue.types import Posterior
from fusion.feeling.reading import Feeling

SURE = 0.7
"""Probability given to what a word says; lists are often wrong."""

NEGATIVE = re.compile(
    r"烂|坏|破|碎|漏|差评|太差|失望|少了|错了|没收到|不新鲜|垃圾|投诉|臭|蔫|发霉|欺负|骗"
    r"|\b(?:bad|broken|rotten|mouldy|moldy|missing|wrong|worst|awful|terrible|late|damaged|crushed"
    r"|spoil(?:t|ed)|disappoint\w*|unacceptable|useless|disgusting|smashed)\b"
)
POSITIVE = re.compile(
    r"谢谢|感谢|多谢|太好了|满意|喜欢|好吃|真快|很快|点赞|好评|贴心|不错|真棒|开心"
    r"|\b(?:thanks?|great|love|lovely|perfect|brilliant|awesome|excellent|happy|delicious|amazing"
    r"|wonderful|fantastic|appreciate)\b"
)
EMOTIONS = (
    ("angry", re.compile(
        r"气死|投诉|垃圾|骗子|凭什么|什么态度|什么破|离谱|恶心|过分|差劲|有完没完|废话"
        r"|\b(?:angry|furious|ridiculous|unacceptable|disgusting|pathetic|liars?|rip-off|useless"
        r"|shame on|how dare|fed up|sick of|worst)\b")),
    ("anxious", re.compile(
        r"担心|着急|急急|怎么办|慌|不放心|害怕|不会丢|来不及|求求"
        r"|\b(?:worried|afraid|scared|nervous|anxious|panick?\w*|unsure|what (?:do|should) i do)\b"
    )),
    ("sad", re.compile(
        r"失望|难过|伤心|遗憾|可惜|唉|心酸|寒心|失落"
        r"|\b(?:sad|disappointed|sigh|upset|shame you|let down|gutted|heartbroken|pity)\b")),
)  # fmt: skip
NOW = re.compile(
    r"马上|立刻|立即|赶紧|赶快|急急|十万火急|来不及|现在就"
    r"|\b(?:right now|immediately|asap|at once|this instant|emergency|urgent(?:ly)?|hurry)\b"
)
SOON = re.compile(
    r"尽快|今天|快点|快一点|催|今晚|\b(?:today|soon|tonight|quick(?:ly)?|as soon as)\b"
)


class LexiconFeeling:
    """Feeling by key words."""

    def read(self, text: str) -> Feeling:
        """The feeling of `text`. Thread-safe."""
        folded = text.casefold()
        emotion = next((name for name, words in EMOTIONS if words.search(folded)), None)
        sentiment = _sentiment(folded, emotion)
        if emotion is None:
            emotion = "happy" if sentiment == "positive" else "neutral"
        return Feeling(_posterior(sentiment), _posterior(emotion), _urgency(folded))


def _sentiment(text: str, emotion: str | None) -> str:
    if emotion is not None or NEGATIVE.search(text):
        return "negative"
    return "positive" if POSITIVE.search(text) else "neutral"


def _urgency(text: str) -> float:
    if NOW.search(text):
        return 1.0
    return 0.5 if SOON.search(text) else 0.0


def _posterior(name: str) -> Posterior:
    return (("neutral", 1.0),) if name == "neutral" else ((name, SURE), ("neutral", 1 - SURE))
