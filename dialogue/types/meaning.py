"""What was heard and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dialogue.types.turn import Language, Modality

Source = Literal["text", "voice", "picture", "state", "model"]
"""Where a value came from; "model": words that a language model pointed at."""
PictureFault = Literal["dark", "bright", "blurred", "small"]
Posterior = tuple[tuple[str, float], ...]
"""(name, probability), most probable first."""


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word and where it lies in the clip."""

    text: str
    start: float
    """Seconds from the start of the clip."""
    end: float
    """Seconds from the start of the clip."""
    probability: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One thing the customer may have said."""

    text: str
    logprob: float
    """Mean natural log-probability per token."""
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Hints:
    """What the recognizer may be told before it listens."""

    language: Language | None = None
    """Force this language; None identifies it."""
    prior: tuple[tuple[Language, float], ...] = ()
    """Language prior from the conversation, multiplied into the identification."""
    prompt: str = ""
    """Text that could have come before, to set spelling and script."""
    hotwords: tuple[str, ...] = ()
    """Words of the domain to favour."""
    allowed: str = ""
    """When set, only these characters are expected (an order number, say)."""
    n: int = 1
    """How many hypotheses are wanted."""
    partial: bool = False
    """The speaker has not finished: prefer speed."""


@dataclass(frozen=True, slots=True, eq=False)
class Transcript:
    """What a recognizer heard, best hypothesis first; empty when nothing was said."""

    hypotheses: tuple[Hypothesis, ...]
    language: Language
    language_probability: float = 1.0
    no_speech: float = 0.0
    """Probability that nobody spoke."""
    states: NDArray[np.float32] | None = None
    """(frames, width) final encoder states, the silence after the words included; never stored."""

    @property
    def text(self) -> str:
        """The best hypothesis, or "" when nothing was said."""
        return self.hypotheses[0].text if self.hypotheses else ""


@dataclass(frozen=True, slots=True)
class Heard:
    """Words and meaning decided together."""

    cascade_text: str
    """What the best hypothesis alone says."""
    joint_text: str
    """The hypothesis that fits sound and meaning best."""
    posterior: Posterior
    """Intents over all hypotheses."""
    reason: str = ""
    """Why the two texts differ; "" when they agree."""
    weighed: Posterior = ()
    """The texts that competed, with P(text | sound and meaning), best first."""
    language: Language | None = None
    """The language it was decided to be in; None where nothing was heard."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One value the customer gave."""

    name: str
    value: str
    """Normalised, e.g. FD2024051."""
    text: str = ""
    """As it was said."""
    start: int = -1
    """Character offset in the text it came from; -1 where it has none."""
    end: int = -1
    source: Source = "text"
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """A further thing asked for in the same turn."""

    intent: str
    text: str
    """The customer's own words for it."""
    slots: tuple[Slot, ...] = ()
    """Read in those words; offsets are theirs."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one picture shows."""

    picture: int
    """Position in `Turn.pictures`."""
    products: Posterior = ()
    """Product ids with probabilities; empty when no product was recognised."""
    lines: tuple[str, ...] = ()
    """Text read in the picture, top to bottom."""
    fault: PictureFault | None = None
    """Why next to nothing can be seen in it."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a turn means, with every piece of evidence it rests on."""

    text: str
    """The words that were understood, typed or heard."""
    language: Language
    intents: Posterior
    slots: tuple[Slot, ...] = ()
    sentiment: Posterior = (("neutral", 1.0),)
    """negative, neutral, positive."""
    emotion: Posterior = (("neutral", 1.0),)
    """neutral, happy, sad, angry, anxious, …"""
    urgency: float = 0.0
    """0 (no hurry) to 1 (now)."""
    unfelt: tuple[str, ...] = ()
    """Of "sentiment" and "emotion", what is too unsure to act on, whatever is most probable."""
    evidence: tuple[tuple[Modality, Posterior], ...] = ()
    """What each modality alone says of the feeling: an emotion, or how excited a voice is; a
    modality that says nothing is left out."""
    modality_weights: tuple[tuple[Modality, float], ...] = ()
    """How much each modality counted; sums to 1."""
    sightings: tuple[Sighting, ...] = ()
    confidence: float = 1.0
    """Calibrated probability that `intent` is right."""
    abstained: bool = False
    """Too unsure to act on."""
    also: tuple[Request, ...] = ()
    """Further requests of the same turn, in the order they were made."""

    @property
    def intent(self) -> str:
        """The most probable intent."""
        return self.intents[0][0]
