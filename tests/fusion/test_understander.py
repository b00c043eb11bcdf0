"""The understander: what pictures and feeling add, with any subset of modalities and engines."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from dialogue.types import (
    AudioClip,
    Hypothesis,
    Picture,
    Posterior,
    Quality,
    Slot,
    State,
    Transcript,
    Turn,
    Understanding,
)
from fusion.feeling.lexicon import LexiconFeeling
from fusion.feeling.reading import Feeling
from fusion.understander import TurnUnderstander
from fusion.vision.ocr import RapidTextReader
from fusion.vision.products import ProductHead
from fusion.weights import cross_modal_ratio

PICTURE = Picture(np.zeros((8, 8, 3), np.uint8))
CLIP = AudioClip(np.zeros(1600, np.float32), 16_000)
TURN = Turn(id="t1", conversation_id="c1", locale="zh")
STATE = State()


@dataclass
class SameProduct:
    posterior: Posterior = (("6", 0.9), ("8", 0.05))

    def recognize(self, picture: Picture, n: int = 5) -> Posterior:
        return self.posterior[:n]


@dataclass
class SameText:
    lines: tuple[str, ...] = ("订单号 FD2024051",)

    def read(self, picture: Picture) -> tuple[str, ...]:
        return self.lines


@dataclass
class StuckReader:
    released: threading.Event = field(default_factory=threading.Event)

    def read(self, picture: Picture) -> tuple[str, ...]:
        self.released.wait(10)
        return ("too late FD2024051",)


def parsed(text: str, *slots: Slot) -> Understanding:
    return Understanding(text, "zh", (("damaged_item", 0.8), ("refund_request", 0.2)), slots)


def heard(text: str, logprob: float = -0.1) -> Transcript:
    return Transcript((Hypothesis(text, logprob),), "zh")


@pytest.fixture
def full() -> Iterator[TurnUnderstander]:
    made = TurnUnderstander(LexiconFeeling(), SameProduct(), SameText())
    yield made
    made.close()


def test_any_mix_of_modalities_is_weighed_to_one(full: TurnUnderstander) -> None:
    for text, audio, pictures in itertools.product(
        (None, "苹果烂了"), (None, CLIP), ((), (PICTURE,))
    ):
        turn = replace(TURN, text=text, audio=audio, pictures=pictures)
        transcript = heard("苹果烂了") if audio else None
        found = full.understand(turn, parsed(text or "苹果烂了"), transcript, STATE)
        weights = dict(found.modality_weights)
        assert tuple(weights) == turn.modalities
        assert sum(weights.values()) == pytest.approx(1.0 if turn.modalities else 0.0)


def test_a_blurred_picture_counts_less(full: TurnUnderstander) -> None:
    def weight(score: float) -> float:
        quality = (Quality("picture", score),)
        turn = replace(TURN, text="这个坏了怎么办呢请看看", pictures=(PICTURE,), quality=quality)
        found = full.understand(turn, parsed(turn.text or ""), None, STATE)
        return dict(found.modality_weights)["picture"]

    assert weight(0.1) < weight(0.5) < weight(1.0)


def test_a_mumbled_voice_note_counts_less_and_feels_less(full: TurnUnderstander) -> None:
    turn = replace(TURN, audio=CLIP, pictures=(PICTURE,))
    words = "气死我了，马上退钱"
    clear = full.understand(turn, parsed(words), heard(words), STATE)
    unclear = full.understand(turn, parsed(words), heard(words, logprob=-2.0), STATE)
    assert dict(unclear.modality_weights)["voice"] < dict(clear.modality_weights)["voice"]
    assert clear.emotion[0][0] == "angry"
    assert unclear.emotion[0][0] == "neutral"
    assert unclear.urgency < clear.urgency


@dataclass(frozen=True)
class Unsure:
    def read(self, text: str) -> Feeling:
        doubtful = (("angry", 0.55), ("neutral", 0.45))
        return Feeling((("neutral", 1.0),), doubtful, abstained=("emotion",))


def test_what_the_heads_are_unsure_of_is_told_and_marked() -> None:
    unsure = TurnUnderstander(Unsure())
    found = unsure.understand(replace(TURN, text="又来了"), parsed("又来了"), None, STATE)
    assert found.emotion[0] == ("angry", 0.55)
    assert found.unfelt == ("emotion",)
    unsure.close()


def test_a_photo_fills_slots_that_words_left_open(full: TurnUnderstander) -> None:
    found = full.understand(replace(TURN, pictures=(PICTURE,)), parsed(""), None, STATE)
    assert {(s.name, s.value, s.source) for s in found.slots} == {
        ("order_id", "FD2024051", "picture"),
        ("product", "6", "picture"),
    }
    assert found.sightings[0].products[0] == ("6", 0.9)
    assert found.sightings[0].lines == ("订单号 FD2024051",)


def test_words_win_over_the_photo_and_the_intent_stays(full: TurnUnderstander) -> None:
    said = (Slot("product", "8", "柠檬"), Slot("order_id", "FD2024999"))
    before = parsed("FD2024999里的柠檬坏了", *said)
    turn = replace(TURN, text=before.text, pictures=(PICTURE,))
    found = full.understand(turn, before, None, STATE)
    assert found.slots == said
    assert found.intents == before.intents
    assert found.sentiment[0][0] == "negative"


def test_words_for_several_products_and_a_photo_of_one_name_that_one() -> None:
    seen = TurnUnderstander(products=SameProduct((("6", 0.55), ("40", 0.2), ("8", 0.1))))
    turn = replace(TURN, text="柠檬坏了", pictures=(PICTURE,))

    def product(named: str) -> Slot:
        return seen.understand(turn, parsed("柠檬坏了", Slot("product", named)), None, STATE).slots[
            0
        ]

    assert (product("6|8|9").value, product("6|8|9").source) == ("6", "picture")
    assert product("6|8|9").confidence == pytest.approx(0.55 / 0.65, abs=1e-3)
    assert product("8|9").value == "8|9"  # the photo shows something else
    assert product("8").value == "8"
    seen.close()


def test_a_photo_torn_between_two_of_those_named_does_not_decide() -> None:
    torn = TurnUnderstander(products=SameProduct((("6", 0.4), ("8", 0.35))))
    turn = replace(TURN, text="柠檬坏了", pictures=(PICTURE,))
    found = torn.understand(turn, parsed("柠檬坏了", Slot("product", "6|8")), None, STATE)
    assert found.slots[0].value == "6|8"
    torn.close()


def test_attention_crosses_where_several_modalities_count() -> None:
    assert cross_modal_ratio(()) == 0.0
    assert cross_modal_ratio((("text", 1.0),)) == 0.0
    assert cross_modal_ratio((("text", 0.5), ("picture", 0.5))) == pytest.approx(0.5)
    assert cross_modal_ratio((("text", 0.9), ("picture", 0.1))) == pytest.approx(0.18)


def test_a_product_settled_in_the_flow_is_not_replaced_by_a_photo(full: TurnUnderstander) -> None:
    turn = replace(TURN, pictures=(PICTURE,))
    settled = STATE.with_slot("product", "8")
    names = {s.name for s in full.understand(turn, parsed(""), None, settled).slots}
    assert names == {"order_id"}
    asked = replace(settled, expects="product")
    assert "product" in {s.name for s in full.understand(turn, parsed(""), None, asked).slots}


def test_an_unsure_product_is_sighted_but_fills_no_slot() -> None:
    unsure = TurnUnderstander(products=SameProduct((("6", 0.4), ("8", 0.3))))
    found = unsure.understand(replace(TURN, pictures=(PICTURE,)), parsed(""), None, STATE)
    assert found.sightings[0].products[0] == ("6", 0.4)
    assert found.slots == ()
    unsure.close()


def test_without_engines_the_words_pass_unchanged() -> None:
    bare = TurnUnderstander()
    before = parsed("你好")
    turn = replace(TURN, text="你好", pictures=(PICTURE,))
    found = bare.understand(turn, before, None, STATE)
    assert replace(found, modality_weights=(), sightings=()) == before
    assert found.sightings[0].products == found.sightings[0].lines == ()
    bare.close()


def test_reading_that_takes_too_long_is_left_out() -> None:
    stuck = StuckReader()
    quick = TurnUnderstander(products=SameProduct(), reader=stuck, text_deadline=0.05)
    turn = replace(TURN, pictures=(PICTURE,) * 3)
    found = quick.understand(turn, parsed(""), None, STATE)
    assert [s.lines for s in found.sightings] == [()] * 3
    assert [s.products[0][0] for s in found.sightings] == ["6"] * 3
    stuck.released.set()
    quick.close()


def test_real_engines_read_a_screenshot_and_know_a_photo(
    products: ProductHead, reader: RapidTextReader, photos: dict[str, Picture], screenshot: Picture
) -> None:
    real = TurnUnderstander(LexiconFeeling(), products, reader, text_deadline=60.0)
    turn = replace(TURN, text="这个坏了", pictures=(screenshot, photos["23"]))
    found = real.understand(turn, parsed("这个坏了"), None, STATE)
    values = {s.name: s.value for s in found.slots}
    assert values["order_id"] == "FD2024051"
    assert values["product"] == "23"
    real.close()
