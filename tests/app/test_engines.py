"""Which engine a setting chooses, what its sound depends on, and when it is loaded."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.engines.late import Late
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


def test_what_is_loaded_late_is_loaded_once_by_the_first_who_needs_it() -> None:
    made: list[int] = []
    start = threading.Barrier(4)

    def build() -> object:
        time.sleep(0.05)
        made.append(1)
        return object()

    late = Late(build)
    assert not late.loaded

    def need(_: int) -> object:
        start.wait(10)
        return late()

    with ThreadPoolExecutor(4) as pool:
        found = set(map(id, pool.map(need, range(4))))
    assert (len(made), len(found), late.loaded) == (1, 1, True)


def test_what_could_not_be_loaded_is_tried_again_by_the_next() -> None:
    tries = iter([OSError("busy"), None])

    def build() -> str:
        if error := next(tries):
            raise error
        return "there"

    late = Late(build)
    with pytest.raises(OSError, match="busy"):
        late()
    assert (late.loaded, late()) == (False, "there")
