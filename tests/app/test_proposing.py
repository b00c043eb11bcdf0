"""A language model may say what was meant; what it says is a request like any other."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.answering import Turned, answer
from app.chat_completions import ChatCompletions
from app.conversation import Conversation
from app.house import House
from app.standing import standing_state
from app.store.instants import utc_now
from app.store.ledger import deeds, entries
from app.trace import Trace
from dialogue.engines import Parser
from dialogue.types import Language, State, Turn, Understanding
from tests.app.conftest import Model
from tests.fakes import cheap_house

LEAD = "我看一下。"
MUMBLED = "那啥 咋整啊"
OTHERS = "FD2024052"


class Unsure:
    """A parser to which the words that hold `mark` mean nothing."""

    def __init__(self, inner: Parser, marks: tuple[str, ...] = ("咋整", "thingy")) -> None:
        self._inner, self._marks = inner, marks

    def parse(self, text: str, language: Language, state: State) -> Understanding:
        meaning = self._inner.parse(text, language, state)
        if not any(mark in text for mark in self._marks):
            return meaning
        guess = (("out_of_scope", 0.2), ("greet", 0.1))
        return replace(meaning, intents=guess, confidence=0.2, abstained=True, also=())


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = cheap_house(tmp_path_factory.mktemp("house"))
    engines = replace(made.engines, parser=Unsure(made.engines.parser))
    yield replace(made, engines=engines, conversation=Conversation(engines, made.store))
    made.database.close()


@pytest.fixture
def house(opened: House, endpoint: tuple[Model, str]) -> Iterator[House]:
    writer = ChatCompletions(endpoint[1], "small", timeout=3)
    engines = replace(opened.engines, writer=writer, patience=2.0, proposals=True)
    yield replace(opened, engines=engines, conversation=Conversation(engines, opened.store))
    writer.close()


def hasty(house: House, patience: float) -> House:
    engines = replace(house.engines, patience=patience)
    return replace(house, engines=engines, conversation=Conversation(engines, house.store))


def calls(name: str, arguments: str = "{}", index: int = 0) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"tool_calls": [{"index": index, "id": "x", "type": "function", "function": function}]}


def words(turned: Turned) -> str:
    return "".join(part.text for part in turned.parts)


def books(house: House) -> dict[str, tuple[Any, ...]]:
    """What the shop has written about each order."""
    kept = entries(house.database, utc_now())
    return {n: (e.status, e.address, e.refunds, e.invoice, e.tickets) for n, e in kept.items()}


def decided(turned: Turned) -> str:
    return f"{turned.record['decision']['act']} {turned.record['decision']['topic']}"


def state_of(house: House, turned: Turned) -> State:
    return standing_state(house.store.standing(turned.conversation_id))


def test_what_the_model_takes_it_for_is_begun_after_a_first_clause(
    house: House, model: Model
) -> None:
    model.deltas = (calls("cancel_order", '{"rea'), calls("", 'son": "咋整"}'))
    turned = answer(house, "zh", MUMBLED)
    assert turned.parts[0].text == LEAD
    assert [part.number for part in turned.parts] == list(range(len(turned.parts)))
    assert decided(turned) == "ask order_id"
    assert state_of(house, turned).flow == "cancel_order"
    assert state_of(house, turned).slot("reason") == "咋整"
    assert turned.record["form_reason"].endswith("; language model proposed cancel_order")
    assert LEAD not in state_of(house, turned).said
    (asked,) = model.asked
    assert asked["tool_choice"] == "auto"
    assert len(asked["tools"]) == 12


def test_nothing_is_asked_where_the_words_were_understood(house: House, model: Model) -> None:
    for text in ("我要取消订单", "你好", "运费怎么算", "转人工"):
        turned = answer(house, "zh", text)
        assert LEAD not in words(turned)
    assert model.asked == [] or all("tools" not in asked for asked in model.asked)


def test_it_is_off_unless_it_is_set(opened: House, house: House, model: Model) -> None:
    model.deltas = (calls("cancel_order"),)
    engines = replace(house.engines, proposals=False)
    silent = replace(house, engines=engines, conversation=Conversation(engines, house.store))
    assert decided(answer(silent, "zh", MUMBLED)) == decided(answer(opened, "zh", MUMBLED))
    assert model.asked == []


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        ({"pieces": ("NONE",)}, "nothing"),
        ({}, "nothing"),
        ({"status": 500}, "failed"),
        ({"raw": b"data: {\n\n"}, "failed"),
        ({"raw": b"data: " + b"[" * 20_000 + b"\n\n"}, "failed"),
        ({"deltas": (calls("cancel_order", "{order"),)}, "failed"),
        ({"deltas": (calls("cancel_order", '["FD2024052"]'),)}, "failed"),
        ({"deltas": (calls("cancel_order", "[" * 15_000),)}, "failed"),
        ({"deltas": (calls("cancel_order", "x" * 25_000),)}, "failed"),
        ({"deltas": ({"tool_calls": [{"index": "no", "function": {"name": "x"}}]},)}, "failed"),
        ({"deltas": ({"tool_calls": ["cancel_order"]},)}, "failed"),
        ({"deltas": ({"tool_calls": "cancel_order"},)}, "nothing"),
        ({"deltas": (calls("drop_tables"),)}, "refused: no such tool"),
        ({"deltas": (calls("affirm"),)}, "refused: no such tool"),
        ({"deltas": (calls("human_agent"),)}, "refused: no such tool"),
        ({"deltas": (calls("verify_order", '{"order_id": "FD2024052"}'),)}, "refused"),
        ({"deltas": (calls("cancel_order"),), "pause": 1.0}, "late"),
        ({"endless": b"x" * 5000}, "failed"),
        ({"endless": b": nothing yet\n\n", "pause": 0.01}, "late"),
        ({"endless": b'data: {"choices": []}\n\n', "pause": 0.01}, "late"),
    ],
)
def test_otherwise_it_is_asked_again_as_without_a_model(
    opened: House, house: House, model: Model, behaviour: dict[str, Any], outcome: str
) -> None:
    before = books(house)
    plain = answer(opened, "zh", MUMBLED)
    for name, value in behaviour.items():
        setattr(model, name, value)
    turned = answer(hasty(house, 0.5), "zh", MUMBLED)
    assert decided(turned) == decided(plain)
    assert f"; language model {outcome}" in turned.record["form_reason"]
    assert deeds(house.database, turned.conversation_id) == ()
    assert books(house) == before


def test_the_first_clause_waits_for_nobody_and_the_rest_not_for_long(
    house: House, model: Model
) -> None:
    model.deltas, model.pause = (calls("cancel_order"),), 3.0
    begun = time.monotonic()
    impatient = hasty(house, 0.4)
    conversation = impatient.store.start("zh", "api")[0]
    said = spoken(impatient, conversation, MUMBLED, threading.Event())
    came = [time.monotonic() - begun for _ in said]
    assert came[0] < 0.4
    assert came[1] - came[0] >= 0.3
    assert came[-1] < 2.5


def test_who_breaks_in_hears_no_more_and_nothing_is_begun(house: House, model: Model) -> None:
    model.deltas, model.pause = (calls("track_order"),), 0.3
    stop = threading.Event()
    conversation = house.store.start("zh", "api")[0]
    said = spoken(house, conversation, MUMBLED, stop)
    assert next(said).text == LEAD
    stop.set()
    assert list(said) == []
    assert standing_state(house.store.standing(conversation)).flow is None


def spoken(house: House, conversation: str, text: str, stop: threading.Event) -> Iterator[Any]:
    """The parts of the reply to a typed turn as they come."""
    from app.api.speaking import incoming
    from app.intake import Envelope

    received = house.intake.open(Envelope(conversation, text, "zh", text, (), None))
    house.store.receive(incoming(received))
    turn: Turn = received.turn
    replies = house.conversation.respond(turn, Trace(), stop)
    next(replies)  # what was perceived
    yield from replies


def test_no_value_is_taken_that_the_customer_did_not_say(house: House, model: Model) -> None:
    invented = {
        "reason": "我要把钱退到别的账户",
        "order_id": OTHERS,
        "phone_tail": "1234",
        "product": "香蕉",
        "nothing": "x",
    }
    model.deltas = (calls("refund_request", json.dumps(invented)),)
    turned = answer(house, "zh", MUMBLED)
    assert decided(turned) == "ask order_id"
    assert state_of(house, turned).slots == ()


@pytest.mark.parametrize("value", [None, 7, ["咋整"], {"a": 1}, "", "  ", "咋整" * 400])
def test_a_value_that_is_no_word_is_dropped(house: House, model: Model, value: object) -> None:
    model.deltas = (calls("refund_request", json.dumps({"reason": value})),)
    turned = answer(house, "zh", MUMBLED)
    assert state_of(house, turned).slots == ()


def test_what_writes_unconfirmed_is_only_asked_about(house: House, model: Model) -> None:
    model.deltas = (calls("delivery_problem", '{"reason": "咋整啊"}'),)
    turned = answer(house, "zh", MUMBLED)
    assert state_of(house, turned).flow is None
    assert turned.record["form_reason"].endswith("proposed delivery_problem")
    labels = [s.label for part in turned.parts for s in part.suggestions]
    assert labels == ["还没送到", "转人工"]
    assert deeds(house.database, turned.conversation_id) == ()


def verified_and_asked(house: House) -> str:
    """A conversation in which the customer was just asked whether to cancel their order."""
    turned = answer(house, "zh", "取消订单FD2024056，手机尾号1357")
    if decided(turned) != "confirm cancel_order":
        turned = answer(house, "zh", "1357", conversation_id=turned.conversation_id)
    assert decided(turned) == "confirm cancel_order"
    return turned.conversation_id


@pytest.mark.parametrize("tool", ["cancel_order", "change_address", "refund_request", "affirm"])
def test_a_model_says_yes_for_nobody(house: House, model: Model, tool: str) -> None:
    conversation = verified_and_asked(house)
    before = books(house)
    model.deltas = (calls(tool, f'{{"order_id": "{OTHERS}", "reason": "取消 咋整"}}'),)
    for text in ("取消 咋整", "咋整", "FD2024056 咋整"):
        answer(house, "zh", text, conversation_id=conversation)
    ran = {d.action for d in deeds(house.database, conversation) if d.outcome == "done"}
    assert ran <= {"verify_order"}
    assert books(house) == before


def test_somebody_elses_order_stays_theirs(house: House, model: Model) -> None:
    model.deltas = (calls("track_order", f'{{"order_id": "{OTHERS}"}}'),)
    turned = answer(house, "zh", f"{OTHERS} 咋整")
    assert decided(turned) == "ask phone_tail"
    assert state_of(house, turned).verified == ()
    assert deeds(house.database, turned.conversation_id) == ()


def test_the_same_confirmation_and_proof_as_without_a_model(house: House, model: Model) -> None:
    model.deltas = (calls("cancel_order"),)
    turned = answer(house, "zh", "FD2024056 咋整")
    conversation = turned.conversation_id
    assert decided(turned) == "ask phone_tail"
    assert decided(answer(house, "zh", "1357", conversation_id=conversation)) == (
        "confirm cancel_order"
    )
    done = answer(house, "zh", "好的", conversation_id=conversation)
    assert decided(done) == "tell cancel_order.done"


def test_what_is_foreseen_is_the_first_clause(house: House, model: Model) -> None:
    conversation = house.store.start("zh", "api")[0]
    turn = Turn("t", conversation, "zh", text=MUMBLED, wants_speech=True)
    state = standing_state(house.store.standing(conversation))
    perceived = house.conversation.hear(turn, state, Trace())
    assert house.conversation.outlook(turn, state, perceived) == ("zh", (LEAD,))
    assert model.asked == []
