"""Words and meaning of speech, decided together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.config import Settings
from app.engines.speaking import hibari
from dialogue.domain import Domain
from dialogue.types import Heard, Language, Transcript
from speech.engines import Recognizer

if TYPE_CHECKING:
    from dialogue.nlu.examples import Example
    from dialogue.nlu.parser import DialogueParser
    from dialogue.nlu.sounds import SoundClassifier, SpokenClassifier
    from speech.joint.decide import JointDecoder
    from speech.joint.repair import Repairer
    from speech.joint.tongue import Tongue
    from speech.joint.weights import Weights


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """Joint decoding for one pack."""

    decoder: JointDecoder
    meanings: SpokenClassifier
    known: Callable[[Sequence[str]], Sequence[float]]

    def __call__(self, transcript: Transcript) -> Heard:
        """What was said and meant."""
        return self.decoder.decide(transcript, self.meanings, self.known)


def build_joint(
    settings: Settings, domain: Domain, parser: DialogueParser, recognizer: Recognizer
) -> Joint:
    """The pack's words and sounds; classifiers of sounds are trained once and kept."""
    from dialogue.nlu.examples import read_examples
    from dialogue.nlu.sounds import SpokenClassifier
    from speech.joint.decide import JointDecoder

    weights = joint_weights(settings)
    repairers: dict[Language, Repairer] = {}
    sounds: dict[Language, SoundClassifier] = {}
    for language in domain.languages:
        examples = read_examples(settings.pack, [language], domain.intents)
        tongue = _tongue(language)
        repairers[language] = _repairer(domain, tongue, examples)
        sounds[language] = _sounds(settings, language, tongue, examples)
    views = {language: each.views for language, each in weights.items()}
    return Joint(
        JointDecoder(repairers, weights, recognizer.rescore),
        SpokenClassifier(parser.posteriors, sounds, views),
        parser.known,
    )


def joint_weights(settings: Settings) -> dict[Language, Weights]:
    """Fitted here, else as shipped with the pack's models."""
    from speech.joint.weights import read_weights

    return read_weights(weights_file(settings)) or read_weights(
        settings.models / "joint" / f"{settings.domain}.json"
    )


def weights_file(settings: Settings) -> Path:
    """Where `lingxi joint fit` puts what it found."""
    return settings.var / "models" / "joint" / f"{settings.domain}.json"


def _tongue(language: Language) -> Tongue:
    match language:
        case "zh":
            from speech.joint.chinese import Chinese

            return Chinese()
        case "en":
            from speech.joint.english import English

            return English(hibari().phonemes)


def _repairer(domain: Domain, tongue: Tongue, examples: Sequence[Example]) -> Repairer:
    from speech.joint.repair import Repairer

    choices = (
        word
        for slot in domain.slots.values()
        for value, synonyms in slot.values
        for word in (value, *synonyms)
    )
    products = (
        name
        for product in domain.products.values()
        for name in (*product.names.values(), *product.synonyms)
    )
    return Repairer(tongue, [example.text for example in examples], (*choices, *products))


def _sounds(
    settings: Settings, language: Language, tongue: Tongue, examples: Sequence[Example]
) -> SoundClassifier:
    from dialogue.nlu.sounds import train_or_load

    file = Path("sounds") / f"{settings.domain}-{language}.npz"
    return train_or_load(
        settings.var / "models" / file, examples, tongue.tracks, settings.models / file
    )
