"""Suggestions: quick replies that fit what was just said or asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dialogue.domain import Domain
from dialogue.response.formats import capital
from dialogue.response.wording import Wording
from dialogue.types import Act, Decision, Language, Suggestion

_AFTER = {
    "start": "start",
    "greet": "start",
    "help": "start",
    "out_of_scope": "start",
    "unclear": "start",
    "what_about": "order",
    "picture.order": "order",
    "about_product": "picture.product",
}


MOST = 5
"""Products offered for choice."""


def suggestions_for(
    domain: Domain,
    wording: Wording,
    decision: Decision,
    language: Language,
    values: Mapping[str, str],
    listed: Sequence[str] = (),
) -> tuple[Suggestion, ...]:
    """The quick replies for `decision`; none where the customer had better use own words.

    `listed` are the customer's own orders, if told before.
    """
    if listed and decision.act is Act.ASK and decision.topic == "order_id":
        return tuple(Suggestion(order, order) for order in listed[:MOST])
    if offered := _offered(domain, decision, language):
        return tuple(Suggestion(capital(name), name) for name in offered[:MOST])
    keys = [f"intent.{guess}" for guess in dict(decision.arguments).get("guesses", ())]
    found = [s for key in keys for s in worded(wording, key, language, values)]
    if found:
        return (*found, *worded(wording, "person", language, values))
    own = wording.has(f"suggest.{decision.topic}") and decision.act is Act.TELL
    return tuple(worded(wording, decision.topic if own else _key(decision), language, values))


def worded(
    wording: Wording, key: str, language: Language, values: Mapping[str, str]
) -> Iterator[Suggestion]:
    """The pack's quick replies `suggest.<key>`."""
    for variant in wording.variants(f"suggest.{key}", language):
        label, _, text = wording.say_line(variant, values).partition("|")
        if label:
            yield Suggestion(label, text or label)


def _offered(domain: Domain, decision: Decision, language: Language) -> tuple[str, ...]:
    """The names to choose from when it is asked which product is meant."""
    facts = dict(decision.arguments)
    if decision.act is Act.TELL and facts.get("orders"):
        return tuple(str(order.get("order_id", "")) for order in facts["orders"])
    asked = decision.act is Act.ASK and decision.topic == "product" and facts.get("because")
    if not asked and decision.topic != "picture.which":
        return ()
    if items := facts.get("items"):
        return tuple(str(item.get(f"name_{language}", "")) for item in items)
    return domain.product_names(str(facts.get("product") or ""), language)


def _key(decision: Decision) -> str:
    match decision.act:
        case Act.CONFIRM:
            return "confirm"
        case Act.ASK:
            return "photo" if decision.topic == "photo" else ""
        case Act.HANDOFF:
            return "back"
        case Act.ANSWER:
            return _AFTER.get(decision.topic, "")
        case Act.TELL:
            failed = ".failed" in decision.topic or ".refused" in decision.topic
            return _AFTER.get(decision.topic, "person" if failed else "")
        case _:
            return ""
