"""Planner: a decision becomes sentences, cards and quick replies in the form that fits."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dialogue.domain import Domain, options
from dialogue.engines import Knowledge, Passage
from dialogue.followups import says
from dialogue.response.cards import article_card, cards_for, product_card, steps_card
from dialogue.response.form import shaped
from dialogue.response.formats import OF_TWO, enumerated, written
from dialogue.response.mood import soothed
from dialogue.response.suggestions import suggestions_for
from dialogue.response.wording import Wording, sentences
from dialogue.state import upset
from dialogue.types import (
    Act,
    Card,
    Decision,
    Language,
    Posterior,
    ReplyPlan,
    State,
    Turn,
    Understanding,
)
from dialogue.types.marks import unmarked

CAUTION = 0.01
"""Score that an article needs beyond the threshold when no intent is sure."""
LEEWAY = 0.03
"""Score that it may lack when it is looked for among those on what was just spoken of."""
ANSWER_SENTENCES = 4
"""An article is quoted up to so many sentences; its card or the page has the rest."""

_PRODUCT_TOPICS = ("picture.product", "about_product")
_MARKUP = re.compile(
    r"^#+ .*$|[*_`>]+|^\s*[-+] |!\[[^\]]*\]\([^)]*\)|(?<=\])\([^)]*\)|[\[\]]", re.M
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The words and cards of one decision."""

    text: str
    cards: tuple[Card, ...] = ()
    sources: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    doubtful: bool = False


def _now() -> datetime:
    return datetime.now(UTC)


class Planner:
    """Words decisions with a pack's wording and articles (the seam `Responder`)."""

    def __init__(
        self, domain: Domain, knowledge: Knowledge, clock: Callable[[], datetime] = _now
    ) -> None:
        """`clock` tells the time with its zone, for "today at 6:30 pm"."""
        self._domain, self._knowledge, self._clock = domain, knowledge, clock
        self._wording = Wording(domain)

    def at(self, moment: datetime) -> Planner:
        """The same, words said so far included, to whom it is always `moment`."""
        there = copy(self)
        there._clock = lambda: moment
        return there

    @property
    def used(self) -> frozenset[str]:
        """Keys of the wording that were said so far."""
        return frozenset(self._wording.used)

    def plan(
        self,
        decision: Decision,
        turn: Turn,
        meaning: Understanding,
        state: State,
        left: float = math.inf,
    ) -> ReplyPlan:
        """The whole reply to `turn`, clause by clause; `left` seconds until it is late."""
        if decision.act is Act.SILENT:
            return ReplyPlan(state.language, (), ("text",), "a person owns the conversation")
        tone = self._tone(decision, meaning)
        plan = self._worded(decision, state, tone, turn.id, meaning.intents)
        angry = self._domain.is_angry(meaning)
        rules, text = self._domain.forms, meaning.text
        plan = shaped(plan, rules, decision, turn, state, text=text, left=left, angry=angry)
        if angry:
            return soothed(plan, self._domain, self._wording, decision, state)
        return plan

    def greet(self, decision: Decision, state: State) -> ReplyPlan:
        """The greeting of `manager.start`, before there is any turn."""
        return self._worded(decision, state, "warm", state.language)

    def _worded(
        self, decision: Decision, state: State, tone: str, seed: str, intents: Posterior = ()
    ) -> ReplyPlan:
        told = (*decision.before, decision)
        pieces = [self._piece(each, state, tone, seed, intents) for each in told]
        values = self._values(decision, state.language)
        return ReplyPlan(
            language=state.language,
            clauses=tuple(s for piece in pieces for s in _clauses(piece.text, decision.act)),
            forms=("text",),
            reason="text always",
            cards=tuple(card for piece in pieces for card in piece.cards),
            suggestions=suggestions_for(
                self._domain, self._wording, decision, state.language, values
            ),
            tone=tone,
            sources=tuple(source for piece in pieces for source in piece.sources),
            grounds=pieces[0].grounds if len(pieces) == 1 else (),
            doubtful=any(piece.doubtful for piece in pieces),
        )

    def _piece(
        self, decision: Decision, state: State, tone: str, seed: str, intents: Posterior
    ) -> _Piece:
        language = state.language
        if decision.act is Act.ANSWER:
            return self._answer(decision, state, tone, seed, intents)
        if decision.act is Act.REPEAT and state.said:
            return _Piece("\n".join(state.said))
        values, facts = self._values(decision, language), dict(decision.arguments)
        keys = _keys(decision, state)
        if decision.act is Act.HANDOFF and not self._domain.people.there(self._clock()):
            keys = (*(key for key in ("handoff.closed",) if self._wording.has(key)), *keys)
        text = self._wording.say(keys, language, values, tone=tone, seed=seed, avoid=state.said)
        return _Piece(text, self._cards(decision, facts, language))

    def _cards(
        self, decision: Decision, facts: Mapping[str, Any], language: Language
    ) -> tuple[Card, ...]:
        if decision.act is Act.TELL and decision.topic in _PRODUCT_TOPICS:
            card = product_card(self._domain, str(facts.get("product")), language)
            return (card,) if card else ()
        addressed = decision.act is Act.CONFIRM and facts.get("address")
        if addressed or (decision.act is Act.TELL and ".done" in decision.topic):
            return cards_for(self._domain, self._wording, facts, language, self._clock())
        return ()

    def _answer(
        self, decision: Decision, state: State, tone: str, seed: str, intents: Posterior
    ) -> _Piece:
        language = state.language
        if line := self._line(decision, language):
            return line
        unsure = dict(decision.arguments).get("unsure", False)
        found = self._passages(decision, language, intents)
        if not found:
            keys = _missed_keys(decision) if unsure else ("answer.unknown",)
            text = self._wording.say(keys, language, {}, tone=tone, seed=seed, avoid=state.said)
            return _Piece(text)
        best = found[0]
        card = article_card(best)
        text = _quoted(best)
        doubtful = unsure or best.assurance < self._domain.sure.get(language, 0.0)
        if doubtful and set(text.split("\n")) <= set(state.said):
            text = self._wording.say(("answer.unknown",), language, {}, tone=tone, seed=seed)
            return _Piece(text)
        if doubtful and self._wording.has("answer.guess"):
            lead = self._wording.say(("answer.guess",), language, {"title": best.title}, seed=seed)
            text = f"{lead}\n{text}"
        grounds = () if doubtful else tuple(_MARKUP.sub("", passage.text) for passage in found)
        return _Piece(text, (card,) if card else (), (best.article,), grounds, doubtful)

    def _passages(
        self, decision: Decision, language: Language, intents: Posterior
    ) -> tuple[Passage, ...]:
        """What answers, best first: of what was spoken of, where the question leans on that."""
        if says(decision.query, self._domain.elsewhere):
            return ()
        least, facts = self._domain.threshold[language], dict(decision.arguments)
        if within := str(facts.get("within") or ""):
            found = self._knowledge.search(decision.query, language, within=within)
            if found and found[0].score >= least - LEEWAY:
                return found
        # Of a second request in the turn only its own intent is known.
        first = bool(intents) and intents[0][0] == decision.topic
        topics = intents if first or facts.get("unsure") else ((decision.topic, 1.0),)
        found = self._knowledge.search(decision.query, language, topics)
        least += CAUTION if facts.get("unsure") else 0.0
        return found if found and found[0].score >= least else ()

    def _line(self, decision: Decision, language: Language) -> _Piece | None:
        intent = self._domain.intents.get(decision.topic)
        named = options(str(dict(decision.arguments).get("product") or ""))
        product = self._domain.products.get(named[0]) if named else None
        if not (intent and intent.line and product and product.storage[language]):
            return None
        if says(decision.query, intent.line_unless):
            return None
        several = [f"answer.{intent.line}.several"] if len(named) > 1 else []
        how = product.storage[language]
        values = {"product": product.names[language], "storage": how}
        text = self._wording.say((*several, f"answer.{intent.line}"), language, values)
        if not self._wording.has(f"card.{intent.line}"):
            return _Piece(text)
        names = enumerated([self._domain.products[p].names[language] for p in named], language)
        title = self._wording.say((f"card.{intent.line}",), language, {"product": names})
        card = steps_card(self._domain, product.id, title, how, language)
        return _Piece(text, (card,) if card else ())

    def _values(self, decision: Decision, language: Language) -> dict[str, str]:
        facts = dict(decision.arguments)
        refunds: list[dict[str, Any]] = facts.get("refunds") or []
        if len(refunds) == 1:
            facts = {**facts, **refunds[0]}
        values = written(facts, language, self._clock())
        if product := facts.get("product"):
            names = self._domain.product_names(str(product), language)
            joint = "还是" if language == "zh" else "or"
            values["product"] = enumerated(names, language, joint)
        for name, each in zip(OF_TWO, facts.get("products") or (), strict=False):
            told = written(each, language)
            values |= {name: told.get("name", ""), f"{name}_price": told.get("unit_price", "")}
        if status := facts.get("status"):
            keys = (f"word.status.{status}", "word.status.other")
            values["status"] = self._wording.say(keys, language, {})
        return values

    def _tone(self, decision: Decision, meaning: Understanding) -> str:
        if upset(self._domain, meaning):
            return "sorry"
        flow = self._domain.flows.get(decision.flow or "")
        topics = flow.intents if flow else (decision.topic,)
        found = [self._domain.intents[t].tone for t in topics if t in self._domain.intents]
        return found[0] if found else "plain"


def _keys(decision: Decision, state: State) -> tuple[str, ...]:
    """The wording keys that fit `decision`, closest first."""
    topic, facts = decision.topic, dict(decision.arguments)
    match decision.act:
        case Act.ASK:
            key = f"ask.{topic}"
            again = [f"{key}.again"] if dict(state.asked).get(topic, 0) > 1 else []
            because = [f"{key}.{facts['because']}"] if facts.get("because") else []
            return (*because, *again, key)
        case Act.CONFIRM:
            return (f"confirm.{topic}",)
        case Act.HANDOFF:
            return (f"handoff.{topic}", "handoff.asked")
        case Act.REPEAT:
            return ("repeat.nothing",)
        case _ if facts.get("guesses"):
            return _missed_keys(decision)
        case _:
            return _tell_keys(topic, facts, state.topic)


def _missed_keys(decision: Decision) -> tuple[str, ...]:
    guessed = ["tell.unclear.guess"] if dict(decision.arguments).get("guesses") else []
    return (*guessed, f"tell.{decision.topic}")


def _tell_keys(topic: str, facts: Mapping[str, Any], asked: str) -> tuple[str, ...]:
    action, _, rest = topic.partition(".")
    outcome, _, code = rest.partition(".")
    many = [f"tell.{action}.{outcome}.many"] if len(facts.get("refunds") or ()) > 1 else []
    general = [f"tell.{outcome}.{code}", f"tell.{outcome}"] if outcome else []
    as_asked = [f"tell.{topic}.for.{asked}"] if asked else []
    return (*many, *as_asked, f"tell.{topic}", f"tell.{action}.{outcome}", *general)


def _quoted(passage: Passage) -> str:
    text = _MARKUP.sub("", unmarked(passage.text))
    return "\n".join([s for s in sentences(text) if s][:ANSWER_SENTENCES])


def _clauses(text: str, act: Act) -> tuple[str, ...]:
    lines = text.split("\n")
    return tuple(lines) if act is Act.REPEAT else tuple(s for x in lines for s in sentences(x))
