"""Follow-ups: what few words mean after what was just spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dialogue import cues
from dialogue.domain import PACK_INTENTS, Domain, Flow
from dialogue.openings import goes_on
from dialogue.types import State, Understanding

SURE = 0.8
"""Confidence from which a request stands by itself."""
OUTSIDE = 0.7
"""Confidence from which something outside is not looked for in the articles."""
OUTSIDE_SURE = 0.95
"""The same for something outside, after which little is looked for."""
LONGEST = 14
"""Words or characters of a follow-up."""
LIKELY = 0.08
"""Probability from which an intent is offered as a guess."""
GUESSES = 3
ALONE = 3
"""Words or characters that name one thing and ask nothing."""

_WHO = re.compile(r"他|她|\b(?:him|her|he|she)\b", re.IGNORECASE)
_VALUES = (
    (
        re.compile(
            r"(?:那|大概|一般|要|得|还要|需要)*(?:多久|几天|多长时间|什么时候|啥时候)[啊呢呀]?"
            r"|(?:and |so |but |ok(?:ay)? )?(?:how long|when)"
            r"(?: (?:does|will|would) (?:it|that) take)?",
            re.IGNORECASE,
        ),
        re.compile(
            r"[\d一两二三几半](?:到\d+)?个?(?:分钟|小时|天|工作日|周|个?月)"
            r"|\d (?:more )?(?:working |business )?(?:minute|hour|day|week|month)"
            r"|within (?:a|an|one|two|three) ",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(
            r"(?:那|是|要)*(?:多少钱|多少|几块钱?)[啊呢呀]?"
            r"|(?:and |so |but )?how much(?: is (?:it|that))?",
            re.IGNORECASE,
        ),
        re.compile(r"[¥￥]\s?\d|\d元|\d yuan", re.IGNORECASE),
    ),
)
"""Questions after a kind of value, and the shape of that value."""
_OUT_OF_SCOPE = PACK_INTENTS[-1]


def says(text: str, patterns: Iterable[str]) -> bool:
    """Whether any of a pack's regular expressions is found in `text`."""
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def worded(domain: Domain, text: str) -> Flow | None:
    """The flow that is asked for in so many words, whatever the intent: "what are my orders"."""
    return next((flow for flow in domain.flows.values() if says(text, flow.words)), None)


def continued(domain: Domain, state: State, meaning: Understanding) -> str:
    """The intent that goes on with the customer's order: "when does it come?"; "" for none."""
    if not state.slot("order_id") or _stands(domain, meaning):
        return ""
    if cues.units(meaning.text) > LONGEST:
        return ""
    fits = _following(domain, state, meaning.text)
    return fits[0].intents[0] if fits else ""


def leant_on(domain: Domain, state: State, meaning: Understanding) -> str:
    """The topic that a question in few words is about: "how long will that take"; "" for none."""
    known = state.topic == meaning.intent and not meaning.abstained
    numbered = any(s.name in domain.slots and domain.slots[s.name].digits for s in meaning.slots)
    if known or numbered or _stands(domain, meaning):
        return ""
    text, about = meaning.text, domain.intents.get(meaning.intent)
    if about and about.leans and meaning.confidence >= SURE:
        if not cues.is_question(text.rstrip("?？ ")):  # "opening hours?" stands by itself
            return ""
        if state.expects == "confirm" and cues.units(text) <= cues.LEANING:
            return next((f.intents[0] for f in _following(domain, state, text)), state.topic)
    return state.topic if cues.leans(text) else ""


def opened(state: State, flow: Flow, words: str) -> str:
    """What happened, for a request that tells it, or points at what was told: 投诉他."""
    if cues.units(words) >= flow.opening_units:
        return words
    same = state.topic in flow.intents or bool(_WHO.search(words)) or cues.points(words)
    told = (state.slot(flow.opening) or state.story) if flow.opening in flow.slots else ""
    return told if same else ""


def told_before(state: State, text: str) -> tuple[str, ...]:
    """The sentences of the last reply that tell what is asked in so few words: "how long"."""
    wanted = _wanted(text)
    return tuple(s for s in state.said if wanted.search(s)) if wanted else ()


def asks_value(text: str) -> bool:
    """Whether nothing but a kind of value is asked for, of whatever was spoken of: "how long"."""
    return _wanted(text) is not None


def _wanted(text: str) -> re.Pattern[str] | None:
    asked = text.strip(" 。.,，!！?？~")
    return next((told for question, told in _VALUES if question.fullmatch(asked)), None)


def gone_on(domain: Domain, state: State, meaning: Understanding) -> str:
    """What the last answer is asked of in turn: "and for cards?"; "" where something else is."""
    if not state.topic or state.flow:
        return ""
    flow = domain.flow_of(meaning.intent)
    named = any(slot.name in domain.slots for slot in meaning.slots)
    if named or (flow and meaning.confidence >= SURE):
        return ""
    return goes_on(meaning.text) or _named_alone(domain, state, meaning)


def _named_alone(domain: Domain, state: State, meaning: Understanding) -> str:
    """One or two words after an article, which may have more about just that: 微信."""
    outside = meaning.intent == _OUT_OF_SCOPE and not meaning.abstained
    small = domain.fixed(meaning.intent) or outside
    small = small or domain.flow_of(state.topic) is not None
    text = meaning.text.strip(" 。.,，!！?？~")
    return "" if small or cues.is_question(meaning.text) or cues.units(text) > ALONE else text


def guesses(domain: Domain, meaning: Understanding) -> tuple[str, ...]:
    """The requests that words which were not understood may have been, likeliest first."""
    likely = (name for name, p in meaning.intents if p >= LIKELY and name in domain.intents)
    wishes = (name for name in likely if not domain.fixed(name) and name != _OUT_OF_SCOPE)
    return tuple(wishes)[:GUESSES]


def may_be_known(meaning: Understanding) -> bool:
    """Whether words that were not understood are worth looking for in the articles."""
    outside = meaning.intent == _OUT_OF_SCOPE and meaning.confidence >= OUTSIDE
    return not outside and cues.units(meaning.text) >= cues.ELLIPTIC


def _following(domain: Domain, state: State, text: str) -> list[Flow]:
    """The flows that `text` may follow on with; those on this topic win over those on any."""
    on = {state.topic, state.earlier}
    fits = [
        flow
        for flow in domain.flows.values()
        if says(text, flow.follow_up) and (not flow.after or on & set(flow.after))
    ]
    return sorted(fits, key=lambda flow: not on & set(flow.after))


def _stands(domain: Domain, meaning: Understanding) -> bool:
    """Whether the turn's own intent is sure, and no general question."""
    about = domain.intents.get(meaning.intent)
    general = about is not None and about.leans
    # "And if it doesn't come?" is taken for a no; a question in few words never is one.
    small = domain.fixed(meaning.intent) and cues.is_question(meaning.text)
    least = OUTSIDE_SURE if meaning.intent == _OUT_OF_SCOPE else SURE
    return meaning.confidence >= least and not meaning.abstained and not general and not small
