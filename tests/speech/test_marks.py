"""Marks are heard, as silence and as digits one by one, and never read out."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from dialogue.types import AudioClip, Language
from dialogue.types.marks import known_marks, unmarked
from speech.english import say as english
from speech.marks import sounds, spoken
from speech.sentences import clauses, weight
from speech.tts.cache import PhraseCache, forget
from speech.tts.hibari import HibariSynthesizer
from speech.tts.kokoro import KokoroSynthesizer, kokoro_model
from speech.tts.tone import ToneSynthesizer

MARKED = {
    "zh": "订单号是 <digits>FD2024051</digits>，<pause=300>对吗？",
    "en": "That's order number <digits>FD2024051</digits>,<pause=300> is that right?",
}
ODD = ("<pause=>", "<pause=99999>", "<digits>12", "12</digits>", "<break/>", "< >", "a<b")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_text_form_has_no_marks(language: Language) -> None:
    shown = unmarked(MARKED[language])
    assert "<" not in shown
    assert "pause" not in shown
    assert "FD2024051" in shown


def test_digits_are_said_one_by_one_and_pauses_stand_between() -> None:
    zh = list(spoken(MARKED["zh"], "zh"))
    assert 0.3 in zh
    assert "二零二四零五幺" in "".join(p for p in zh if isinstance(p, str))
    en = list(spoken("It ends in <digits>1024</digits>.<pause=1000> Right?", "en"))
    assert en == ["It ends in one zero two four.", 1.0, "Right?"]
    assert list(spoken("<digits>8</digits>", "en")) == ["eight"]


@pytest.mark.parametrize("text", [*MARKED.values(), *ODD, "Hi.<pause=200>", "<pause=200>"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_engine_is_ever_given_a_mark(text: str, language: Language) -> None:
    given: list[str] = []

    def make(words: str) -> AudioClip:
        given.append(words)
        return AudioClip(np.ones(10, np.float32), 24_000)

    list(sounds(text, language, 24_000, make))
    assert not re.search(r"[<>]|digits", " ".join(given))
    if known_marks(text):
        assert "pause" not in " ".join(given)


@pytest.fixture(scope="module", params=["kokoro", "hibari", "tone"])
def engine(request, tmp_path_factory: pytest.TempPathFactory) -> object:
    match request.param:
        case "kokoro":
            return KokoroSynthesizer(kokoro_model(tmp_path_factory.mktemp("models")), threads=1)
        case "hibari":
            return HibariSynthesizer()
    return ToneSynthesizer("en")


def test_a_pause_has_its_length_in_samples(engine) -> None:
    before, after = ("您好。", "再见。") if engine.language == "zh" else ("Hello.", "Goodbye.")
    clips = list(engine.speak(f"{before}<pause=450>{after}"))
    assert len(clips) == 3
    assert len(clips[1].samples) == round(0.450 * clips[1].rate)
    assert not clips[1].samples.any()
    alone = [next(iter(engine.speak(words))) for words in (before, after)]
    assert [len(c.samples) for c in (clips[0], clips[2])] == [len(c.samples) for c in alone]


def test_marked_digits_sound_as_long_as_the_digits_written_out(engine) -> None:
    digits = "一零二四" if engine.language == "zh" else "one zero two four"
    if engine.language == "zh":
        digits = "幺零二四"
    marked, plain = (
        sum(c.seconds for c in engine.speak(text)) for text in ("<digits>1024</digits>", digits)
    )
    assert marked == pytest.approx(plain, rel=0.05)


def test_a_mark_stays_with_its_clause_and_weighs_nothing() -> None:
    assert list(clauses("请您稍等一下。<pause=300>马上就好了。")) == [
        "请您稍等一下。<pause=300>",
        "马上就好了。",
    ]
    assert list(clauses("Please wait a moment.<pause=300> Nearly there.")) == [
        "Please wait a moment.<pause=300>",
        "Nearly there.",
    ]
    assert weight("您好<pause=300>") == 2
    assert list(clauses("<pause=300>")) == []


def test_what_was_spoken_with_marks_is_forgotten_by_its_text(tmp_path: Path) -> None:
    voice = PhraseCache(ToneSynthesizer("en"), tmp_path, "tone")
    marked = "Your number is <digits>1024</digits>."
    list(voice.speak(marked))
    assert voice.holds(marked)
    assert not voice.holds(unmarked(marked))
    assert forget(tmp_path, [unmarked(marked)]) == 1
    assert not voice.holds(marked)


def test_only_whole_marks_are_known() -> None:
    assert all(known_marks(text) for text in MARKED.values())
    assert not any(known_marks(text) for text in ODD)
    assert english("FD2024051") == "F D, two zero two four, zero five one"
