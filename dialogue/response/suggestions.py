"""Suggestions: quick replies that fit what was just said or asked."""

from __future__ import annotations

from collections.abc import Mapping

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
    "picture.product": "picture.product",
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
) -> tuple[Suggestion, ...]:
    """The quick replies for `decision`; none where the customer had better use own words."""
    if offered := _offered(domain, decision, language):
        return tuple(Suggestion(capital(name), name) for name in offered[:MOST])
    key = _key(decision)
    if not key:
        return ()
    return lines(wording, key, language, values)


def lines(
    wording: Wording, key: str, language: Language, values: Mapping[str, str]
) -> tuple[Suggestion, ...]:
    """The pack's quick replies `suggest.<key>`."""
    said = [wording.say_line(v, values) for v in wording.variants(f"suggest.{key}", language)]
    pairs = [line.partition("|") for line in said if line]
    return tuple(Suggestion(label, text or label) for label, _, text in pairs)


def _offered(domain: Domain, decision: Decision, language: Language) -> tuple[str, ...]:
    """The names to choose from when it is asked which product is meant."""
    facts = dict(decision.arguments)
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
        case Act.TELL:
            failed = ".failed" in decision.topic or ".refused" in decision.topic
            return _AFTER.get(decision.topic, "person" if failed else "")
        case _:
            return ""
