"""DialogueParser: intent and slots from words (the seam `Parser`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from dialogue.domain import PACK_INTENTS, Domain
from dialogue.nlu.also import further_intents
from dialogue.nlu.slots import SlotReader
from dialogue.types import Language, Posterior, State, Understanding

OUT_OF_SCOPE = PACK_INTENTS[-1]


class Classifier(Protocol):
    """Gives intent posteriors; `IntentClassifier` and `KeywordClassifier` do."""

    @property
    def threshold(self) -> float:
        """Confidence below which an intent should not be acted on."""
        ...

    def posteriors(self, texts: Sequence[str]) -> list[Posterior]:
        """One posterior per text, most probable intent first."""
        ...


class DialogueParser:
    """Reads intent, slots and further requests; feeling and pictures are left neutral."""

    def __init__(self, domain: Domain, classifier: Classifier) -> None:
        self._classifier = classifier
        self._slots = SlotReader(domain)
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
        ranked = self._classifier.posteriors([text])[0]
        name, sure = ranked[0]
        return Understanding(
            text=text,
            language=language,
            intents=ranked,
            slots=self._slots.read(text, state),
            confidence=sure,
            abstained=sure < self._classifier.threshold,
            also=further_intents(text, name, self._classifier.posteriors, self._small),
        )

    def posteriors(self, texts: Sequence[str]) -> list[Posterior]:
        """Posteriors of many texts at once, for joint decoding of speech."""
        return self._classifier.posteriors(texts)
