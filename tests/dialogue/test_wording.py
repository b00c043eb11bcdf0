"""Everything the bot can reach is worded, in both languages, without a brace left over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from dialogue.domain import Domain, PackError
from dialogue.engines import Passage
from dialogue.manager import start
from dialogue.response.formats import day, moment, money, written
from dialogue.response.planner import Planner
from dialogue.response.wording import Wording, sentences
from dialogue.types import Act, AudioClip, Decision, Language, Posterior, State, Turn, Understanding

STATUSES = ["placed", "paid", "packed", "out_for_delivery", "delivered", "cancelled", "returned"]
CODES = {
    "verify_order": (["done"], ["not_found", "mismatch", "locked"]),
    "track_order": ([f"done.{s}" for s in STATUSES], ["not_found"]),
    "order_status": ([f"done.{s}" for s in STATUSES], ["not_found"]),
    "cancel_order": (["done"], ["already_delivered", "out_for_delivery", "already_cancelled"]),
    "change_address": (
        ["done"],
        ["out_for_delivery", "already_delivered", "already_cancelled", "out_of_area"],
    ),
    "report_delivery_problem": (["done", "done.again"], ["already_cancelled"]),
    "request_refund": (
        ["done"],
        ["not_delivered", "not_in_order", "too_late", "already_refunded", "already_cancelled"],
    ),
    "list_orders": (["done"], ["none", "not_vouched"]),
    "refund_status": (["done"], ["none"]),
    "product_info": (["done"], ["not_found"]),
    "stock_check": (["done.in_stock", "done.low_stock", "done.sold_out"], ["not_found"]),
    "check_coupon": (["done"], ["unknown", "expired", "used", "minimum", "not_yet"]),
    "request_invoice": (["done"], ["not_paid", "already_issued"]),
    "file_complaint": (["done", "done.again"], []),
}
FACTS = {
    "order_id": "FD2024051",
    "status": "paid",
    "total": "58.00",
    "amount": "9.90",
    "eta": "2026-11-23T18:30:00+08:00",
    "courier_name": "小王",
    "courier_phone": "138****5678",
    "items": [{"name_zh": "牛奶", "name_en": "milk"}],
    "place_zh": "望京",
    "place_en": "Wangjing",
    "product": "6",
    "name_zh": "香蕉",
    "name_en": "bananas",
    "price": "5.90",
    "unit_zh": "500克",
    "unit_en": "500 g",
    "stock": 3,
    "restock_days": 2,
    "origin_zh": "海南",
    "origin_en": "Hainan",
    "description_zh": "很甜。",
    "description_en": "Sweet.",
    "image": "products/06.jpg",
    "ticket_id": "T1",
    "days": 3,
    "hours": 24,
    "minutes": 15,
    "tries_left": 1,
    "email": "a@b.cn",
    "value": "5",
    "minimum": "30",
    "expires": "2026-12-01",
    "used_at": "2026-11-01",
    "starts": "2026-12-01",
    "invoice_id": "I1",
    "address": "建国路88号",
    "steps": [],
}
FEW = {"order_id": "FD2024051", "name_zh": "香蕉", "name_en": "bananas"}
TOPICS = [
    *(f"{a}.{done}" for a, (dones, _) in CODES.items() for done in dones if a != "verify_order"),
    *(f"{action}.refused.{c}" for action, (_, codes) in CODES.items() for c in codes),
    *(f"{action}.refused.not_verified" for action in CODES),
    *(f"{action}.failed" for action in CODES),
    *("start", "stopped", "what_about", "back_to_bot", "unclear", "out_of_scope"),
    *("picture.kept", "picture.product", "picture.order", "picture.unknown"),
]


class NoArticles:
    """A shelf without articles."""

    def search(
        self, query: str, language: Language, topics: Posterior = (), n: int = 3, within: str = ""
    ) -> tuple[Passage, ...]:
        return ()


class OneArticle(NoArticles):
    """Always finds the same article."""

    def search(
        self, query: str, language: Language, topics: Posterior = (), n: int = 3, within: str = ""
    ) -> tuple[Passage, ...]:
        return (Passage("shipping", "运费", "满¥49.00免运费。不满收6元。", 1.2, "a.svg"),)


def reply(domain: Domain, decision: Decision, language: Language, **options: object) -> object:
    turn = Turn("t1", "c1", language, **options)
    state = State(language=language)
    meaning = Understanding("x", language, (("greet", 1.0),))
    return Planner(domain, OneArticle()).plan(decision, turn, meaning, state)


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize(
    "facts", [FACTS, {"order_id": "FD2024051", "name_zh": "蕉", "name_en": "x"}]
)
def test_every_outcome_is_worded(
    fresh: Domain, language: Language, topic: str, facts: dict[str, object]
) -> None:
    if topic.startswith("picture"):
        facts = FACTS
    if topic.startswith("list_orders"):
        facts = {**facts, "orders": [{"order_id": "FD2024051", "status": "paid"}]}
    plan = reply(fresh, Decision(Act.TELL, topic, tuple(facts.items())), language)
    assert plan.clauses
    assert not any("{" in clause or "None" in clause for clause in plan.clauses)


def test_every_question_and_confirmation_is_worded_twice(fresh: Domain, language: Language) -> None:
    wording = Wording(fresh)
    slots = {s for flow in fresh.flows.values() for s in (*flow.takes, "correction")}
    slots -= {s for flow in fresh.flows.values() for s in flow.optional if s != "product"}
    slots |= {"reason"}
    keys = [k for slot in slots for k in (f"ask.{slot}", f"ask.{slot}.again")]
    keys += [f"ask.{s}.{code}" for flow in fresh.flows.values() for code, s in flow.retry]
    keys += [f"confirm.{flow.action}" for flow in fresh.flows.values() if flow.confirm]
    assert [key for key in keys if len(wording.variants(key, language)) < 2] == []


def test_every_fixed_intent_is_worded(fresh: Domain, language: Language) -> None:
    wording = Wording(fresh)
    fixed = [name for name in fresh.intents if fresh.fixed(name)]
    assert [name for name in fixed if not wording.variants(f"tell.{name}", language)] == []


def test_a_wording_that_names_an_unknown_value_is_refused(fresh: Domain) -> None:
    odd = {"zh": ("{nonsense}",), "en": ("x",)}
    broken = replace(fresh, wording=MappingProxyType({**fresh.wording, "tell.odd": odd}))
    with pytest.raises(PackError, match=r"tell\.odd"):
        Wording(broken)


def test_private_values_are_shown_but_not_said(fresh: Domain, language: Language) -> None:
    facts = {name: value for name, value in FACTS.items() if name != "product"}
    done = Decision(Act.TELL, "change_address.done", tuple(facts.items()))
    plan = reply(fresh, done, language)
    rows = [value for card in plan.cards for _, value in card.rows]
    assert "建国路88号" in rows
    assert not any("建国路" in c or "138" in c for c in plan.clauses)


def test_the_form_follows_the_customer(fresh: Domain, language: Language) -> None:
    import numpy as np

    clip = AudioClip(np.zeros(16, np.float32), 16000)
    greet = Decision(Act.TELL, "greet")
    assert reply(fresh, greet, language, text="hi").forms == ("text",)
    assert "speech" in reply(fresh, greet, language, audio=clip).forms
    assert "speech" in reply(fresh, greet, language, text="hi", wants_speech=True).forms
    assert "speech" not in reply(fresh, greet, language, audio=clip, wants_speech=False).forms


def test_an_article_is_quoted_with_its_source(fresh: Domain, language: Language) -> None:
    plan = reply(fresh, Decision(Act.ANSWER, "shipping_fee", query="运费"), language)
    assert plan.sources == ("shipping",)
    assert plan.clauses == ("满¥49.00免运费。", "不满收6元。")


def test_without_an_article_the_bot_says_it_does_not_know(
    fresh: Domain, language: Language
) -> None:
    state, _ = start(language)
    meaning = Understanding("x", language, (("shipping_fee", 1.0),))
    planner = Planner(fresh, NoArticles())
    plan = planner.plan(
        Decision(Act.ANSWER, "shipping_fee", query="?"), Turn("t", "c", language), meaning, state
    )
    expected = fresh.wording["answer.unknown"][language]
    assert "".join(plan.clauses).replace(" ", "") in {v.replace(" ", "") for v in expected}


def test_the_storage_line_of_a_named_product_comes_first(fresh: Domain, language: Language) -> None:
    ask = Decision(Act.ANSWER, "freshness_storage", (("product", "6"),), query="?")
    plan = reply(fresh, ask, language)
    assert fresh.products["6"].names[language] in plan.clauses[0].lower()


def test_numbers_and_times_are_written_as_people_write_them() -> None:
    assert money("12.5", "zh") == "¥12.50"
    assert moment("2026-11-23T18:30:00+08:00", "zh") == "11月23日18:30"
    assert moment("2026-11-23T18:05:00+08:00", "en") == "23 November at 6:05 pm"
    # Half past eleven at night in London is already tomorrow on the shop's clock.
    night = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert moment("2026-11-23T18:30:00+08:00", "zh", night) == "今天18:30"
    assert moment("2026-11-22T18:05:00+08:00", "en", night) == "yesterday at 6:05 pm"
    assert moment("2026-11-24T18:05:00+08:00", "en", night) == "tomorrow at 6:05 pm"
    assert moment("2026-11-26T18:05:00+08:00", "en", night) == "26 November at 6:05 pm"
    assert day("2026-12-01", "en") == "1 December"
    assert written({"days": 1, "tries_left": 1}, "en") == {
        "days": "1 day",
        "tries_left": "1 more try",
    }


def test_sentences_keep_amounts_and_addresses_whole() -> None:
    assert sentences("共¥12.50。发到a@b.cn！") == ("共¥12.50。", "发到a@b.cn！")
    assert sentences("It is ¥12.50 now. Go to a.com. Yes?") == (
        "It is ¥12.50 now.",
        "Go to a.com.",
        "Yes?",
    )


def test_marks_are_checked_and_values_bring_none(fresh: Domain) -> None:
    line = "You said “{words}”.<pause=200> And <digits>{order_id}</digits>?"
    assert sentences(line)[0].endswith("<pause=200>")
    wording = Wording(
        replace(fresh, wording=MappingProxyType({"x": {"zh": ("好",), "en": (line,)}}))
    )
    values = {"words": "wait<pause=3000> <digits>", "order_id": "FD2024051"}
    said = wording.say(("x",), "en", values)
    assert said == "You said “wait ”.<pause=200> And <digits>FD2024051</digits>?"
    for bad in ("<break/>", "<pause=9000>", "<digits>{order_id}", "a < b"):
        broken = replace(fresh, wording=MappingProxyType({"x": {"zh": (bad,), "en": (bad,)}}))
        with pytest.raises(PackError, match="unknown mark"):
            Wording(broken)
