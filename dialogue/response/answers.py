"""Answers: what the articles and the catalogue's lines say to a question."""

from __future__ import annotations

from dataclasses import dataclass

from dialogue.domain import Domain, options
from dialogue.engines import Knowledge, Passage
from dialogue.followups import says
from dialogue.response.cards import article_card, steps_card
from dialogue.response.formats import enumerated
from dialogue.response.keys import missed_keys
from dialogue.response.wording import Wording, bare, quoted
from dialogue.types import Card, Decision, Language, Posterior, State

CAUTION = 0.01
"""Score that an article needs beyond the threshold when no intent is sure."""
BESIDE = 0.03
"""Score that an article on what was spoken of may lack beside one on what a question that leans on
it says by itself: 那运费谁出 after the rules of returns."""
LEEWAY = 0.03
"""Score that it may lack when it is looked for among those on what was just spoken of."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The words and cards of one decision."""

    text: str
    cards: tuple[Card, ...] = ()
    sources: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    doubtful: bool = False


class Answers:
    """Answers questions from a pack's articles; says so where none is near enough."""

    def __init__(self, domain: Domain, knowledge: Knowledge, wording: Wording) -> None:
        self._domain, self._knowledge, self._wording = domain, knowledge, wording

    def answer(
        self, decision: Decision, state: State, tone: str, seed: str, intents: Posterior
    ) -> Piece:
        """The words, cards and sources for `decision`; `intents` are the turn's own."""
        language = state.language
        if line := self._line(decision, language):
            return line
        unsure = dict(decision.arguments).get("unsure", False)
        named = self._named(decision, language, " ".join(state.said))
        found = named or self._passages(decision, language, intents)
        if not found:
            keys = missed_keys(decision) if unsure else ("answer.unknown",)
            text = self._wording.say(keys, language, {}, tone=tone, seed=seed, avoid=state.said)
            return Piece(text)
        best = found[0]
        card = article_card(best)
        text = "\n".join(quoted(best.text))
        least = self._domain.sure.get(language, 0.0)
        doubtful = not named and (unsure or best.assurance < least)
        if doubtful and set(text.split("\n")) <= set(state.said):
            text = self._wording.say(("answer.unknown",), language, {}, tone=tone, seed=seed)
            return Piece(text)
        if doubtful and self._wording.has("answer.guess"):
            lead = self._wording.say(("answer.guess",), language, {"title": best.title}, seed=seed)
            text = f"{lead}\n{text}"
        grounds = () if doubtful else tuple(bare(passage.text) for passage in found)
        return Piece(text, (card,) if card else (), (best.article,), grounds, doubtful)

    def _named(self, decision: Decision, language: Language, said: str) -> tuple[Passage, ...]:
        """What an article on the last topic says of what the question names: "and for cards?".

        The one that was just quoted, `said`, comes before others.
        """
        facts = dict(decision.arguments)
        within, naming = str(facts.get("within") or ""), str(facts.get("naming") or "")
        search = self._knowledge.search
        asked = within and naming
        query = f"{said} {decision.query}"
        return search(query, language, within=within, naming=naming) if asked else ()

    def _passages(
        self, decision: Decision, language: Language, intents: Posterior
    ) -> tuple[Passage, ...]:
        """What answers, best first: of what was spoken of, where the question leans on that."""
        if says(decision.query, self._domain.elsewhere):
            return ()
        least, facts = self._domain.threshold[language], dict(decision.arguments)
        within = "" if facts.get("naming") else str(facts.get("within") or "")
        if within:
            found = self._knowledge.search(decision.query, language, within=within)
            if found and (facts.get("bare") or found[0].score >= least - LEEWAY):
                return found
        # Of a second request in the turn only its own intent is known.
        first = bool(intents) and intents[0][0] == decision.topic
        topics = intents if first or facts.get("unsure") else ((decision.topic, 1.0),)
        found = self._knowledge.search(decision.query, language, topics)
        least += CAUTION if facts.get("unsure") else 0.0
        if beside := str(facts.get("beside") or ""):
            kin = self._knowledge.search(decision.query, language, within=beside)
            near = kin and found and kin[0].score >= max(least, found[0].score - BESIDE)
            found = kin if near else found
        return found if found and found[0].score >= least else ()

    def _line(self, decision: Decision, language: Language) -> Piece | None:
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
            return Piece(text)
        family = self._domain.family(named, language) if len(named) > 1 else ""
        names = enumerated([self._domain.products[p].names[language] for p in named], language)
        called = {"product": family or names}
        title = self._wording.say((f"card.{intent.line}",), language, called)
        card = steps_card(self._domain, product.id, title, how, language)
        return Piece(text, (card,) if card else ())
