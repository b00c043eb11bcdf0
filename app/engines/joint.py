"""Words and meaning of speech, decided together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.config import Settings
from app.engines.speaking import hibari
from dialogue.domain import Domain
from dialogue.types import Heard, Hints, Language, State, Transcript

if TYPE_CHECKING:
    from dialogue.nlu.examples import Example
    from dialogue.nlu.parser import DialogueParser
    from dialogue.nlu.sounds import SoundClassifier, SpokenClassifier
    from speech.joint.decide import JointDecoder
    from speech.joint.phones import PhoneReader
    from speech.joint.search import WordSearch
    from speech.joint.tongue import Tongue
    from speech.joint.weights import Weights


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """Joint decoding for one pack."""

    decoder: JointDecoder
    meanings: SpokenClassifier
    known: Callable[[Sequence[str], State], Sequence[float]]
    numbers: Mapping[str, str]
    """The letters in the numbers that may be asked for, by slot."""

    def __call__(self, transcript: Transcript, state: State) -> Heard:
        """What was said and meant, after what was said before."""
        number = self.numbers.get(state.expects or "")
        known = lambda texts: self.known(texts, state)  # noqa: E731
        return self.decoder.decide(transcript, self.meanings, known, number)


def build_joint(settings: Settings, domain: Domain, parser: DialogueParser) -> Joint:
    """The pack's words and sounds; classifiers of sounds are trained once and kept."""
    from dialogue.nlu.examples import read_examples
    from dialogue.nlu.sounds import SpokenClassifier
    from speech.joint.decide import JointDecoder
    from speech.joint.search import WordSearch

    weights, reader = joint_weights(settings), build_phone_reader(settings)
    names = _names(domain)
    searches: dict[Language, WordSearch] = {}
    sounds: dict[Language, SoundClassifier] = {}
    for language in domain.languages:
        examples = read_examples(settings.pack, [language], domain.intents)
        tongue = build_tongue(language)
        searches[language] = WordSearch(tongue, reader, map(_stretches, examples), names)
        sounds[language] = _sounds(settings, language, tongue, examples)
    views = {language: each.views for language, each in weights.items()}
    return Joint(
        JointDecoder(reader, searches, weights, ECHOES if _choices(domain) else 0),
        SpokenClassifier(parser.posteriors, sounds, views),
        parser.known,
        {n: "".join(_LETTER.findall(s.pattern)) for n, s in domain.slots.items() if s.digits},
    )


def pack_hints(settings: Settings, domain: Domain) -> Hints:
    """What a recognizer may be told before anybody speaks: the pack's language and sentences."""
    from dialogue.nlu.examples import read_examples
    from dialogue.nlu.primer import primer

    only = domain.languages[0] if len(domain.languages) == 1 else None
    examples = read_examples(settings.pack, domain.languages, domain.intents)
    return Hints(language=only, prompt=primer(domain, examples))


def build_phone_reader(settings: Settings) -> PhoneReader:
    """Trained here, else as shipped for this pack, else as shipped for all."""
    from speech.joint.phones import PhoneReader

    shipped = settings.models / _PHONES
    own = shipped.with_name(f"{settings.domain}.safetensors")
    found = (file for file in (phones_file(settings), own) if file.is_file())
    return PhoneReader.load(next(found, shipped))


def joint_weights(settings: Settings) -> dict[Language, Weights]:
    """Fitted here for this pack, else as shipped for it."""
    from speech.joint.weights import read_weights

    shipped = settings.models / "joint" / f"{settings.domain}.json"
    return read_weights(weights_file(settings)) or read_weights(shipped)


def weights_file(settings: Settings) -> Path:
    """Where `lingxi joint fit` puts what it found."""
    return settings.var / "models" / "joint" / f"{settings.domain}.json"


_LETTER = re.compile(r"(?<!\\)[A-Z]")
ECHOES = 8
"""Orders that sound like the words heard, which compete where a pack lists what can be ordered."""
COUNTED = ("date", "number")
"""Types of slots of which one marked wording can stand where another did."""
_PHONES = Path("phones") / "whisper-base.safetensors"


def phones_file(settings: Settings) -> Path:
    """Where `lingxi joint train` puts what it learnt."""
    return settings.var / "models" / _PHONES


def build_tongue(language: Language) -> Tongue:
    """Words and sounds of one language."""
    match language:
        case "zh":
            from speech.joint.chinese import Chinese

            return Chinese(hibari().phonemes)
        case "en":
            from speech.joint.english import English

            return English(hibari().phonemes)


def _choices(domain: Domain) -> dict[str, list[str]]:
    """What the values of each slot that lists them may be called, in every language."""
    return {
        name: [word for value, synonyms in slot.values for word in (value, *synonyms)]
        for name, slot in domain.slots.items()
        if slot.values
    }


def _names(domain: Domain) -> dict[str, list[str]]:
    """What each slot may be called, in every language: its choices, or the products."""
    products = [
        name
        for product in domain.products.values()
        for name in (*product.names.values(), *product.synonyms)
    ]
    sold = {n: products for n, slot in domain.slots.items() if slot.type == "catalogue"}
    marked: dict[str, list[str]] = {n: [] for n, s in domain.slots.items() if s.type in COUNTED}
    return _choices(domain) | sold | marked


def _stretches(example: Example) -> list[tuple[str, str]]:
    """The example's text, cut where a slot is named."""
    rest, cut = example.text, []
    for name, words in example.slots:
        before, _, rest = rest.partition(words)
        cut += [(before, ""), (words, name)]
    return [*cut, (rest, "")]


def _sounds(
    settings: Settings, language: Language, tongue: Tongue, examples: Sequence[Example]
) -> SoundClassifier:
    from dialogue.nlu.sounds import Ear, train_or_load
    from speech.joint.tongue import phones_of

    ear = Ear(lambda text: phones_of(tongue, text), tongue.tracks)
    file = Path("sounds") / f"{settings.domain}-{language}.npz"
    return train_or_load(settings.var / "models" / file, examples, ear, settings.models / file)
