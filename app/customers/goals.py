"""Goals: what simulated customers come for, and how to tell from the books that they got it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.customers import world as shop
from app.customers.phrases import Phrases, Question
from app.customers.world import World
from app.store.ledger import Deed, Entry

KINDS = (
    *("track", "status", "cancel", "address", "refund", "damaged", "wrong", "missing"),
    *("refund_status", "late", "invoice", "coupon", "price", "stock", "storage", "complaint"),
    *("person", "question", "too_late", "on_its_way", "mind", "stranger"),
)
FAULTS = ("damaged", "wrong", "missing")
NEED = {"too_late": "refund", "on_its_way": "cancel", "mind": "cancel", "stranger": "track"}
"""How the kinds that are no need of their own are asked for."""
ORDERLESS = ("coupon", "price", "stock", "storage", "complaint", "person", "question")
_LOOKS = ("track_order", "order_status")
_SLIPS = ("order_id", "phone_tail", "address", "email")
_CITIES = {
    "zh": (
        "上海市徐汇区漕溪北路{n}号2幢{m}室",
        "杭州市西湖区文三路{n}号{m}室",
        "北京市朝阳区望京街{n}号院3号楼{m}",
    ),
    "en": (
        "{n} Huaihai Road, Xuhui, Shanghai",
        "{n} Wensan Road, Hangzhou, flat {m}",
        "{n} Wangjing Street, Beijing",
    ),
}
_NAMES = {
    "zh": ("上海云栖信息技术有限公司", "李雪", "王小明", "禾木设计工作室"),
    "en": ("Blue Heron Ltd", "Sarah Lindqvist", "Maple Studio", "Tom Okafor"),
}
_MAILS = ("li.xue@qq.com", "office@blueheron.co", "w_xm88@163.com", "tom.okafor@gmail.com")


@dataclass(slots=True)
class Goal:
    """What one customer wants, and the values they will give for it."""

    kind: str
    entry: Entry | None = None
    values: dict[str, str] = field(default_factory=dict)
    """Slot to the value that is right."""
    said: dict[str, str] = field(default_factory=dict)
    """Slot to the words for it, where they differ from the value."""
    slips: dict[str, str] = field(default_factory=dict)
    """Slot to what is said first, by mistake."""
    question: Question | None = None

    @property
    def need(self) -> str:
        """The key of the phrases that ask for it."""
        return NEED.get(self.kind, self.kind)

    def word(self, slot: str) -> str:
        """What the customer says for `slot`."""
        return self.said.get(slot, self.values.get(slot, ""))


@dataclass(frozen=True, slots=True)
class Sight:
    """What can be seen after a turn: the record, the books and who owns the conversation."""

    record: Mapping[str, Any]
    deeds: Sequence[Deed]
    entry: Entry | None
    owner: str
    text: str
    complaints: int


def draw_goal(kind: str, world: World, phrases: Phrases, chooser: random.Random) -> Goal:
    """A goal of `kind` with an order, product or other values that fit it."""
    language = phrases.language
    goal = Goal(kind)
    if kind not in ORDERLESS:
        _give_order(goal, world.order(chooser, _fits(kind)))
    if kind == "question":
        goal.question = chooser.choice(phrases.questions)
    if kind in ("price", "stock", "storage"):
        _give_product(goal, chooser.choice(list(world.domain.products)), world, phrases, chooser)
    if kind in FAULTS and goal.entry:
        _give_product(goal, chooser.choice(goal.entry.products), world, phrases, chooser)
    if kind == "coupon":
        goal.values["coupon_code"] = chooser.choice(world.coupons)
    if kind == "address":
        goal.values["address"] = _address(language, chooser)
    if kind == "invoice":
        goal.values["name"] = chooser.choice(_NAMES[language])
        goal.values["email"] = chooser.choice(_MAILS)
    return goal


def slip(goal: Goal, world: World, phrases: Phrases, chooser: random.Random) -> None:
    """One mistake that the customer makes first and mends later."""
    slots: list[str] = [s for s in _SLIPS if s in goal.values]
    bought = goal.entry.products if goal.kind in FAULTS and goal.entry else ()
    others = [product for product in bought if product != goal.values["product"]]
    slots += ["product"] if others else []
    if not slots or goal.kind == "stranger":
        return
    match chooser.choice(slots):
        case "order_id":
            goal.slips["order_id"] = world.strange_number(goal.values["order_id"], chooser)
        case "phone_tail":
            tail = goal.values["phone_tail"]
            goal.slips["phone_tail"] = tail[:3] + str((int(tail[3]) + 1) % 10)
        case "address":
            goal.slips["address"] = _address(phrases.language, chooser)
        case "email":
            goal.slips["email"] = "x" + goal.values["email"]
        case _:
            name = world.domain.products[chooser.choice(others)].names[phrases.language]
            goal.slips["product"] = name


def reached(goal: Goal, sight: Sight, storage: str) -> bool:
    """Whether the customer has what they came for; `storage` is the advice on their product."""
    done = [d for d in sight.deeds if d.outcome == "done"]
    match goal.kind:
        case "track" | "status" | "refund_status":
            looks = ("refund_status",) if goal.kind == "refund_status" else _LOOKS
            order = goal.values["order_id"]
            return any(d.action in looks and d.arguments["order_id"] == order for d in done)
        case "cancel" | "address" | "refund" | "late" | "invoice" | "damaged" | "wrong" | "missing":
            return sight.entry is not None and _in_books(goal, sight.entry)
        case "coupon":
            codes = [d.arguments["coupon_code"] for d in sight.deeds if d.action == "check_coupon"]
            return goal.values["coupon_code"] in codes
        case "price" | "stock":
            looked = [d for d in done if d.action in ("product_info", "stock_check")]
            return any(d.arguments["product"] == goal.values["product"] for d in looked)
        case "storage":
            return storage in sight.text
        case "complaint":
            return sight.complaints > 0
        case _:
            return _told(goal, sight)


def _in_books(goal: Goal, entry: Entry) -> bool:
    match goal.kind:
        case "cancel":
            return entry.status == "cancelled"
        case "address":
            return entry.address == goal.values["address"]
        case "refund":
            return ("refund", "") in entry.refunds
        case "late":
            return "delivery" in entry.tickets
        case "invoice":
            return entry.invoice == (goal.values["name"], goal.values["email"])
        case _:
            return goal.values["product"] in {product for _, product in entry.refunds}


def _told(goal: Goal, sight: Sight) -> bool:
    """Whether the goals that change nothing in the books were met."""
    topics = [sight.record["decision"], *sight.record["decision"]["before"]]
    told = " ".join(d["topic"] for d in topics)
    match goal.kind:
        case "person":
            return sight.owner == "queue"
        case "question":
            assert goal.question is not None
            return bool(goal.question.articles & set(sight.record["sources"]))
        case "too_late":
            return "request_refund.refused" in told
        case "on_its_way":
            return "cancel_order.refused" in told
        case "mind":
            return "stopped" in told
        case _:
            return "locked" in told


def _fits(kind: str) -> Any:
    match kind:
        case "cancel" | "mind" | "address":
            return lambda e: e.status in shop.OPEN
        case "refund" | "damaged" | "wrong" | "missing":
            return shop.refundable
        case "too_late":
            return shop.expired
        case "on_its_way":
            return lambda e: e.status == "out_for_delivery"
        case "refund_status":
            return lambda e: bool(e.refunds)
        case "late":
            return shop.late
        case "invoice":
            return shop.billable
        case _:
            return lambda _: True


def _give_order(goal: Goal, entry: Entry) -> None:
    goal.entry = entry
    goal.values |= {"order_id": entry.order, "phone_tail": entry.phone_tail}


def _give_product(
    goal: Goal, product: str, world: World, phrases: Phrases, chooser: random.Random
) -> None:
    goal.values["product"] = product
    goal.said["product"] = world.called(product, phrases.language, chooser)


def _address(language: str, chooser: random.Random) -> str:
    return chooser.choice(_CITIES[language]).format(
        n=chooser.randint(2, 399), m=chooser.randint(101, 2803)
    )
