from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from speech.joint.phones import PhoneReader
from speech.joint.phones_train import PhoneNetwork, Utterance, error_rate, save, train

PHONES = ("zh-", "-ang", "k")


def test_the_reader_reads_as_the_network_that_was_trained(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = PhoneNetwork(states=8, phones=len(PHONES), width=6).eval()
    save(network, PHONES, tmp_path / "deep" / "phones.safetensors")
    reader = PhoneReader.load(tmp_path / "deep" / "phones.safetensors")
    states = np.random.default_rng(0).normal(size=(12, 8)).astype(np.float32)
    with torch.inference_mode():
        expected = network(torch.from_numpy(states)[None])[0].numpy()
    assert reader(states) == pytest.approx(expected, abs=0.01)
    assert (reader.phones, reader.width) == (PHONES, 8)
    assert np.exp(reader(states)).sum(axis=1) == pytest.approx(1.0, abs=1e-4)


def test_phones_have_numbers_and_strange_ones_none() -> None:
    reader = PhoneReader(PHONES, {"down.weight": np.zeros((2, 8), np.float32)})
    assert reader.numbers(["zh-", "-ang", "ʤ"]) == [1, 2]
    assert reader.names([1, 2]) == ["zh-", "-ang"]


def spoken(phones: tuple[str, ...], generator: np.random.Generator) -> Utterance:
    """States in which each phone is a direction of its own, three frames long."""
    rows = []
    for phone in phones:
        row = np.zeros(8)
        row[PHONES.index(phone)] = 3.0
        rows += [row] * 3 + [np.zeros(8)]
    states = np.array(rows) + generator.normal(0, 0.1, (len(rows), 8))
    return Utterance(states.astype(np.float16), phones)


def test_phones_are_learnt_from_utterances_without_their_places() -> None:
    generator = np.random.default_rng(1)
    said = [tuple(generator.choice(PHONES, size=4).tolist()) for _ in range(60)]
    utterances = [spoken(phones, generator) for phones in said]
    network, phones = train(utterances[:50], epochs=30)
    assert set(phones) == set(PHONES)
    assert error_rate(network, phones, utterances[50:]) < 0.1


def test_a_reader_goes_on_learning_from_where_it_was(tmp_path: Path) -> None:
    generator = np.random.default_rng(4)
    said = [tuple(generator.choice(PHONES, size=4).tolist()) for _ in range(40)]
    utterances = [spoken(phones, generator) for phones in said]
    network, phones = train(utterances, epochs=20)
    before = error_rate(network, phones, utterances)
    save(network, phones, tmp_path / "once.safetensors")
    strange = spoken(("k", "zh-"), generator)
    more = [*utterances, Utterance(strange.states, ("k", "ʤ"))]
    again, kept = train(more, epochs=1, onto=tmp_path / "once.safetensors")
    assert kept == phones
    assert error_rate(again, kept, utterances) <= before + 0.1


def test_errors_are_counted_as_edits() -> None:
    network, phones = train([spoken(("k", "k"), np.random.default_rng(2))], epochs=1)
    with torch.no_grad():
        for weight in network.parameters():
            weight.zero_()
        network.out.bias[0] = 5.0
    silent = spoken(("k", "zh-", "k"), np.random.default_rng(3))
    assert error_rate(network, phones, [silent]) == pytest.approx(1.0)
