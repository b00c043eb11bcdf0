"""Outcries: abuse, and sighs that are neither yes nor no."""

from __future__ import annotations

import re

from dialogue.cues import all_match

_SWEARS = re.compile(
    r"傻[逼比叉X]|妈的|[他你]妈|特么|滚蛋|(?:^|\W)滚(?:\W|$|吧|开|远)|废物|垃圾|狗屁|狗东西|有病|王八蛋|混蛋|去死"
    r"|\b(?:fuck|shit|bullshit|crap|idiots?|stupid|suck|damn|useless|wtf|bastard|asshole)\w*"
    r"|\b(?:screw you|go to hell)\b",
    re.IGNORECASE,
)
_CRIES = re.compile(
    r"(?:真是的?|服了|无语|天[哪啊]|我的天|拜托|搞什么|什么鬼|有完没完|行不行啊?|醉了|我去|哎呀?|唉)[了啊呀呢吧你们我也]*"
    r"|(?:(?:oh|ugh|just|for|my|good) )*(?:come on|jesus|christ|god|lord|goodness|seriously|really"
    r"|unbelievable|ridiculous|whatever|ugh|argh|wow|(?:god|heaven|pete|christ|goodness)'?s? sake)",
    re.IGNORECASE,
)


def swears(text: str) -> bool:
    """Whether `text` abuses somebody or something."""
    return bool(_SWEARS.search(text))


def cries_out(text: str) -> bool:
    """Whether `text` is nothing but an outcry, which is neither yes nor no: "come on", "真是的"."""
    return all_match(_CRIES, text)
