"""Has a caller finished, or only paused? How long to wait, by what was said so far."""

from __future__ import annotations

import json
import math
import random
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import SGDClassifier

from dialogue.types import LANGUAGES, AudioClip, Language, Understanding
from speech.backchannel import is_backchannel
from speech.engines import TurnDetector

_UNIT = re.compile(r"[\u3400-\u9fff]|\d|[a-z]+(?:['’][a-z]+)?")
_HESITATION = re.compile(
    r"(?:嗯+|呃+|额+|啊+|哦|那个|这个|就是|然后|还有|因为|所以|但是|如果|或者"
    r"|\b(?:u+m+|u+h+|e+r+m*|h+m+|well|so|and|but|or|because|if|like|the|a|an|my|to|for|of))$"
)
_ENDING = re.compile(r"(?:\w啊|\w\s(?:so|like|to|for|of))$")
"""Those of them that end sentences too: 几点能到啊, "what are you good for"."""
_FIGURE = (
    r"(?:\d|[零〇一二三四五六七八九幺]"
    r"|\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)\b)"
)
_FIGURES = re.compile(rf"(?:\d|{_FIGURE}[\s,，]*{_FIGURE})$")
"""A digit, or two figures in words: one alone ("not that one") is seldom a number."""
_LEAST = 2
"""Units of the shortest example that is cut off."""
_LONG = 12
"""Units from which an utterance is no longer for being longer."""
_WIDTH = 1 << 17
_AS_LIKELY = 0.5
"""P(nothing follows) from which a yes to a question of yes or no is all of the answer."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a silence must be to end a turn, in seconds."""

    short: float
    """After what sounds complete."""
    usual: float
    long: float
    """In the middle of a number, after "um", after what wants to go on."""


class Endings:
    """How probably nothing follows these words, learnt from whole and cut-off utterances.

    A logistic regression over the last one to four units, all units and pairs, the first two and
    the length; a unit is a Chinese character, an English word or a digit. Punctuation does not
    count: recognizers make it up. What is an example by itself counts as often as it stood alone
    among the examples that begin with it and one more, which may go on.
    """

    def __init__(self, utterances: Iterable[str], seed: int = 0) -> None:
        chooser = random.Random(seed)  # noqa: S311 - where examples are cut, no secret
        said = [found for text in utterances if (found := units(text))]
        self._whole = sorted(" ".join(each) for each in said)
        long = [each for each in said if len(each) > _LEAST]
        cut = [each[: chooser.randint(_LEAST, len(each) - 1)] for each in long for _ in range(2)]
        marks = [1] * len(said) + [0] * len(cut)
        self._hash = FeatureHasher(_WIDTH)
        self._model = SGDClassifier(loss="log_loss", alpha=5e-5, random_state=seed, average=True)
        self._model.fit(self._hash.transform(map(_features, [*said, *cut])), marks)

    def probability(self, text: str) -> float:
        """P(nothing follows `text`)."""
        said = units(text)
        found = self._hash.transform([_features(said)])
        return max(float(self._model.predict_proba(found)[0, 1]), self._alone(" ".join(said)))

    def _alone(self, said: str) -> float:
        """Share of the examples that begin with `said`, and of one unknown, that end there too."""
        first, last = bisect_left(self._whole, said), bisect_right(self._whole, said)
        on = bisect_left(self._whole, f"{said} \uffff") - bisect_left(self._whole, f"{said} ")
        return (last - first) / (last - first + on + 1)


def units(text: str) -> list[str]:
    """Characters, words and digits; every digit is the same."""
    return ["0" if unit.isdigit() else unit for unit in _UNIT.findall(text.lower())]


def _features(said: list[str]) -> dict[str, int]:
    last = {f"last {' '.join(said[-n:])}": 1 for n in range(1, 5)}
    pairs = {f"pair {one} {other}": 1 for one, other in pairwise(said)}
    some = {f"unit {unit}": 1 for unit in said}
    return {**last, **pairs, **some, f"first {' '.join(said[:2])}": 1, f"n {min(len(said), 12)}": 1}


@dataclass(frozen=True, slots=True)
class Sense:
    """How probably what was understood is all of it: a logistic regression of three numbers."""

    words: float
    """Weight of the log odds that nothing follows the words."""
    meaning: float
    """… of the log odds that the intent is right: half a request is seldom clear."""
    length: float
    """… of the share of twelve units that was said: who has said more has less to say."""
    bias: float

    def probability(self, likelihood: float, meaning: Understanding) -> float:
        """P(nothing follows), where `likelihood` is that of the words alone."""
        return 1 / (1 + math.exp(-self.score(likelihood, meaning)))

    def score(self, likelihood: float, meaning: Understanding) -> float:
        """Log odds that nothing follows."""
        words, sure = _odds(likelihood, 1e-4), _odds(meaning.confidence, 1e-3)
        long = min(len(units(meaning.text)), _LONG) / _LONG
        return self.words * words + self.meaning * sure + self.length * long + self.bias


def read_senses(path: Path) -> dict[Language, Sense]:
    """What bench/complete.py learnt for a pack, by language; nothing where there is no file."""
    if not path.is_file():
        return {}
    stored: dict[Language, dict[str, float]] = json.loads(path.read_text("utf-8"))
    return {language: Sense(**numbers) for language, numbers in stored.items()}


def _odds(p: float, least: float) -> float:
    p = min(max(p, least), 1 - least)
    return math.log(p / (1 - p))


@dataclass(frozen=True, slots=True, eq=False)
class EndOfTurn:
    """Tells how long a silence has to be, by words and meaning. Thread-safe."""

    endings: Endings
    waits: Waits
    likely: Mapping[Language, float] = field(default_factory=lambda: dict.fromkeys(LANGUAGES, 0.9))
    """P(nothing follows) from which a turn sounds complete."""
    senses: Mapping[Language, Sense] = field(default_factory=dict)
    """What weighs the words together with what they mean, in the languages where it was learnt …"""
    whole: float = 0.75
    """… and P(nothing follows) by it from which a turn sounds complete."""
    complete: float = 0.9
    """From this on a word that may hesitate or end a sentence ends it."""
    unlikely: float = 0.02
    """Below this it wants to go on."""
    melody: TurnDetector | None = None
    """What sounds complete must also end for this one, where there is one."""
    falling: float = 0.5
    """Its probability from which it does."""
    opening: frozenset[str] = frozenset({"greet"})
    """Intents after which people go on, however complete they sound: hello, …"""
    yes_no: frozenset[str] = frozenset()
    """What is asked by questions that a yes answers."""
    numbers: frozenset[str] = frozenset()
    """Slots that hold a whole number of known length, the beginning of no longer one."""

    def patience(
        self, meaning: Understanding | None, asked: str | None, clip: AudioClip | None = None
    ) -> float:
        """Seconds of silence that end the turn; `asked` is the slot that the caller was asked for.

        `clip` is the sound of the turn so far.
        """
        if meaning is None:
            return self.waits.usual
        said = re.sub(r"[\W_]+$", "", meaning.text)
        if not said:
            return self.waits.usual
        if _FIGURES.search(said.lower()):
            return self._number(said, meaning, asked)
        likelihood = self.endings.probability(said)
        if _HESITATION.search(said.lower()):
            return self._hesitation(said, likelihood)
        if self._ends(meaning, likelihood) or self._answers(meaning, asked, likelihood):
            return self.waits.short if self._falls(clip) else self.waits.usual
        return self.waits.long if likelihood < self.unlikely else self.waits.usual

    def _ends(self, meaning: Understanding, likelihood: float) -> bool:
        if meaning.intent in self.opening:
            return False
        sense = self.senses.get(meaning.language)
        if sense:
            return sense.probability(likelihood, meaning) >= self.whole
        return likelihood >= self.likely[meaning.language]

    def _answers(self, meaning: Understanding, asked: str | None, likelihood: float) -> bool:
        """Whether what was asked for has been said: a value, or a yes where no more is wanted."""
        if asked is None:
            return False
        if meaning.slots or is_backchannel(re.sub(r"[\W_]+$", "", meaning.text)):
            return True
        sure = meaning.intent == "affirm" and meaning.confidence >= self.complete
        return asked in self.yes_no and sure and likelihood >= _AS_LIKELY

    def _hesitation(self, said: str, likelihood: float) -> float:
        ends = _ENDING.search(said.lower()) and likelihood >= self.complete
        return self.waits.usual if ends else self.waits.long

    def _falls(self, clip: AudioClip | None) -> bool:
        if self.melody is None or clip is None:
            return True
        return self.melody.finished(clip) >= self.falling

    def _number(self, said: str, meaning: Understanding, asked: str | None) -> float:
        """A number is complete when a slot was read that ends with it; when it is the one that was
        asked for and no longer one begins so, nothing can follow."""
        whole = {s.name for s in meaning.slots if s.end >= len(said) and s.value[-1:].isdigit()}
        if asked in whole & self.numbers:
            return self.waits.short
        return self.waits.usual if whole else self.waits.long
