"""Photos: what is said to a picture that comes without words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dialogue import cues
from dialogue.asides import with_flow
from dialogue.domain import Domain, options
from dialogue.policy import Turned, tell
from dialogue.state import fill, heard_slots
from dialogue.types import Decision, State, Understanding

SHOWN = "picture"
"""`State.topic` after a picture of a product: "this is rotten" is said of that."""


def picture(domain: Domain, state: State, meaning: Understanding) -> Turned:
    """What was recognised, and the question what it is about; kept as evidence in a flow."""
    heard = heard_slots(domain, state, meaning)
    state = fill(state, None, domain, heard)
    unseen = _unseen(meaning)
    if state.flow:
        kept = tell("picture.kept", "a picture in the middle of a flow")
        return with_flow(domain, state, unseen or kept)
    if "order_id" in heard:
        return state, tell("picture.order", "an order number was read", **heard)
    if len(options(heard.get("product", ""))) > 1:
        return state, tell("picture.which", "a picture of one of several products", **heard)
    if "product" in heard:
        state = replace(state, topic=SHOWN)
        return state, tell("picture.product", "a product was recognised", **heard)
    return state, unseen or tell("picture.unknown", "nothing was recognised")


def _unseen(meaning: Understanding) -> Decision | None:
    """What is said of a picture in which next to nothing can be seen."""
    fault = next((s.fault for s in meaning.sightings if s.fault), None)
    return tell("picture.unknown", f"a {fault} picture", because=fault) if fault else None


def shown(state: State, words: str, heard: Mapping[str, str]) -> dict[str, str]:
    """`heard`, with the product and the photo sent before, where `words` are said of those."""
    product = state.slot("product")
    if state.topic != SHOWN or "product" in heard or not product or not cues.points(words):
        return dict(heard)
    return {**heard, "product": product, "photo": "sent"}
