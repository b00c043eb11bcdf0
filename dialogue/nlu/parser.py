"""DialogueParser: intent and slots from words (the seam `Parser`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from dialogue import cues
from dialogue.domain import PACK_INTENTS, Domain
from dialogue.nlu.also import Clause, clauses, pieces, scraps
from dialogue.nlu.slots import SlotReader
from dialogue.nlu.spelling import Speller
from dialogue.openings import after_what
from dialogue.types import Language, Posterior, Request, Slot, State, Understanding

OUT_OF_SCOPE = PACK_INTENTS[-1]
LONG = 14
"""Words or characters from which a text that says nothing sure is looked at piece by piece."""
LOUD = 0.8
SCRAPS = 16
ASKED = 5.0
"""Names that a whole number counts for where just that was asked for."""

_CLAUSE = re.compile(r"[^，,。；;!！?？\n.]+(?:[，,。；;!！?？\n]|\.(?!\d))*|.")


class Classifier(Protocol):
    """Gives intent posteriors; `IntentClassifier` and `KeywordClassifier` do."""

    @property
    def threshold(self) -> float:
        """Confidence below which an intent should not be acted on."""
        ...

    def posteriors(self, texts: Sequence[str]) -> list[Posterior]:
        """One posterior per text, most probable intent first."""
        ...

    def readings(self, texts: Sequence[str]) -> list[Posterior]:
        """The same for guesses at what was said, of which most are not what was."""
        ...


class DialogueParser:
    """Reads intent, slots and further requests; feeling and pictures are left neutral."""

    def __init__(self, domain: Domain, classifier: Classifier) -> None:
        self._classifier = classifier
        self._anywhere = {
            name for name, spec in domain.slots.items() if spec.keep and spec.type == "pattern"
        }
        """An order number said with one request serves the others too."""
        self._numbers = {name: spec.pattern for name, spec in domain.slots.items() if spec.digits}
        self._speller = Speller(domain)
        self._slots = SlotReader(domain, self._speller.knows)
        # A greeting or a yes beside a request is not a second request.
        self._small = {n for n in PACK_INTENTS if n != "human_agent"} | {
            name for name, intent in domain.intents.items() if intent.reply == "tell"
        }

    @property
    def classifier(self) -> Classifier:
        """What tells the intents apart."""
        return self._classifier

    def parse(self, text: str, language: Language, state: State) -> Understanding:
        """Intents and slots of `text`; nothing said is out of scope and abstained."""
        if not text.strip():
            return Understanding(text, language, ((OUT_OF_SCOPE, 1.0),), abstained=True)
        ranked = self._ranked(text)
        name, sure = ranked[0]
        meaning = Understanding(
            text=text,
            language=language,
            intents=ranked,
            slots=self._slots.read(text, state),
            confidence=sure,
            abstained=sure < self._classifier.threshold,
        )
        small = name in self._small and name not in ("affirm", "deny")
        if (meaning.abstained or small) and (loud := self._loudest(text)):
            found = replace(meaning, intents=loud, confidence=loud[0][1], abstained=False)
            if meaning.abstained:
                return found
            meaning, name = found, loud[0][0]
        several = clauses(text, name, self._classifier.posteriors, self._small)
        return self._several(meaning, several, state) if several else meaning

    def _ranked(self, text: str) -> Posterior:
        """The intents of `text`; of what follows a "what?" ("what? I said cancel it"), of what is
        left without the clauses that hold only its numbers, or of its mended spelling, where only
        that surely asks for one.
        """
        ranked = self._classifier.posteriors([text])[0]
        if (request := after_what(text)) and ranked[0][0] in (*self._small, OUT_OF_SCOPE):
            meant = self._classifier.posteriors([request])[0]
            if _surely_asks(meant) and meant[0][0] not in self._small:
                return meant
        if _surely_asks(ranked):
            return ranked
        rest = self._unnumbered(text)
        others = [t for t in dict.fromkeys((rest, self._speller.mended(rest))) if t != text]
        again = self._classifier.posteriors(others) if others else []
        return next((posterior for posterior in again if _surely_asks(posterior)), ranked)

    def _unnumbered(self, text: str) -> str:
        """`text` without the clauses that hold an order or phone number; itself where none is left.

        "The milk leaked, it's FD2024051 and my phone ends in 5678" is about milk.
        """
        numbers = self._numbers.values()
        left = [c for c in _CLAUSE.findall(text) if not any(re.search(n, c) for n in numbers)]
        rest = "".join(left).strip(" ，,;；\n")
        return rest if cues.units(rest) > 1 else text

    def _loudest(self, text: str) -> Posterior | None:
        """The surest request among the pieces of a long text, such as a pasted receipt."""
        if cues.units(text) < LONG:
            return None
        parts = dict.fromkeys((*scraps(text), *pieces(text)))
        ranked = self._classifier.posteriors(list(parts)[:SCRAPS])
        wishes = [r for r in ranked if r[0][0] not in self._small and r[0][1] >= LOUD]
        return max(wishes, key=lambda r: r[0][1], default=None)

    def _several(
        self, meaning: Understanding, several: Sequence[Clause], state: State
    ) -> Understanding:
        """`meaning` as its first request, the others beside it, each with its own slots."""
        first, *rest = several
        also = tuple(
            Request(c.posterior[0][0], c.text, self._slots.read(c.text, State())) for c in rest
        )
        own = tuple(_moved(s, first.start) for s in self._slots.read(first.text, state))
        given = {slot.name for slot in own}
        shared = tuple(s for s in meaning.slots if s.name in self._anywhere - given)
        sure = first.posterior[0][1]
        return replace(
            meaning, intents=first.posterior, slots=own + shared, confidence=sure, also=also
        )

    def posteriors(self, texts: Sequence[str]) -> list[Posterior]:
        """Posteriors of what a speaker may have said, for joint decoding."""
        return self._classifier.readings(texts)

    def known(self, texts: Sequence[str], state: State) -> list[float]:
        """How many names and numbers in each text are such as exist, or were asked for."""
        return [self._weight(self._slots.read(text, state), state) for text in texts]

    def _weight(self, slots: Sequence[Slot], state: State) -> float:
        whole = self._numbers.get(state.expects or "", "")
        asked = any(s.name == state.expects and re.fullmatch(whole, s.value) for s in slots)
        return len(slots) + (ASKED if asked else 0.0)


def _surely_asks(posterior: Posterior) -> bool:
    name, sure = posterior[0]
    return name != OUT_OF_SCOPE and sure >= LOUD


def _moved(slot: Slot, by: int) -> Slot:
    return replace(slot, start=slot.start + by, end=slot.end + by) if slot.start >= 0 else slot
