"""Articles are read anew when their files change, and each text is embedded once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dialogue.knowledge import Library
from dialogue.knowledge.affinity import Affinity
from dialogue.knowledge.library import LOOK_SECONDS
from dialogue.vectors import LocalVectors

from .test_knowledge import FEES, Letters


class Counting(Letters):
    """Letters that remember what they were asked to embed."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, 512) unit-length vectors."""
        self.asked += texts
        return super().embed(texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fees.en.md").write_text(FEES, encoding="utf-8")
    return tmp_path


def rewrite(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    later = path.stat().st_mtime_ns + 1_000_000
    os.utime(path, ns=(later, later))


def test_an_edited_article_is_read_without_a_restart(folder: Path) -> None:
    library = Library(folder, Letters())
    assert library.search("what does it cost", "en")[0].text == "Six yuan."
    assert not library.refresh()
    rewrite(folder / "fees.en.md", FEES.replace("Six", "Seven"))
    assert library.refresh()
    assert library.search("what does it cost", "en")[0].text == "Seven yuan."


def test_a_search_looks_for_changes_now_and_then(folder: Path) -> None:
    now = [0.0]
    library = Library(folder, Letters(), clock=lambda: now[0])
    rewrite(folder / "fees.en.md", FEES.replace("Six", "Seven"))
    assert library.search("what does it cost", "en")[0].text == "Six yuan."
    now[0] = LOOK_SECONDS
    library.search("what does it cost", "en")
    library.refresh()  # waits for the one that the search began
    assert library.search("what does it cost", "en")[0].text == "Seven yuan."


def test_a_broken_article_leaves_the_shelf_as_it_was(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library = Library(folder, Letters())
    rewrite(folder / "fees.en.md", "no header")
    assert not library.refresh()
    assert library.search("what does it cost", "en")[0].text == "Six yuan."
    assert "fees.en.md" in caplog.text


def test_a_start_embeds_only_what_was_rewritten(folder: Path, tmp_path: Path) -> None:
    cache, letters = tmp_path / "cache", Counting()
    Library(folder, letters, LocalVectors(cache))
    first = list(letters.asked)
    assert any("Six" in text for text in first)
    letters.asked.clear()
    rewrite(folder / "fees.en.md", FEES.replace("Six", "Seven"))
    again = Library(folder, letters, LocalVectors(cache))
    assert any("Seven" in text for text in letters.asked)
    assert len(letters.asked) < len(first)
    assert again.search("what does it cost", "en")[0].text == "Seven yuan."


def test_affinity_prefers_the_article_whose_texts_are_alike() -> None:
    texts = ["delivery fee", "fee for delivery", "opening hours", "hours of opening"]
    vectors = Letters().embed(texts)
    reader = Affinity(vectors, [[0, 1], [2, 3]])
    fee, hours = reader.scores(Letters().embed(["what is the delivery fee"])[0])
    assert fee > hours
