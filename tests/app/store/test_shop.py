"""The demo shop's rules, on both databases."""

from __future__ import annotations

import itertools
import threading

import pytest
from sqlalchemy import func, select

from app.store.shop import SqlActions
from app.store.shop_tables import InvoiceRow, OrderRow, ProductRow, RefundRow, TicketRow
from dialogue.engines import Caller
from dialogue.types import Outcome

KEYS = (f"key{n}" for n in itertools.count())


class Counter:
    """Somebody at the shop's counter: every request has a key of its own."""

    def __init__(self, database, clock) -> None:
        self.database = database
        self.actions = SqlActions(database, clock)

    def caller(self, *, verified=(), conversation="c", key=None):
        return Caller(conversation, key or next(KEYS), verified)

    def run(self, action, *, key=None, verified=None, conversation="c", **arguments):
        if verified is None:
            verified = (arguments.get("order_id", "").upper(),)
        caller = self.caller(verified=verified, conversation=conversation, key=key)
        return self.actions.run(action, arguments, caller)

    def count(self, table, *where) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(table).where(*where))


@pytest.fixture
def counter(shop, clock) -> Counter:
    return Counter(shop, clock)


DOCUMENTED = {
    "FD2024051": ("out_for_delivery", "5678"),
    "FD2024052": ("packed", "1234"),
    "FD2024053": ("delivered", "8888"),
    "FD2024054": ("cancelled", "6666"),
    "FD2024055": ("placed", "2468"),
    "FD2024056": ("paid", "1357"),
    "FD2024057": ("delivered", "9999"),
    "FD2024058": ("returned", "4321"),
    "FD2024059": ("out_for_delivery", "7777"),
    "FD2024060": ("delivered", "1111"),
}


def test_the_documented_orders_are_there(counter):
    found = {}
    for order_id, (_, tail) in DOCUMENTED.items():
        assert counter.run("verify_order", order_id=order_id, phone_tail=tail).facts == {
            "order_id": order_id
        }
        found[order_id] = (counter.run("track_order", order_id=order_id).code, tail)
    assert found == DOCUMENTED


def test_every_status_has_orders(counter):
    with counter.database.reading() as session:
        counts = dict(
            session.execute(select(OrderRow.status, func.count()).group_by(OrderRow.status)).all()
        )
    assert sum(counts.values()) >= 240
    assert set(counts) == {status for status, _ in DOCUMENTED.values()}
    assert min(counts.values()) >= 15


def test_an_orders_facts_hide_what_others_may_read(counter):
    facts = counter.run("track_order", order_id="FD2024051").facts
    assert not any(c.isdigit() for c in facts["address"])
    assert "****" in facts["courier_phone"]
    assert [s["key"] for s in facts["steps"] if s["done"]][-1] == "out_for_delivery"
    assert facts["steps"][-1] == {
        "key": "delivered", "label_zh": "已送达", "label_en": "Delivered", "done": False, "time": ""
    }  # fmt: skip
    total = sum(float(i["price"]) * i["quantity"] for i in facts["items"])
    assert facts["total"] == f"{total:.2f}"
    assert facts["eta"].endswith("+08:00")


def test_an_order_that_should_be_there_by_now_is_late(counter):
    late = {o: counter.run("track_order", order_id=o).facts["late"] for o in DOCUMENTED}
    assert [o for o, is_late in late.items() if is_late] == ["FD2024059"]


@pytest.mark.parametrize("said", ["5678", "10000005678", "５６７８", "尾号5678"])
def test_a_phone_is_known_by_its_end(counter, said):
    assert counter.run("verify_order", order_id="fd2024051", phone_tail=said).outcome == "done"


def test_the_fifth_wrong_try_locks_the_conversation_for_a_quarter_of_an_hour(counter, clock):
    def guess(order_id="FD2024051", tail="0000", conversation="c"):
        given = {"order_id": order_id, "phone_tail": tail}
        result = counter.run("verify_order", conversation=conversation, **given)
        return result.code, result.facts

    assert guess("FD9999999") == ("not_found", {"tries_left": 4})
    assert [guess()[1] for _ in range(3)] == [{"tries_left": n} for n in (3, 2, 1)]
    assert guess() == ("locked", {"minutes": 15})
    clock.move(minutes=14, seconds=1)
    assert guess(tail="5678") == ("locked", {"minutes": 1})
    assert guess(tail="5678", conversation="another")[0] == ""
    clock.move(minutes=1)
    assert guess(tail="5678")[0] == ""
    assert guess() == ("mismatch", {"tries_left": 4})


def test_guessing_one_order_from_many_conversations_locks_that_order(counter, clock):
    def guess(conversation, tail="0000", order_id="FD2024051"):
        given = {"order_id": order_id, "phone_tail": tail}
        result = counter.run("verify_order", conversation=f"c{conversation}", **given)
        return result.code, result.facts.get("minutes")

    assert [guess(n)[0] for n in range(9)] == ["mismatch"] * 9
    assert guess(9) == ("order_locked", 60)
    assert guess(10, tail="5678") == ("order_locked", 60)
    assert guess(10, order_id="FD2024052", tail="1234")[0] == ""
    clock.move(minutes=60)
    assert [guess(n)[0] for n in range(20, 29)] == ["mismatch"] * 9
    assert guess(29) == ("order_locked", 120)
    clock.move(minutes=120)
    assert guess(30, tail="5678")[0] == ""
    assert [guess(n)[0] for n in range(40, 49)] == ["mismatch"] * 9
    assert guess(49) == ("order_locked", 60)


def test_no_order_stays_locked_for_more_than_a_day(counter, clock):
    locks = []
    for number in range(100):
        given = {"order_id": "FD2024051", "phone_tail": "0000"}
        result = counter.run("verify_order", conversation=f"c{number}", **given)
        if result.code == "order_locked":
            locks.append(result.facts["minutes"] / 60)
            clock.move(days=1)
    assert locks == [1, 2, 4, 8, 16, 24, 24, 24, 24, 24]


def test_guesses_made_at_the_same_time_all_count(counter):
    codes = []

    def guess():
        codes.append(counter.run("verify_order", order_id="FD2024051", phone_tail="1").code)

    at_once([guess] * 8)
    assert sorted(codes) == ["locked"] * 4 + ["mismatch"] * 4


def test_the_same_guess_sent_again_counts_once(counter):
    given = {"order_id": "FD2024051", "phone_tail": "1", "key": "same"}
    facts = [counter.run("verify_order", **given).facts for _ in range(3)]
    assert facts == [{"tries_left": 4}] * 3


def test_a_complaint_is_not_tied_to_an_order_that_is_not_the_callers(counter):
    for order, kept in (("FD2024051", "FD2024051"), ("FD2024052", "")):
        caller = Caller(f"c {order}", next(KEYS), (), "zh", "C001")
        counter.actions.run("file_complaint", {"reason": "态度差", "order_id": order}, caller)
        assert counter.count(TicketRow, TicketRow.order_id == kept) == 1


def test_an_order_is_shown_to_nobody_unverified(counter):
    for verified in ((), ("FD2024052",)):
        result = counter.run("track_order", order_id="FD2024051", verified=verified)
        assert (result.outcome, result.code) == (Outcome.REFUSED, "not_verified")
        assert set(result.facts) == {"order_id"}
    assert counter.run("track_order", order_id="FD2024051", verified=("FD2024051",)).code


def test_cancelling_returns_money_and_goods(counter):
    before = stock(counter, "67")
    result = counter.run("cancel_order", order_id="FD2024052", reason="不要了")
    assert (result.facts["amount"], stock(counter, "67")) == ("78.80", before + 2)
    assert counter.run("order_status", order_id="FD2024052").code == "cancelled"
    (refund,) = counter.run("refund_status", order_id="FD2024052").facts["refunds"]
    assert refund["refund_id"] == result.facts["refund_id"]


def test_cancelling_what_was_not_paid_returns_no_money(counter):
    facts = counter.run("cancel_order", order_id="FD2024055").facts
    assert (facts["amount"], facts["refund_id"]) == ("0.00", "")


@pytest.mark.parametrize("action", ["cancel_order", "change_address"])
def test_what_has_left_is_not_changed(counter, action):
    codes = [
        counter.run(action, order_id=o, address="上海市静安区1号").code
        for o in ("FD2024051", "FD2024053", "FD2024054")
    ]
    assert codes == ["out_for_delivery", "already_delivered", "already_cancelled"]


@pytest.mark.parametrize(
    ("address", "served"),
    [
        ("上海市静安区武汉路8号", True),
        ("浦东新区张江路88号3栋502", True),
        ("北京市朝阳区成都路1号", True),
        ("武汉市江汉路1号", False),
        ("武汉市北京路1号", False),
        ("5 Wuhan Road, Shanghai", True),
        ("12 Beijing East Road, Wuhan", False),
    ],
)
def test_an_address_is_served_by_its_city_not_by_its_street(counter, address, served):
    result = counter.run("change_address", order_id="FD2024056", address=address)
    assert result.code == ("" if served else "out_of_area")


@pytest.mark.parametrize(
    ("order_id", "code"),
    [
        ("FD2024051", "not_delivered"),
        ("FD2024054", "already_cancelled"),
        ("FD2024057", "too_late"),
        ("FD2024058", "already_refunded"),
        ("FD0000000", "not_found"),
    ],
)
def test_a_refund_is_refused_with_its_reason(counter, order_id, code):
    assert counter.run("request_refund", order_id=order_id, kind="refund").code == code


def test_a_product_is_refunded_up_to_what_was_bought(counter):
    def refund(quantity, product="40"):
        given = {"order_id": "FD2024053", "kind": "missing", "product": product}
        return counter.run("request_refund", quantity=quantity, **given)

    assert refund("1").facts["amount"] == "15.80"
    assert refund("7").facts["amount"] == "15.80"
    assert refund("1").code == "already_refunded"
    refused = refund("1", "80")
    assert (refused.code, len(refused.facts["items"])) == ("not_in_order", 5)


def test_any_apple_means_the_only_apple_of_the_order(counter):
    given = {"order_id": "FD2024053", "kind": "damaged", "product": "0", "quantity": "1"}
    assert counter.run("request_refund", **given).facts["name_en"] == "Royal Gala apples"


def test_all_refunds_together_never_exceed_what_was_paid(counter):
    given = {"order_id": "FD2024060", "kind": "refund"}
    parts = [counter.run("request_refund", product=p, **given) for p in ("2", "27", "44", "8")]
    rest = counter.run("request_refund", **given)
    amounts = [float(r.facts["amount"]) for r in (*parts, rest) if r.outcome == "done"]
    assert round(sum(amounts) + 7.90, 2) == 80.00
    assert counter.run("request_refund", **given).code == "already_refunded"


def test_refunds_are_seeded_in_all_stages(counter):
    stages = {
        "requested": 1, "approved": 1, "sent": 1, "arrived": 1, "rejected": 1
    }  # fmt: skip
    assert all(counter.count(RefundRow, RefundRow.status == s) >= n for s, n in stages.items())
    facts = counter.run("refund_status", order_id="FD2024054").facts["refunds"][0]
    assert [s["done"] for s in facts["steps"]] == [True, True, False, False]
    assert counter.run("refund_status", order_id="FD2024051").code == "none"


@pytest.mark.parametrize(
    ("product", "code"),
    [("4", "in_stock"), ("42", "low_stock"), ("12", "sold_out"), ("99", "not_found")],
)
def test_stock_is_told_with_the_product(counter, product, code):
    result = counter.run("stock_check", product=product)
    assert result.code == code
    assert (result.outcome == "done") == ("price" in result.facts)


@pytest.mark.parametrize(
    ("coupon", "code", "fact"),
    [
        ("fresh10", "", "expires"),
        ("SPRING15", "expired", "expires"),
        ("USED10", "used", "used_at"),
        ("NEWYEAR30", "not_yet", "starts"),
        ("WHAT", "unknown", "coupon_code"),
    ],
)
def test_a_coupon_is_explained(counter, coupon, code, fact):
    result = counter.run("check_coupon", coupon_code=coupon)
    assert result.code == code
    assert fact in result.facts


@pytest.mark.parametrize(
    ("amount", "code"), [("58.99", "minimum"), ("59", ""), ("¥80元", ""), ("?", "")]
)
def test_a_coupon_is_held_against_the_basket(counter, amount, code):
    assert counter.run("check_coupon", coupon_code="FRESH10", amount=amount).code == code


def test_an_order_has_one_invoice(counter):
    given = {"order_id": "FD2024053", "name": "示例公司", "email": "a@example.com"}
    first, second = (counter.run("request_invoice", **given) for _ in range(2))
    assert (second.code, second.facts["invoice_id"]) == (
        "already_issued",
        first.facts["invoice_id"],
    )
    unpaid = counter.run("request_invoice", **{**given, "order_id": "FD2024055"})
    assert unpaid.code == "not_paid"


def test_complaints_and_late_parcels_become_tickets(counter):
    complaint = counter.run("file_complaint", reason="态度差", verified=())
    late = counter.run("report_delivery_problem", order_id="FD2024059", reason="迟到")
    assert complaint.facts == {"ticket_id": complaint.facts["ticket_id"], "hours": 24}
    assert late.facts["late"] is True
    assert counter.count(TicketRow) == 2


def test_what_is_said_again_joins_the_ticket(counter):
    first = counter.run("report_delivery_problem", order_id="FD2024059", reason="迟到")
    again = counter.run("report_delivery_problem", order_id="FD2024059", reason="能不能催一下")
    assert (first.code, again.code) == ("", "again")
    assert again.facts["ticket_id"] == first.facts["ticket_id"]
    rude = [counter.run("file_complaint", reason=r, verified=()) for r in ("态度差", "还骂人")]
    assert [r.code for r in rude] == ["", "again"]
    assert counter.run("file_complaint", reason="少货", order_id="FD2024051").code == ""
    assert counter.count(TicketRow) == 3
    assert counter.count(TicketRow, TicketRow.reason == "迟到\n能不能催一下") == 1


def test_the_same_key_at_the_same_time_acts_once(counter):
    results = []
    given = {"order_id": "FD2024053", "kind": "damaged", "product": "77", "key": "one"}
    at_once([lambda: results.append(counter.run("request_refund", **given))] * 8)
    assert len(results) == 8
    assert all(r == results[0] for r in results)
    assert counter.count(RefundRow, RefundRow.order_id == "FD2024053") == 1


def test_different_keys_at_the_same_time_cancel_once(counter):
    results = []
    cancel = lambda: results.append(counter.run("cancel_order", order_id="FD2024056").code)  # noqa: E731
    at_once([cancel] * 6)
    assert sorted(results) == [""] + ["already_cancelled"] * 5
    assert counter.count(RefundRow, RefundRow.order_id == "FD2024056") == 1


def test_different_keys_at_the_same_time_issue_one_invoice(counter):
    results = []
    given = {"order_id": "FD2024053", "name": "a", "email": "b"}
    at_once([lambda: results.append(counter.run("request_invoice", **given).code)] * 6)
    assert sorted(results) == [""] + ["already_issued"] * 5
    assert counter.count(InvoiceRow, InvoiceRow.order_id == "FD2024053") == 1


def at_once(jobs) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def stock(counter, product) -> int:
    with counter.database.reading() as session:
        return session.get(ProductRow, product).stock


def test_a_family_is_compared_by_its_cheapest_and_its_dearest(counter):
    apples = "0|1|2|3|4"
    found = counter.run("compare_products", product=apples, other="cheapest")
    prices = [float(each["price"]) for each in found.facts["products"]]
    assert (found.code, len(prices)) == ("cheapest", 2)
    assert prices[0] < prices[1]
    turned = counter.run("compare_products", product=apples, other="dearest")
    assert [float(each["price"]) for each in turned.facts["products"]] == prices[::-1]


def test_a_family_of_one_price_has_no_cheapest(counter):
    assert counter.run("compare_products", product="0|0", other="cheapest").code == "alike"
    one = counter.run("compare_products", product="0|nothing", other="cheapest")
    assert (one.outcome, one.code) == (Outcome.REFUSED, "not_found")
