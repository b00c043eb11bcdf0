from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from dialogue.nlu.examples import Example
from dialogue.nlu.sounds import Ear, SoundClassifier, SpokenClassifier, train_or_load
from dialogue.types import Posterior

SOUNDS = {"退": "tui", "推": "tui", "款": "kuan", "发": "fa", "货": "huo", "火": "huo"}
EXAMPLES = (
    Example("退款", "refund"),
    Example("要退款", "refund"),
    Example("发货", "ship"),
    Example("快发货", "ship"),
)


def phones(text: str) -> list[str]:
    return [SOUNDS.get(letter, letter) for letter in text]


EAR = Ear(phones, lambda heard: (heard,))


@pytest.fixture(scope="module")
def sounds() -> SoundClassifier:
    return SoundClassifier.train(EXAMPLES, EAR)


def test_a_homophone_means_the_same(sounds: SoundClassifier) -> None:
    misheard, meant, other = sounds.posteriors([phones("推款"), phones("退款"), phones("发火")])
    assert misheard == pytest.approx(meant)
    assert meant["refund"] > 0.8
    assert other["ship"] > 0.8


def test_unknown_sounds_are_unsure(sounds: SoundClassifier) -> None:
    (posterior,) = sounds.posteriors([[]])
    assert sum(posterior.values()) == pytest.approx(1.0)
    assert max(posterior.values()) < 0.9


def test_a_saved_classifier_says_the_same(sounds: SoundClassifier, tmp_path: Path) -> None:
    sounds.save(tmp_path / "sounds.npz", "mark")
    again = SoundClassifier.load(tmp_path / "sounds.npz", EAR)
    heard = [phones("推款"), phones("发火")]
    for before, after in zip(sounds.posteriors(heard), again.posteriors(heard), strict=True):
        assert after == pytest.approx(before, abs=0.03)


def test_it_is_taught_again_when_the_utterances_change(tmp_path: Path) -> None:
    path, shipped = tmp_path / "var" / "s.npz", tmp_path / "shipped.npz"
    train_or_load(path, EXAMPLES, EAR, shipped)
    first = path.stat().st_mtime_ns
    train_or_load(path, EXAMPLES, EAR, shipped)
    assert path.stat().st_mtime_ns == first
    train_or_load(path, (*EXAMPLES, Example("款款", "refund")), EAR, shipped)
    assert path.stat().st_mtime_ns != first


def written(texts: Sequence[str]) -> list[Posterior]:
    return [(("ship", 0.6), ("refund", 0.4)) for _ in texts]


def test_words_and_sounds_are_weighed_by_language(sounds: SoundClassifier) -> None:
    spoken = SpokenClassifier(written, {"zh": sounds}, {"zh": (1.0, 1.0)})
    heard = phones("推款")
    assert spoken(["发货"], "zh", heard)[0][0][0] == "refund"
    assert spoken(["发货"], "en", heard)[0][0][0] == "ship"
    assert spoken(["发货"], "zh", [])[0][0][0] == "ship"
    assert sum(p for _, p in spoken(["发货"], "zh", heard)[0]) == pytest.approx(1.0)
