"""JointDecoder: words and meaning of one utterance, decided together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from dialogue.types import Heard, Language, Posterior, Transcript
from speech.joint.ctc import Frames, best_path, distinct, telling
from speech.joint.phones import PhoneReader
from speech.joint.reading import Reading, Reported, weigh
from speech.joint.search import NONE, WordSearch
from speech.joint.spelling import respelt
from speech.joint.weights import Weights

READINGS = 5
"""Sentences of the sound that are weighed beside the recognizer's own."""
FAINT = 0.02
"""Probability below which a reading's meaning is not asked for."""
PER_PHONE = 0.15
"""Nats that one phone of a language speaks for it."""
TINY = 1e-5
"""Probability that no intent falls below before its logarithm is taken."""
UNSURE = 0.005
"""Share of doubt that the recognizer's opinion on the language leaves at least."""

Meanings = Callable[[Sequence[str], Language, list[str]], Sequence[Posterior]]
"""P(intent | words, sounds heard) of each text."""
Known = Callable[[Sequence[str]], Sequence[float]]
"""How many of the names and numbers in each text exist."""


class JointDecoder:
    """P(intent | sound) = Σ P(words | sound) · P(intent | words, sound), and the words to fit.

    The words that compete are the recognizer's hypotheses and the sentences that the business's
    own words make of the phones in its encoder states. How well their phones fit the sound, how
    well they fit the way customers talk, and what the shop knows are put together by a log-linear
    model (Och and Ney 2002), whose weights are fitted on development speech.
    """

    def __init__(
        self,
        reader: PhoneReader,
        searches: Mapping[Language, WordSearch],
        weights: Mapping[Language, Weights],
        echoes: int = 0,
    ) -> None:
        """`echoes`: sentences to weigh that sound like the recognizer's own; with none, how words
        sound beside the recognizer's says nothing for or against them either."""
        self._reader = reader
        self._searches = searches
        self._weights = weights
        self._echoes = echoes

    def decide(
        self,
        transcript: Transcript,
        meanings: Meanings,
        known: Known = lambda t: [0.0] * len(t),
        number: str | None = None,
    ) -> Heard:
        """What was said and meant; empty where nothing was heard.

        `number`: the letters in a number that was asked for, None where none was.
        """
        reported = self.listen(transcript, known, number)
        if not reported.readings:
            return Heard("", "", ())
        weights = self._weights.get(reported.language, Weights())
        evidence = np.array([reading.evidence for reading in reported.readings])
        likely = softmax(evidence @ np.array(weights.evidence))
        asked = [n for n in np.argsort(-likely) if n == 0 or likely[n] >= FAINT]
        texts = [reported.readings[n].text for n in asked]
        posteriors = meanings(texts, reported.language, reported.sounds)
        share = likely[asked] / likely[asked].sum()
        mixed = _mix(share, posteriors)
        if weights.heard and reported.readings[0].literal:
            mixed = _leaning(mixed, posteriors[asked.index(0)], weights.heard)
        weighed = _weighed(texts, share, posteriors, mixed)
        return _heard(transcript.text, weighed, mixed, reported.language)

    def listen(self, transcript: Transcript, known: Known, number: str | None = None) -> Reported:
        """The words as heard first, then what else the sound may have been."""
        frames = self._frames(transcript)
        sounds = [] if frames is None else self._reader.names(best_path(frames))
        language = transcript.language if frames is None else _language(transcript, sounds)
        search = self._searches.get(language)
        if search is None:
            return _as_heard(transcript, sounds, language)
        if frames is not None and not transcript.hypotheses and not distinct(frames):
            return Reported((), [], language)
        expected = NONE if number is None else search.figures(number)
        own = {search.plain(h.text): h.text for h in reversed(transcript.hypotheses)}
        echo = search.echo(transcript.text) if self._echoes and transcript.text else None
        sought = search.candidates(frames, READINGS, transcript.text, expected)
        sought += search.candidates(echo, self._echoes, transcript.text, expected)
        texts = list(dict.fromkeys([*reversed(own), *sought]))
        if not texts:
            return _as_heard(transcript, sounds, language)
        names = known(texts)
        weighed = weigh(search, frames, texts, echo, names, expected)
        if self._echoes:
            # The language is one of orders: it tells nothing of sentences that order nothing.
            pairs = zip(weighed, names, strict=True)
            weighed = [r if n else replace(r, fit=min(r.fit, 0.0)) for r, n in pairs]
        written = transcript.text if language == transcript.language else ""
        readings = tuple(
            replace(each, text=own[each.text], literal=True)
            if each.text in own
            else replace(each, text=respelt(written, each.text, search.units))
            for each in weighed
        )
        return Reported(readings, sounds, language)

    def _frames(self, transcript: Transcript) -> Frames | None:
        """The frames that say something; None of states of an encoder the reader never saw."""
        states = transcript.states
        if states is None or states.shape[1] != self._reader.width:
            return None
        return telling(self._reader(states))

    def imagine(self, text: str, language: Language) -> Reported:
        """What would be reported of `text`, were it heard without a flaw."""
        return Reported(
            (Reading(text, literal=True),), self._searches[language].said(text), language
        )


def _as_heard(transcript: Transcript, sounds: list[str], language: Language) -> Reported:
    literal = (Reading(transcript.text, literal=True),) if transcript.hypotheses else ()
    return Reported(literal, sounds, language)


def _language(transcript: Transcript, sounds: Sequence[str]) -> Language:
    """By the recognizer's opinion and by which language's phones were heard."""
    share = min(max(transcript.language_probability, UNSURE), 1 - UNSURE)
    odds = np.log(share / (1 - share)) * (1 if transcript.language == "zh" else -1)
    chinese = sum("-" in phone for phone in sounds)
    return "zh" if odds + PER_PHONE * (2 * chinese - len(sounds)) > 0 else "en"


def _mix(share: NDArray[np.float64], posteriors: Sequence[Posterior]) -> Posterior:
    total: dict[str, float] = {}
    for weight, posterior in zip(share, posteriors, strict=True):
        for name, p in posterior:
            total[name] = total.get(name, 0.0) + float(weight) * p
    return tuple(sorted(total.items(), key=lambda pair: -pair[1]))


def _leaning(mixed: Posterior, heard: Posterior, by: float) -> Posterior:
    """`mixed` drawn to what the words as heard mean: wrong readings can agree by chance."""
    own = dict(heard)
    names = [name for name, _ in mixed]
    logits = [np.log(p + TINY) + by * np.log(own.get(name, 0.0) + TINY) for name, p in mixed]
    found = zip(names, map(float, softmax(logits)), strict=True)
    return tuple(sorted(found, key=lambda pair: -pair[1]))


def _weighed(
    texts: Sequence[str],
    share: NDArray[np.float64],
    posteriors: Sequence[Posterior],
    mixed: Posterior,
) -> Posterior:
    """P(words | sound, what they mean together), best first."""
    meant = mixed[0][0]
    fit = [float(s) * dict(p).get(meant, 0.0) for s, p in zip(share, posteriors, strict=True)]
    total = max(sum(fit), 1e-12)
    return tuple(sorted(zip(texts, (f / total for f in fit), strict=True), key=lambda x: -x[1]))


def _heard(cascade: str, weighed: Posterior, mixed: Posterior, language: Language) -> Heard:
    chosen, p = weighed[0]
    if chosen == cascade:
        return Heard(cascade, cascade, mixed, "", weighed, language)
    times = p / max(dict(weighed).get(cascade, 0.0), 1e-3)
    reason = f"as {mixed[0][0]}, these words are {min(times, 999):.1f} times likelier"
    return Heard(cascade, chosen, mixed, reason, weighed, language)
