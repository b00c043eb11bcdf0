"""Loading a pack: what is wrong is named by file and key."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dialogue.domain import PACK_INTENTS, Domain, PackError
from dialogue.nlu.examples import read_examples, unmarked
from dialogue.pack import load_domain

from .conftest import FRESH


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The demo pack without utterances, free to be broken."""
    for name in ("domain.toml", "responses.toml", "seed/products.csv", "seed/unsold.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(FRESH / name, tmp_path / name)
    return tmp_path


def test_the_demo_pack_loads(fresh: Domain) -> None:
    assert set(PACK_INTENTS) <= set(fresh.intents)
    assert len(fresh.products) == 81
    assert {flow.action for flow in fresh.flows.values()} >= set(fresh.irreversible)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[intents.greet]", "[intents.hello]", r"every pack has"),
        ('type = "catalogue"', 'type = "shelf"', r"slots\.product\.type"),
        ('slots = ["coupon_code"]', 'slots = ["cupon"]', r"flows\.coupon_problem: unknown slot"),
        ('intents = ["complaint"]', 'intents = ["gripe"]', r"flows\.complaint\.intents"),
        ("check = true\nconfirm = true", "check = true", r"cancel_order\.confirm"),
        ('action = "check_coupon"', 'acton = "check_coupon"', r"unknown key acton"),
        ('file = "seed/products.csv"', 'file = "seed/no.csv"', r"seed/no\.csv: not found"),
        ('name = "fresh"', 'nome = "fresh"', r"missing key 'name'"),
        ('product_words = ["', 'product_words = ["(', r"intents\.price_promo"),
        ('product_flow = "product_info"', 'product_flow = "produce"', r"unknown flow 'produce'"),
        ('order_flow = "track_order"', 'order_flow = "trace"', r"unknown flow 'trace'"),
        ('unsold = "seed/unsold.csv"', 'unsold = "seed/no.csv"', r"seed/no\.csv: not found"),
        ("[comparison]", "[rest]\nconfirm_minutes = 0\n[comparison]", "confirm_minutes: 0 is no"),
        ("[comparison]", '[rest]\ntalk_hours = "long"\n[comparison]', r"rest\.talk_hours: 'long'"),
        ("[comparison]", "[rest]\npatience = 3\n[comparison]", "rest: unknown key 'patience'"),
        ('pattern = "FD\\\\d{7}"', 'pattern = "FD("', r"slots\.order_id\.pattern"),
    ],
)
def test_a_broken_pack_says_where(copy: Path, old: str, new: str, complaint: str) -> None:
    path = copy / "domain.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PackError, match=complaint):
        load_domain(copy)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"domain\.toml: not found"):
        load_domain(tmp_path)


def test_utterances_are_read_with_their_marks(tmp_path: Path) -> None:
    (tmp_path / "nlu" / "zh").mkdir(parents=True)
    file = tmp_path / "nlu" / "zh" / "track_order.yml"
    file.write_text(
        'intent: track_order\nutterances:\n  - "[FD2024051](order_id)到哪了"\n', "utf-8"
    )
    (example,) = read_examples(tmp_path, ("zh", "en"), {"track_order"})
    assert (example.text, example.slots) == ("FD2024051到哪了", (("order_id", "FD2024051"),))
    with pytest.raises(PackError, match="track_order"):
        read_examples(tmp_path, ("zh",), {"greet"})
    assert unmarked("plain") == "plain"
