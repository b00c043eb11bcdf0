from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from dialogue.nlu.examples import Example
from dialogue.nlu.sounds import SoundClassifier, SpokenClassifier, train_or_load
from dialogue.types import Posterior

SOUNDS = {"退": "tui", "推": "tui", "款": "kuan", "发": "fa", "货": "huo", "火": "huo"}
EXAMPLES = (
    Example("退款", "refund"),
    Example("要退款", "refund"),
    Example("发货", "ship"),
    Example("快发货", "ship"),
)


def tracks(text: str) -> tuple[list[str], ...]:
    return ([SOUNDS.get(letter, letter) for letter in text],)


@pytest.fixture(scope="module")
def sounds() -> SoundClassifier:
    return SoundClassifier.train(EXAMPLES, tracks)


def test_a_homophone_means_the_same(sounds: SoundClassifier) -> None:
    misheard, meant, other = sounds.posteriors(["推款", "退款", "发火"])
    assert misheard == pytest.approx(meant)
    assert meant["refund"] > 0.8
    assert other["ship"] > 0.8


def test_unknown_sounds_are_unsure(sounds: SoundClassifier) -> None:
    (posterior,) = sounds.posteriors([""])
    assert sum(posterior.values()) == pytest.approx(1.0)
    assert max(posterior.values()) < 0.9


def test_a_saved_classifier_says_the_same(sounds: SoundClassifier, tmp_path: Path) -> None:
    sounds.save(tmp_path / "sounds.npz", "mark")
    again = SoundClassifier.load(tmp_path / "sounds.npz", tracks)
    for before, after in zip(
        sounds.posteriors(["推款", "发火"]), again.posteriors(["推款", "发火"]), strict=True
    ):
        assert after == pytest.approx(before, abs=0.03)


def test_it_is_taught_again_when_the_utterances_change(tmp_path: Path) -> None:
    path, shipped = tmp_path / "var" / "s.npz", tmp_path / "shipped.npz"
    train_or_load(path, EXAMPLES, tracks, shipped)
    first = path.stat().st_mtime_ns
    train_or_load(path, EXAMPLES, tracks, shipped)
    assert path.stat().st_mtime_ns == first
    train_or_load(path, (*EXAMPLES, Example("款款", "refund")), tracks, shipped)
    assert path.stat().st_mtime_ns != first


def written(texts: Sequence[str]) -> list[Posterior]:
    return [(("ship", 0.6), ("refund", 0.4)) for _ in texts]


def test_two_opinions_are_weighed_by_language(sounds: SoundClassifier) -> None:
    spoken = SpokenClassifier(written, {"zh": sounds}, {"zh": (1.0, 1.0)})
    assert spoken(["推款"], "zh")[0][0][0] == "refund"
    assert spoken(["推款"], "en")[0][0][0] == "ship"
    assert sum(p for _, p in spoken(["推款"], "zh")[0]) == pytest.approx(1.0)
