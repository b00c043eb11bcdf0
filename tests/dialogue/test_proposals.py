"""What a language model may propose, and what becomes of it."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialogue import cues
from dialogue.domain import Domain
from dialogue.engines import ToolCall
from dialogue.manager import start, step
from dialogue.nlu.slots import SlotReader
from dialogue.proposals import LIKELY, lost, prompt, proposed, tools
from dialogue.types import Act, Language, State, Understanding

from .test_promises import WORDS, answered, meant, turn_of
from .test_promises import tools as fresh_tools

ARGUMENTS: tuple[Any, ...] = (
    *("FD2024052", "1234", "香蕉", "bananas", "好的", "yes", "", None, 7, ["x"], {"a": "b"}),
    *("建国路88号3号楼502", "两盒牛奶", "x" * 999),
)


def unclear(text: str, reader: SlotReader, state: State, language: Language) -> Understanding:
    return Understanding(
        text, language, (("help", 0.2),), reader.read(text, state), confidence=0.2, abstained=True
    )


def test_numbers_mail_and_addresses_are_not_shown_to_a_model(fresh: Domain) -> None:
    reader = SlotReader(fresh)
    text = "FD2024051 5678 a@b.cn 一三八零零一二三四五六 送到建国路88号3号楼 咋整"
    shown = json.dumps(prompt(fresh, unclear(text, reader, State(), "zh")), ensure_ascii=False)
    for secret in ("2024051", "5678", "a@b.cn", "零零一二", "建国路"):
        assert secret not in shown
    assert "咋整" in shown


def test_tools_are_the_packs_likeliest_requests_without_proofs_of_identity(fresh: Domain) -> None:
    ranked = (("refund_status", 0.3), ("track_order", 0.2), ("affirm", 0.1))
    offered = tools(fresh, Understanding("x", "en", ranked))
    assert [tool.name for tool in offered[:2]] == ["refund_status", "track_order"]
    every = {name for tool in offered for name in tool.parameters}
    assert not every & {"order_id", "phone_tail", "phone", "email", "photo"}
    assert not {tool.name for tool in offered} & {"affirm", "deny", "human_agent", "praise"}


def test_a_value_is_read_where_the_customer_said_it(fresh: Domain) -> None:
    reader = SlotReader(fresh)
    said = unclear("唔 建国路88号3号楼502 嘛", reader, State(), "zh")
    bare = Understanding(said.text, "zh", said.intents, confidence=0.2, abstained=True)
    call = ToolCall("change_address", {"address": "建国路88号3号楼502"})
    found = proposed(fresh, State(), bare, call, reader.read)
    assert found is not None
    assert {slot.name: slot.value for slot in found.slots} == {"address": "建国路88号3号楼502"}
    wrong = ToolCall("change_address", {"address": "上海路1号"})
    elsewhere = proposed(fresh, State(), bare, wrong, reader.read)
    assert elsewhere is not None
    assert elsewhere.slots == ()


@settings(
    max_examples=300, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(seed=st.integers(0, 10**9), language=st.sampled_from(("zh", "en")))
def test_whatever_a_model_calls_only_the_customers_own_yes_lets_it_happen(
    seed: int, language: Language
) -> None:
    fresh, reader, _ = fresh_tools()
    chance, intents = Random(seed), tuple(fresh.intents)
    state, _ = start(language)
    shown: tuple[str, dict[str, object]] = ("", {})
    for _ in range(chance.randint(3, 12)):
        meaning = meant(turn_of(chance, intents), state, reader)
        before, (after, decision) = state, step(fresh, state, meaning)
        changed = False
        if lost(fresh, before, meaning, decision):
            called = ToolCall(
                chance.choice((*intents, "verify_order", "request_refund")),
                {n: chance.choice((*ARGUMENTS, *WORDS)) for n in (*fresh.slots, "made_up")},
            )
            found = proposed(fresh, before, meaning, called, reader.read)
            if found:
                changed = True
                assert found.confidence == LIKELY
                assert found.text == meaning.text
                assert all(s in meaning.slots or s.text in meaning.text for s in found.slots)
                after, decision = step(fresh, before, found)
        state = after
        said, yes = meaning.text, False
        yes = cues.says_yes(said) or cues.opens_with_yes(said) or meaning.intent == "affirm"
        for _ in range(4):
            if decision.act not in (Act.CALL, Act.CHECK):
                break
            if decision.act is Act.CALL and decision.topic in fresh.irreversible:
                assert yes, said
                assert not changed, "by a proposal"
                assert decision.topic == shown[0]
                assert dict(decision.arguments)["order_id"] in state.verified
            if changed and decision.act is Act.CALL:
                assert decision.topic in (*fresh.lookups, "verify_order")
            state, decision = step(fresh, state, answered(chance, decision))
        if decision.act is not Act.REPEAT:
            shown = (decision.topic, dict(decision.arguments))
