"""Has a caller finished, or only paused? How long to wait, by what was said so far."""

from __future__ import annotations

import random
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

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
_WIDTH = 1 << 17


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


@dataclass(frozen=True, slots=True, eq=False)
class EndOfTurn:
    """Tells how long a silence has to be, by words and meaning. Thread-safe."""

    endings: Endings
    waits: Waits
    likely: Mapping[Language, float] = field(default_factory=lambda: dict.fromkeys(LANGUAGES, 0.9))
    """P(nothing follows) from which a turn sounds complete."""
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

    def patience(
        self, meaning: Understanding | None, answers: bool, clip: AudioClip | None = None
    ) -> float:
        """Seconds of silence that end the turn; `answers`: the caller was just asked something.

        `clip` is the sound of the turn so far.
        """
        if meaning is None:
            return self.waits.usual
        said = re.sub(r"[\W_]+$", "", meaning.text)
        if not said:
            return self.waits.usual
        if _FIGURES.search(said.lower()):
            return self._number(said, meaning)
        likelihood = self.endings.probability(said)
        if _HESITATION.search(said.lower()):
            return self._hesitation(said, likelihood)
        if self._ends(meaning, likelihood) or (answers and (meaning.slots or is_backchannel(said))):
            return self.waits.short if self._falls(clip) else self.waits.usual
        return self.waits.long if likelihood < self.unlikely else self.waits.usual

    def _ends(self, meaning: Understanding, likelihood: float) -> bool:
        return likelihood >= self.likely[meaning.language] and meaning.intent not in self.opening

    def _hesitation(self, said: str, likelihood: float) -> float:
        ends = _ENDING.search(said.lower()) and likelihood >= self.complete
        return self.waits.usual if ends else self.waits.long

    def _falls(self, clip: AudioClip | None) -> bool:
        if self.melody is None or clip is None:
            return True
        return self.melody.finished(clip) >= self.falling

    def _number(self, said: str, meaning: Understanding) -> float:
        """A number is complete when a slot was read that ends with it."""
        whole = any(slot.end >= len(said) and slot.value[-1:].isdigit() for slot in meaning.slots)
        return self.waits.usual if whole else self.waits.long
