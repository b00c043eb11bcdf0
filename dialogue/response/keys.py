"""Keys: under which names the pack may word a decision, closest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialogue.types import Act, Decision, State

WHY = "why"
"""What the keys of reasons begin with: `tell.why.<action>.refused.<code>`; without one
`tell.why`, and without that the refusal itself is told again."""


def keys_for(decision: Decision, state: State) -> tuple[str, ...]:
    """The wording keys that fit `decision`, closest first."""
    topic, facts = decision.topic, dict(decision.arguments)
    match decision.act:
        case Act.ASK:
            key = f"ask.{topic}"
            again = [f"{key}.again"] if dict(state.asked).get(topic, 0) > 1 else []
            because = [f"{key}.{facts['because']}"] if facts.get("because") else []
            return (*because, *again, key)
        case Act.CONFIRM:
            because = [f"confirm.{topic}.{facts['because']}"] if facts.get("because") else []
            return (*because, f"confirm.{topic}")
        case Act.HANDOFF:
            return (f"handoff.{topic}", "handoff.asked")
        case Act.REPEAT:
            return ("repeat.nothing",)
        case _ if facts.get("guesses"):
            return missed_keys(decision)
        case _:
            return _tell_keys(topic, facts, state.topic)


def missed_keys(decision: Decision) -> tuple[str, ...]:
    """The keys where a turn was not understood; with guesses, where there are any."""
    guessed = ["tell.unclear.guess"] if dict(decision.arguments).get("guesses") else []
    return (*guessed, f"tell.{decision.topic}")


def _tell_keys(topic: str, facts: Mapping[str, Any], asked: str) -> tuple[str, ...]:
    action, _, rest = topic.partition(".")
    if action == WHY:
        return (f"tell.{topic}", "tell.why", *_tell_keys(rest, facts, asked))
    outcome, _, code = rest.partition(".")
    many = [f"tell.{action}.{outcome}.many"] if len(facts.get("refunds") or ()) > 1 else []
    general = [f"tell.{outcome}.{code}", f"tell.{outcome}"] if outcome else []
    as_asked = [f"tell.{topic}.for.{asked}"] if asked else []
    because = [f"tell.{topic}.{facts['because']}"] if facts.get("because") else []
    return (*because, *many, *as_asked, f"tell.{topic}", f"tell.{action}.{outcome}", *general)
