"""What every back-end of `Actions` promises: SQL tables, and a shop behind HTTP."""

from __future__ import annotations

import csv
import hmac
import itertools
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.shop_http import HttpActions, sign
from app.store.database import open_database
from app.store.seed import seed
from app.store.shop import SqlActions
from app.store.shop.actions import ORDER_ACTIONS
from dialogue.engines import Actions, Caller
from dialogue.types import ActionResult, Outcome

PACK = Path(__file__).parents[2] / "data" / "domains" / "fresh"
SECRET = "a secret of the tests"
NOW = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)
SHOWN = ("FD2024051", "FD2024052", "FD2024053")
OTHERS = tuple(f"FD20240{n}" for n in range(52, 61))
"""Of nine customers, in every status; FD2024051 is C001's."""
KEYS = (f"conversation:turn:{n}" for n in itertools.count())


def shop_api(actions: Actions) -> FastAPI:
    """A shop's own API, as docs/shop-api.md describes it."""
    api = FastAPI()

    @api.post("/shop/actions/{name}")
    async def act(name: str, request: Request) -> JSONResponse:
        head, body = request.headers, await request.body()
        key, at = head["idempotency-key"], head["x-lingxi-timestamp"]
        expected = sign(SECRET, at, request.url.path, key, body)
        right = hmac.compare_digest(expected, head["x-lingxi-signature"])
        if not right or abs(time.time() - int(at)) > 300:
            return JSONResponse({"detail": "wrong signature"}, 401)
        asked = await request.json()
        who = asked["caller"]
        caller = Caller(
            who["conversation_id"], key, tuple(who["verified"]), who["language"], who["customer"]
        )
        ask = actions.check if asked["check"] else actions.run
        try:
            result = ask(name, asked["arguments"], caller)
        except ValueError as error:
            return JSONResponse({"detail": str(error)}, 400)
        answer = {"outcome": result.outcome, "code": result.code, "facts": result.facts}
        return JSONResponse(answer)

    return api


@contextmanager
def served(api: FastAPI) -> Iterator[str]:
    """The address of `api` on a free loopback port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(api, log_level="error", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def seeded(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "seeded.db"
    with closing(open_database(f"sqlite:///{path}")) as database:
        database.upgrade()
        seed(database, PACK, lambda: NOW)
    return path


@pytest.fixture(params=["sql", "http"])
def actions(request, seeded, tmp_path) -> Iterator[Actions]:
    copy = shutil.copy(seeded, tmp_path / "copy.db")
    with closing(open_database(f"sqlite:///{copy}")) as database:
        sql = SqlActions(database, lambda: NOW)
        if request.param == "sql":
            yield sql
            return
        with served(shop_api(sql)) as url, HttpActions(f"{url}/shop", SECRET) as http:
            yield http


def caller(key: str | None = None, verified: tuple[str, ...] = SHOWN) -> Caller:
    return Caller("conversation", key or next(KEYS), verified, "zh")


def vouched(customer: str) -> Caller:
    return Caller("conversation", next(KEYS), (), "en", customer)


def test_an_action_is_done_with_facts(actions):
    result = actions.run("track_order", {"order_id": "FD2024051"}, caller())
    assert (result.action, result.outcome, result.code) == (
        "track_order",
        Outcome.DONE,
        "out_for_delivery",
    )
    assert result.facts["items"][0]["name_zh"] == "皇家嘎啦苹果"


def test_a_check_changes_nothing_and_tells_the_same(actions):
    given = {"order_id": "FD2024052"}
    checked = actions.check("cancel_order", given, caller())
    assert actions.run("order_status", given, caller()).code == "packed"
    done = actions.run("cancel_order", given, caller())
    promised = {n: v for n, v in done.facts.items() if n not in ("refund_id", "refund")}
    assert checked.facts == promised
    assert checked.outcome == done.outcome


def test_a_checked_guess_is_not_counted(actions):
    given = {"order_id": "FD2024051", "phone_tail": "0000"}
    for _ in range(7):
        assert actions.check("verify_order", given, caller()).facts == {"tries_left": 4}


def test_a_repeated_key_returns_the_first_answer_and_acts_once(actions):
    given, once = {"order_id": "FD2024053", "kind": "damaged", "product": "77"}, caller("once")
    results = [actions.run("request_refund", given, once) for _ in range(3)]
    assert results[0].outcome is Outcome.DONE
    assert results == [results[0]] * 3
    refunds = actions.run("refund_status", {"order_id": "FD2024053"}, caller()).facts["refunds"]
    assert len(refunds) == 1


def test_checking_a_key_that_was_run_tells_what_it_did(actions):
    given, once = {"order_id": "FD2024052"}, caller("once")
    done = actions.run("cancel_order", given, once)
    assert actions.check("cancel_order", given, once) == done


def test_one_key_at_the_same_time_acts_once(actions):
    results: list[ActionResult] = []
    given, once = {"reason": "态度差"}, caller("once")
    threads = [
        threading.Thread(target=lambda: results.append(actions.run("file_complaint", given, once)))
        for _ in range(6)
    ]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len({r.facts["ticket_id"] for r in results}) == 1
    assert len(results) == 6


@pytest.mark.parametrize("ask", ["check", "run"])
def test_an_order_is_refused_to_the_unverified(actions, ask):
    given = {"order_id": "FD2024052"}
    result = getattr(actions, ask)("cancel_order", given, caller(verified=("FD2024051",)))
    assert (result.outcome, result.code) == (Outcome.REFUSED, "not_verified")


GIVEN = {"address": "Shanghai, 1 Other Road", "kind": "refund", "name": "N", "email": "n@x.org"}
GIVEN |= {"reason": "mine", "phone_tail": "0000"}
"""Whatever an action may need besides the order."""


@pytest.mark.parametrize("ask", ["check", "run"])
@pytest.mark.parametrize("action", sorted(ORDER_ACTIONS))
def test_whoever_is_vouched_for_sees_and_changes_their_own_orders_alone(actions, action, ask):
    before = [actions.run("order_status", {"order_id": o}, caller(verified=(o,))) for o in OTHERS]
    tried = getattr(actions, ask)
    for order in (*OTHERS, "FD9999999"):  # that there is no such order is not told either
        result = tried(action, {**GIVEN, "order_id": order.lower()}, vouched("C001"))
        assert (result.outcome, result.code) == (Outcome.REFUSED, "not_verified")
        assert result.facts == {"order_id": order}
    after = [actions.run("order_status", {"order_id": o}, caller(verified=(o,))) for o in OTHERS]
    assert after == before
    assert tried(action, {**GIVEN, "order_id": "FD2024051"}, vouched("C001")).code != "not_verified"


@pytest.mark.parametrize("customer", ["", "c001", "C001 ", "C00%", "*"])
def test_nobody_and_nearly_somebody_own_nothing(actions, customer):
    result = actions.run("track_order", {"order_id": "FD2024051"}, vouched(customer))
    assert (result.outcome, result.code) == (Outcome.REFUSED, "not_verified")


def test_a_star_opens_no_order(actions):
    result = actions.run("track_order", {"order_id": "FD2024051"}, caller(verified=("*",)))
    assert result.code == "not_verified"


def test_an_order_of_another_customer_opens_by_phone_tail_as_for_everybody(actions):
    given = {"order_id": "FD2024052", "phone_tail": "1234"}
    assert actions.run("verify_order", given, vouched("C001")).outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("action", "given"),
    [("fly_to_moon", {}), ("cancel_order", {}), ("cancel_order", {"order_id": "  "})],
)
def test_an_unknown_action_or_a_missing_argument_is_an_error(actions, action, given):
    for ask in (actions.check, actions.run):
        with pytest.raises(ValueError, match=r"order_id|Unknown action|status 400"):
            ask(action, given, caller())


def answering(*answers) -> tuple[FastAPI, list[dict[str, str]]]:
    """An API that gives `answers` in turn, then the last one for ever, and what it was asked."""
    api, asked, left = FastAPI(), [], list(answers)

    @api.post("/actions/{name}")
    async def act(name: str, request: Request) -> JSONResponse:
        asked.append(dict(request.headers))
        status, content = left.pop(0) if len(left) > 1 else left[0]
        return JSONResponse(content, status)

    return api, asked


GOOD = {"outcome": "done", "code": "", "facts": {}}


@pytest.mark.parametrize(
    "answer",
    [
        (500, GOOD),
        (401, GOOD),
        (302, GOOD),
        (200, "hello"),
        (200, {}),
        (200, {**GOOD, "outcome": "perhaps"}),
        (200, {**GOOD, "facts": []}),
        (200, {**GOOD, "code": 7}),
    ],
)
def test_a_shop_that_answers_badly_is_unreachable(answer):
    api, _ = answering(answer)
    with served(api) as url, HttpActions(url, SECRET) as actions:
        result = actions.run("file_complaint", {"reason": "x"}, caller())
    assert (result.outcome, result.code) == (Outcome.FAILED, "unreachable")


def test_a_shop_that_stumbles_is_asked_once_more_with_the_same_key():
    api, asked = answering((503, {}), (200, GOOD))
    with served(api) as url, HttpActions(url, SECRET) as actions:
        assert actions.run("file_complaint", {"reason": "x"}, caller("same")).outcome == "done"
    assert [a["idempotency-key"] for a in asked] == ["same", "same"]


def test_a_shop_that_is_not_there_or_says_nothing_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for url in (f"http://127.0.0.1:{silent.getsockname()[1]}", "http://127.0.0.1:1"):
            with HttpActions(url, SECRET, timeout=0.2) as actions:
                result = actions.run("file_complaint", {"reason": "x"}, caller())
            assert (result.outcome, result.code) == (Outcome.FAILED, "unreachable")


def test_a_signature_covers_every_part_of_the_request():
    whole = ("s", "1", "/a", "k", b"{}")
    changed = [("t", *whole[1:])]
    changed += [(*whole[:i], "x", *whole[i + 1 :]) for i in (1, 2, 3)]
    changed += [(*whole[:4], b"x")]
    assert sign(*whole) not in {sign(*c) for c in changed}
    assert len({sign(*c) for c in changed}) == 5


def test_a_request_with_another_secret_is_refused(tmp_path):
    with closing(open_database(f"sqlite:///{tmp_path / 'shop.db'}")) as database:
        database.upgrade()
        sql = SqlActions(database, lambda: NOW)
        with served(shop_api(sql)) as url, HttpActions(f"{url}/shop", "other") as actions:
            assert actions.run("file_complaint", {"reason": "x"}, caller()).outcome == "failed"


def test_a_shop_without_a_secret_is_not_asked():
    with pytest.raises(ValueError, match="secret"):
        HttpActions("http://127.0.0.1:1", "")


def test_an_action_cannot_name_another_path():
    refused = pytest.raises(ValueError, match="Unknown action")
    with HttpActions("http://127.0.0.1:1", SECRET) as actions, refused:
        actions.run("../../admin", {}, caller())


def test_the_client_is_closed_with_its_block():
    with HttpActions("http://127.0.0.1:1", SECRET) as actions:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        actions.run("file_complaint", {"reason": "x"}, caller())


def test_two_products_are_compared_and_an_unknown_one_is_not(actions):
    two = actions.run("compare_products", {"product": "6", "other": "1"}, caller())
    assert two.outcome is Outcome.DONE
    assert [facts["name_zh"] for facts in two.facts["products"]] == ["香蕉", "青苹果"]
    assert all(facts["price"] and facts["storage_en"] for facts in two.facts["products"])
    none = actions.run("compare_products", {"product": "6", "other": "unsold-1"}, caller())
    assert (none.outcome, none.code) == (Outcome.REFUSED, "not_found")


def owners() -> dict[str, set[str]]:
    """Whose each order of the demo shop is."""
    with (PACK / "seed" / "orders.csv").open(encoding="utf-8") as rows:
        pairs = [(row["customer_id"], row["order_id"]) for row in csv.DictReader(rows)]
    return {who: {order for owner, order in pairs if owner == who} for who, _ in pairs}


@pytest.mark.parametrize("ask", ["check", "run"])
def test_a_list_holds_the_latest_own_orders_and_nobody_elses(actions, ask):
    for who, own in owners().items():
        # A number that another customer's conversation proved opens no list either.
        someone = Caller("conversation", next(KEYS), OTHERS, "en", who)
        told = getattr(actions, ask)("list_orders", {"order_id": "FD2024052"}, someone)
        listed = [order["order_id"] for order in told.facts["orders"]]
        assert (told.outcome, len(listed)) == (Outcome.DONE, min(len(own), 5))
        assert set(listed) <= own
        placed = [order["placed_at"] for order in told.facts["orders"]]
        assert placed == sorted(placed, reverse=True)


@pytest.mark.parametrize(
    "who", ["", " ", "c001", "C001 ", "C00", "C%", "*", "C001' OR '1'='1", "0"]
)
def test_nobody_and_nearly_somebody_have_no_list(actions, who):
    told = actions.run("list_orders", {}, Caller("c", next(KEYS), SHOWN, "zh", who))
    assert (told.outcome, told.facts) == (Outcome.REFUSED, {})
    assert told.code == ("none" if who else "not_vouched")
