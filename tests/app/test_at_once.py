"""Ten customers at the same time, each with a question of their own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from tests.app.served import opened, say, serving
from tests.fakes import Order, orders, small_pack

pytestmark = pytest.mark.slow

CUSTOMERS = 10
STATUSES = ("placed", "paid", "packed", "out_for_delivery", "delivered")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server with cheap engines."""
    domains = tmp_path_factory.mktemp("domains")
    small_pack(domains)
    with serving(tmp_path_factory.mktemp("var"), domains, "never") as (client, _):
        yield client


def test_ten_at_once_each_see_their_own_order_and_no_other(client: httpx.Client) -> None:
    chosen = orders(*STATUSES)[:CUSTOMERS]
    together = Barrier(CUSTOMERS)

    def ask(order: Order) -> str:
        english = int(order.id[-1]) % 2
        talk = opened(client, "en" if english else "zh")
        question = f"track {order.id}" if english else f"我的订单{order.id}到哪了"
        together.wait(60)
        for turn, text in enumerate((question, order.phone_tail)):
            events = say(client, talk, str(turn), text, locale="en" if english else "zh")
        return str([event.data for event in events if event.kind == "part"])

    with ThreadPoolExecutor(CUSTOMERS) as pool:
        answers = list(pool.map(ask, chosen))
    for order, answer in zip(chosen, answers, strict=True):
        assert [other.id for other in chosen if other.id in answer] == [order.id]
        assert "card" in answer


def test_one_customers_messages_sent_at_once_are_answered_in_order(client: httpx.Client) -> None:
    talk = opened(client)
    texts = ["你好", "运费怎么算", "谢谢", "再见"]
    with ThreadPoolExecutor(len(texts)) as pool:
        answers = list(pool.map(lambda n: say(client, talk, f"t{n}", texts[n]), range(len(texts))))
    assert all(answer[-1].data["turn_id"] == f"t{n}" for n, answer in enumerate(answers))
    path = f"/v1/conversations/{talk['id']}/events"
    log = client.get(path, headers={"Authorization": f"Bearer {talk['token']}"}).json()["events"]
    turns = [e["data"]["turn_id"] for e in log if e["event"] == "turn"]
    assert [e["data"]["turn_id"] for e in log if e["event"] == "done"] == turns
