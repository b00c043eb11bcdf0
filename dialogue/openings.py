"""Openings: what the first words of a turn say of the rest of it, in Chinese and English."""

from __future__ import annotations

import re

from dialogue.cues import LEANING, units

LEAST = 3
"""Words or characters of a request after a "what?"."""

_ZH_WHAT = (
    r"[我你您]?没太?[听看]?(?:明白|懂|清楚?|见)|听不懂|[你您]?[说讲]?(?:啥|什么)|[啊哈嗯诶喂]"
)
_EN_WHAT = (
    r"sorry|pardon|what|huh|eh|hm+|excuse me|come again"
    r"|(?:i|you|u) (?:don|didn)'?t (?:get|follow|understand)(?: (?:it|you|that|me))?"
)
_ZH_INSTEAD = r"不对|不是|等等|等一?下|算了|不了"
_EN_INSTEAD = r"no|wait|hang on|hold on|actually|oops"
_INSIST = r"i (?:do )?(?:said|asked|meant?|want|need)\b|我(?:说|要(?!的)|问|是|想|还是)"
_WHAT = re.compile(
    rf"^\s*(?:(?:{_ZH_WHAT}|{_EN_WHAT}|{_ZH_INSTEAD}|{_EN_INSTEAD})[了吗吧么]?"
    rf"(?:\s*[?？!！,，.。…~]+\s*|(?<=[\u4e00-\u9fff])\s+|\s+(?:{_EN_INSTEAD})\s+(?={_INSIST})|\s*(?={_INSIST})))+",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"^(?:那么?|要是|换成?|改?用)*(?P<zh>.{1,8}?)呢[?？!！。]*$"
    r"|^(?:(?:and |or )?(?:what|how) about|(?:and|or)(?=.*[?？]))\b"
    r"(?: (?:for|with|by|on|the|my|a))* (?!(?:how|wh\w+|is|are|does?|can|could|will|if)\b)"
    r"(?P<en>[\w' -]{2,24}?)\W*$",
    re.IGNORECASE,
)


def after_what(text: str) -> str:
    """What `text` goes on to say after a "what?" or a "no": 不对我要取消; "" for nothing."""
    opening = _WHAT.match(text)
    rest = text[opening.end() :] if opening else ""
    return rest if units(rest) >= LEAST else ""


def goes_on(text: str) -> str:
    """What the same is asked of: "and for cards?", 那信用卡呢; "" where nothing goes on."""
    found = _GOES_ON.match(text.strip())
    if not found or units(text) > LEANING:
        return ""
    return (found["zh"] or found["en"] or "").strip()
