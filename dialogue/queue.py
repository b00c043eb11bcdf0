"""Queue: what is said while the customer waits for a person."""

from __future__ import annotations

from dataclasses import replace

from dialogue import cues
from dialogue.domain import Domain
from dialogue.evidence import requests
from dialogue.policy import Turned, tell
from dialogue.state import update
from dialogue.types import Act, Decision, State, Understanding


def comes_back(domain: Domain, state: State, meaning: Understanding) -> bool:
    """Whether who waited no longer does, and says what else is wanted: 不等了 发票怎么开."""
    back = state.owner == "queue" and cues.says_back(meaning.text)
    return back and requests(domain, meaning) and meaning.intent != "human_agent"


def overhear(domain: Domain, state: State, meaning: Understanding) -> Turned:
    """The state after a turn that is for a person; what is asked is not left without a word."""
    state = update(domain, state, meaning)
    if state.owner == "queue" and cues.says_back(meaning.text):
        return replace(state, owner="bot", asked=()), tell("back_to_bot", "no person is wanted now")
    asks = cues.is_question(meaning.text) or requests(domain, meaning)
    first = not state.asked or asks
    if state.owner == "queue" and first and "tell.queued" in domain.wording:
        return replace(state, asked=(("queue", 1),)), tell("queued", "nobody has taken over yet")
    return state, Decision(Act.SILENT, reason=f"the conversation belongs to the {state.owner}")
