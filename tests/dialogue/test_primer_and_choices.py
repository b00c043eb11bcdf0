"""Choices are found by their words; the primer says them to the recognizer."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogue.domain import Domain, SlotSpec
from dialogue.nlu.choices import Choices
from dialogue.nlu.examples import Example, read_examples
from dialogue.nlu.primer import LONGEST, primer
from dialogue.nlu.slots import SlotReader
from dialogue.pack import load_domain
from dialogue.types import State

COFFEE = Path(__file__).parents[2] / "data" / "domains" / "coffee"


@pytest.fixture(scope="module")
def coffee() -> Domain:
    return load_domain(COFFEE)


@pytest.fixture(scope="module")
def examples(coffee: Domain) -> tuple[Example, ...]:
    return read_examples(COFFEE, coffee.languages, coffee.intents)


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


def test_the_primer_says_the_values_in_the_packs_own_sentences(
    coffee: Domain, examples: tuple[Example, ...], fresh: Domain
) -> None:
    told = primer(coffee, examples)
    assert 0 < len(told) <= LONGEST
    assert {"dark roast", "skim milk", "twenty ounce", "sweetener"} <= {
        value for spec in coffee.slots.values() for value, _ in spec.values if value in told
    }
    assert primer(fresh, examples) == ""
