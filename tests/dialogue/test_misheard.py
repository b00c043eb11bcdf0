"""Choices and what was misheard: values are found by their words, and by their sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogue.domain import Domain, SlotSpec
from dialogue.nlu.choices import Choices
from dialogue.nlu.examples import Example, read_examples
from dialogue.nlu.grammar import END, START, Grammar
from dialogue.nlu.misheard import Mender
from dialogue.nlu.primer import LONGEST, primer
from dialogue.nlu.slots import SlotReader
from dialogue.pack import load_domain
from dialogue.types import State
from speech.tts.hibari import HibariSynthesizer

COFFEE = Path(__file__).parents[2] / "data" / "domains" / "coffee"


@pytest.fixture(scope="module")
def coffee() -> Domain:
    return load_domain(COFFEE)


@pytest.fixture(scope="module")
def examples(coffee: Domain) -> tuple[Example, ...]:
    return read_examples(COFFEE, coffee.languages, coffee.intents)


@pytest.fixture(scope="module")
def mender(coffee: Domain, examples: tuple[Example, ...]) -> Mender:
    return Mender(coffee, examples, HibariSynthesizer().phonemes)


def values(domain: Domain, text: str) -> dict[str, str]:
    return {slot.name: slot.value for slot in SlotReader(domain).read(text, State(language="en"))}


def test_the_words_of_one_value_are_not_those_of_another(coffee: Domain) -> None:
    assert values(coffee, "Can I get a medium roast latte?") == {
        "coffeeDrink": "latte",
        "roast": "medium roast",
    }
    assert values(coffee, "a medium medium roast latte")["size"] == "medium"


def test_the_quantity_belongs_to_the_value(coffee: Domain) -> None:
    found = values(coffee, "16oz iced mocha with a little bit of skim milk and sugar")
    assert found == {
        "coffeeDrink": "iced mocha",
        "size": "sixteen ounce",
        "milkAmount": "a little bit of skim milk",
        "sugarAmount": "sugar",
    }


def test_every_value_is_found_by_its_own_words(coffee: Domain) -> None:
    choices = Choices(coffee.slots.values())
    for spec in coffee.slots.values():
        for value, synonyms in spec.values:
            for words in (value, *synonyms):
                assert [(s.name, s.value) for s in choices.find(words)] == [(spec.name, value)]


def test_chinese_choices_need_no_spaces() -> None:
    size = SlotSpec("size", "choice", values=(("large", ("大杯",)), ("small", ("小杯",))))
    (slot,) = Choices([size]).find("我要一个大杯的拿铁")
    assert (slot.value, slot.text) == ("large", "大杯")


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("Make me a dribble shot ice mocha.", "make me a triple shot iced mocha"),
        ("I want a light rose coffee.", "i want a light roast coffee"),
        ("Get me a sixty ounce latte.", "get me a sixteen ounce latte"),
    ],
)
def test_what_no_pack_says_is_read_as_what_it_sounds_like(
    mender: Mender, heard: str, meant: str
) -> None:
    assert mender.mend(heard) == meant


def test_an_order_keeps_its_words(
    mender: Mender, examples: tuple[Example, ...], coffee: Domain
) -> None:
    orders = [e.text for e in examples if e.intent == "orderDrink"]
    kept = [values(coffee, mender.mend(text)) == values(coffee, text) for text in orders]
    assert sum(kept) >= 0.95 * len(kept)


@pytest.mark.parametrize(
    "text",
    ["What's the weather like tomorrow?", "Please call an Uber for me.", "Shopping list", ""],
)
def test_sentences_about_other_things_stay_as_they_were_heard(mender: Mender, text: str) -> None:
    assert mender.mend(text) == text


def test_an_order_that_was_heard_twice_is_one_order(mender: Mender) -> None:
    heard = "Get me a small latte with cream. Give me a small latte with cream."
    assert mender.mend(heard).count("latte") == 1


def test_the_grammar_prefers_what_utterances_say() -> None:
    example = Example("give me a small latte", "order", "en", (("size", "small"),))
    grammar = Grammar([example], ["size"])
    assert grammar.words == ("give", "me", "a", "latte")
    assert grammar.cost(START, "give") < grammar.cost(START, "latte")
    assert grammar.cost("{size}", "latte") < grammar.cost("{size}", END)


def test_the_primer_says_the_values_in_the_packs_own_sentences(
    coffee: Domain, examples: tuple[Example, ...], fresh: Domain
) -> None:
    told = primer(coffee, examples)
    assert 0 < len(told) <= LONGEST
    assert {"dark roast", "skim milk", "twenty ounce", "sweetener"} <= {
        value for spec in coffee.slots.values() for value, _ in spec.values if value in told
    }
    assert primer(fresh, examples) == ""
