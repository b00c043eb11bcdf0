"""From scored token sequences to the hypotheses of a `Transcript`: guarded, distinct, ordered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dialogue.types import Hints, Hypothesis, Language, Transcript
from speech.asr.guards import believable, collapse

GREEDY_MARGIN = 0.15
"""Mean log-probability by which a beam must beat the greedy result to come before it."""
_CHINESE = ("zh", "yue")


@dataclass(frozen=True, slots=True)
class Scored:
    """Tokens with their mean log-probability."""

    tokens: tuple[int, ...]
    logprob: float


def identify(
    probabilities: dict[str, float], prior: Sequence[tuple[Language, float]]
) -> tuple[Language, float]:
    """Chinese or English, and how sure, from Whisper's language probabilities and a prior."""
    before = {"zh": 1.0, "en": 1.0, **dict(prior)}
    chinese = sum(probabilities.get(name, 0.0) for name in _CHINESE) * before["zh"] + 1e-6
    english = probabilities.get("en", 0.0) * before["en"] + 1e-6
    share = chinese / (chinese + english)
    return ("zh", share) if share >= 0.5 else ("en", 1.0 - share)


def choose(
    first: Scored,
    others: Sequence[Scored],
    no_speech: float,
    hints: Hints,
    n: int,
    text: Callable[[Sequence[int]], str],
) -> tuple[Hypothesis, ...]:
    """At most `n` different hypotheses, best first; none when the greedy one is not believable."""
    greedy = collapse(text(first.tokens))
    if not believable(greedy, first.logprob, no_speech):
        return ()
    scores: dict[str, float] = {}
    written = {_sound(greedy): greedy}
    for other in others:
        said = text(other.tokens)
        once = collapse(said)
        # A doubled sentence is too probable for the words that are left of it.
        score = other.logprob if once == said else min(other.logprob, first.logprob) - GREEDY_MARGIN
        if believable(once, other.logprob, no_speech):
            spelling = written.setdefault(_sound(once), once)
            scores[spelling] = max(score, scores.get(spelling, score))
    scores.setdefault(greedy, first.logprob)
    best = max(scores.values())
    if scores[greedy] >= best - GREEDY_MARGIN:
        scores[greedy] = best
    ranked = sorted(scores, key=lambda t: (_expected(t, hints.allowed), scores[t], t == greedy))
    return tuple(Hypothesis(t, round(scores[t], 4)) for t in reversed(ranked))[:n]


def _sound(text: str) -> str:
    """`text` without what cannot be heard: case, spaces, punctuation."""
    return "".join(c for c in text.lower() if c.isalnum())


def _expected(text: str, allowed: str) -> bool:
    """Whether nothing but the allowed characters was heard; ranks, and never forces."""
    if not allowed:
        return True
    return all(c.lower() in allowed.lower() for c in text if c.isalnum())


def nothing(hints: Hints) -> Transcript:
    """The transcript of silence."""
    prior = dict(hints.prior)
    likelier: Language = "en" if prior.get("en", 0.0) > prior.get("zh", 0.0) else "zh"
    return Transcript((), hints.language or likelier, 0.5, no_speech=1.0)
