"""Coverage: which steps of the flows, intents and wordings of a pack its stories went through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dialogue.domain import Domain, Flow

_UNSAID = ("suggest.", "word.")
"""Keys of labels, which are no sentences."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What there is of one kind, and what of it was gone through."""

    kind: str
    there: frozenset[str]
    seen: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        """What was not gone through, sorted."""
        return tuple(sorted(self.there - self.seen))

    @property
    def share(self) -> float:
        """0 to 1."""
        return len(self.there & self.seen) / max(len(self.there), 1)


def coverage(
    domain: Domain, steps: Iterable[str], intents: Iterable[str], wordings: Iterable[str]
) -> tuple[Covered, ...]:
    """How much of `domain` the `steps`, `intents` and `wordings` seen are."""
    said = frozenset(key for key in domain.wording if not key.startswith(_UNSAID))
    every = frozenset(step for flow in domain.flows.values() for step in flow_steps(flow))
    return (
        Covered("flow steps", every, frozenset(steps)),
        Covered("intents", frozenset(domain.intents), frozenset(intents)),
        Covered("wordings", said, frozenset(wordings)),
    )


def flow_steps(flow: Flow) -> Iterator[str]:
    """Every step of `flow`: what it asks for, its confirmation, and its action done."""
    identity = ("order_id", "phone_tail") if flow.identity == "order" else ()
    for slot in dict.fromkeys((*identity, *flow.slots, *flow.offer)):
        yield f"{flow.name}: ask {slot}"
    if flow.confirm:
        yield f"{flow.name}: confirm {flow.action}"
    yield f"{flow.name}: {flow.action} done"


def steps_of(record: Mapping[str, Any]) -> Iterator[str]:
    """The flow steps that a turn's record went through."""
    for decision in (record["decision"], *record["decision"]["before"]):
        if not decision["flow"]:
            continue
        if decision["act"] in ("ask", "confirm"):
            yield f"{decision['flow']}: {decision['act']} {decision['topic']}"
        elif ".done" in decision["topic"]:
            yield f"{decision['flow']}: {decision['topic'].partition('.')[0]} done"
