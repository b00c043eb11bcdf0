"""Joint decoding as it is served: what a pack lists is heard in words that sound like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import Settings
from app.engines import build_joint, build_phone_reader, pack_hints, phones_file
from app.engines.joint import Joint
from dialogue.nlu.examples import read_examples
from dialogue.nlu.keywords import KeywordClassifier
from dialogue.nlu.parser import DialogueParser
from dialogue.pack import load_domain
from dialogue.types import Hypothesis, State, Transcript
from speech.joint.phones_train import PhoneNetwork, save


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings(domain="coffee")


@pytest.fixture(scope="module")
def parser(settings: Settings) -> DialogueParser:
    domain = load_domain(settings.pack)
    examples = read_examples(settings.pack, domain.languages, domain.intents)
    return DialogueParser(domain, KeywordClassifier(examples))


@pytest.fixture(scope="module")
def joint(settings: Settings, parser: DialogueParser) -> Joint:
    return build_joint(settings, load_domain(settings.pack), parser)


def understood(joint: Joint, heard: str) -> str:
    transcript = Transcript((Hypothesis(heard, -0.3),), "en")
    return joint(transcript, State(language="en")).joint_text


@pytest.mark.parametrize(
    ("heard", "value"),
    [
        ("Make me a dribble shot iced mocha.", "triple shot"),
        ("I want a light rose coffee.", "light roast"),
        ("Get me a sixteen ounce lotte.", "latte"),
    ],
)
def test_what_no_pack_says_is_read_as_what_it_sounds_like(
    joint: Joint, heard: str, value: str
) -> None:
    assert value in understood(joint, heard)


@pytest.mark.parametrize(
    "text",
    [
        "What's the weather like tomorrow?",
        "Please call an Uber for me.",
        "Set an alarm for half past seven.",
        "Book two tickets for the evening train.",
    ],
)
def test_sentences_about_other_things_stay_as_they_were_heard(joint: Joint, text: str) -> None:
    assert understood(joint, text) == text


def test_an_order_keeps_its_values(joint: Joint, parser: DialogueParser) -> None:
    order = "Can I get a large medium roast latte with a bit of soy milk and some brown sugar?"
    kept = parser.parse(understood(joint, order), "en", State(language="en")).slots
    said = parser.parse(order, "en", State(language="en")).slots
    assert {(s.name, s.value) for s in kept} == {(s.name, s.value) for s in said}


def test_the_recognizer_is_told_the_language_and_choices_of_a_pack(settings: Settings) -> None:
    hints = pack_hints(settings, load_domain(settings.pack))
    assert hints.language == "en"
    assert "dark roast" in hints.prompt
    fresh = Settings(domain="fresh")
    assert pack_hints(fresh, load_domain(fresh.pack)).language is None


def test_a_whole_number_that_was_asked_for_counts_more_than_its_parts() -> None:
    settings = Settings(domain="fresh")
    domain = load_domain(settings.pack)
    few = read_examples(settings.pack, ["en"], domain.intents)[:50]
    parser = DialogueParser(domain, KeywordClassifier(few))
    texts = ["six six three nine", "six six three", "I don't know"]
    asked = parser.known(texts, State(language="en", expects="phone_tail"))
    assert asked[0] > asked[1] + 1 > asked[2]
    unasked = parser.known(texts, State(language="en"))
    assert asked[0] > unasked[0]


def test_sounds_are_read_as_learnt_here_else_as_shipped_for_the_pack(tmp_path: Path) -> None:
    settings = Settings(domain="coffee", var=tmp_path / "var", models=tmp_path / "models")
    shipped = settings.models / "phones"
    _reader(shipped / "whisper-base.safetensors", "a")
    assert build_phone_reader(settings).phones == ("a",)
    _reader(shipped / "coffee.safetensors", "b")
    assert build_phone_reader(settings).phones == ("b",)
    assert build_phone_reader(settings.model_copy(update={"domain": "fresh"})).phones == ("a",)
    _reader(phones_file(settings), "c")
    assert build_phone_reader(settings).phones == ("c",)


def _reader(path: Path, phone: str) -> None:
    save(PhoneNetwork(states=4, phones=1, width=2), [phone], path)
