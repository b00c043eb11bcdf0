"""Reasons: why not, what now, are you sure, do it then: words about the answer just given."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dialogue.cues import units

LONGEST = 12
"""Words or characters of them."""

_WHY = re.compile(
    r"为(?:什么|啥|何|毛)|凭(?:什么|啥)"
    r"|(?:咋|怎么)(?:就|还|又)?(?:不(?:能|行|给|让|可以)|.{0,3}不了)"
    r"|(?:什么|啥)(?:道理|规定|原因|理由)|(?:原因|理由)(?:呢|是)|谁(?:规定|说)的"
    r"|\bwhy\b|\bhow come\b|\bwhat(?:'?s| is) the reason\b|\bsays who\b"
    r"|\bon what grounds\b|^y not\b",
    re.IGNORECASE,
)
_WHAT_NOW = re.compile(
    r"(?:怎么|咋)(?:办|整|弄|搞)|(?:还)?(?:有|能)(?:没有|有)?(?:啥|什么|别的|其他)*(?:办法|法子)"
    r"|\b(?:so |and )?(?:what|now what)(?: now| then| next| else)\W*$|\bnow what\b"
    r"|\bwhat (?:can|do|should|am) (?:i|we)\b|\b(?:any|no) other way\b|\bwhat are my options\b",
    re.IGNORECASE,
)
_DOUBTS = re.compile(
    r"(?:你|您)?(?:确定|肯定|真的)(?:是|假)?(?:吗|么|嘛|的)?(?:是真的)?(?:吗|么|嘛)?"
    r"|(?:are )?(?:you|u|ya) (?:really |absolutely )?(?:sure|certain|serious)"
    r"(?: about (?:that|it))?"
    r"|(?:is (?:that|this) )?(?:really|for real|seriously)(?: true)?",
    re.IGNORECASE,
)
_INSISTS = re.compile(
    r"还是(?:要|想|办)|\bi do (?:want|need|wanna)\b|\bdo it after all\b"
    r"|\bactually (?:yes|do it|go on)\b",
    re.IGNORECASE,
)

_HAS_DONE = re.compile(
    r"(?:帮我|给我|替我|帮忙)(?:.{1,4})$|(?:办|弄|搞|做)(?:一下|吧|呗|了)+$"
    r"|\b(?:go ahead|proceed|please do"
    r"|(?:do|change|start|arrange|handle|sort) (?:it|that|this|so)|set (?:it|that) up)\b",
    re.IGNORECASE,
)
_OR_NOT = re.compile(
    r"怎么|如何|咋|什么|啥|不|别|没|\b(?:how|what|why|when|where|who|not|never|\w+n'?t)\b",
    re.IGNORECASE,
)


def asks_why(text: str) -> bool:
    """Whether little but the reason of an answer is asked for: "why not", 凭什么."""
    return bool(_WHY.search(text)) and units(text) <= LONGEST


def asks_what_now(text: str) -> bool:
    """Whether it is asked what can be done instead: "so what can i do", 那怎么办."""
    return bool(_WHAT_NOW.search(text)) and units(text) <= LONGEST


def doubts(text: str) -> bool:
    """Whether it is only asked if the answer is so: "are u sure", 真的吗."""
    return bool(_DOUBTS.fullmatch(text.strip(" 。.,，!！?？~")))


def has_done(text: str) -> bool:
    """Whether what was told of is to be done: 帮我改一下, "ok, go ahead"."""
    plain = text.strip(" 。.,，!！?？~")
    return bool(_HAS_DONE.search(plain)) and not _OR_NOT.search(plain) and units(text) <= LONGEST


def insists(text: str, own: Iterable[str] = ()) -> bool:
    """Whether what was dropped is wanted after all: "i do want to change it"; `own` are the
    pack's regular expressions for that."""
    meant = _INSISTS.search(text) or any(re.search(word, text, re.IGNORECASE) for word in own)
    return bool(meant) and units(text) <= LONGEST
