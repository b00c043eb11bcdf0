"""Which engine a setting chooses, and what its sound depends on."""

from __future__ import annotations

import pytest

from app.engines.packages import VOICES
from app.engines.speaking import voice_version


@pytest.mark.parametrize("name", VOICES)
def test_a_new_release_of_any_package_of_a_voice_makes_its_phrases_anew(name: str) -> None:
    released = dict.fromkeys(("lingxi", *VOICES[name]), "1.0")
    before = voice_version(name, "", released.__getitem__)
    for package in released:
        newer = {**released, package: "1.1"}
        assert voice_version(name, "", newer.__getitem__) != before, package


def test_another_voice_or_model_never_answers_with_old_sound() -> None:
    same = lambda _package: "1.0"  # noqa: E731
    named = {voice_version(name, model, same) for name in VOICES for model in ("", "zh-2")}
    assert len(named) == 2 * len(VOICES)
