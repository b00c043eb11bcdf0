"""Operators: signing in, CSRF, taking over, saying something, handing back, replaying."""

from __future__ import annotations

import threading

import httpx

from app.config import Limits
from tests.app.api.harness import PASSWORD, House, bearer, follow, tone, wait_for


def login(house: House, password: str, **headers: str) -> httpx.Response:
    body = {"name": "mei", "password": password}
    return house.client.post("/v1/admin/login", json=body, headers=headers)


def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_never_see(house: House) -> None:
    answer = login(house, PASSWORD)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie, "the test server speaks http"
    assert answer.json()["name"] == "mei"


def test_behind_https_the_cookie_is_secure_and_browsers_stay_there(house_with) -> None:
    house = house_with(public_url="https://chat.example.com")
    answer = login(house, PASSWORD)
    assert "secure" in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"]


def test_a_wrong_password_is_refused_and_guessing_is_throttled(house_with) -> None:
    house = house_with(Limits(logins_per_five_minutes=2))
    assert login(house, "wrong").json()["error"]["code"] == "wrong_credentials"
    assert login(house, "wrong").status_code == 401
    refused = login(house, PASSWORD)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


def test_the_panel_is_closed_to_who_is_not_signed_in(house: House) -> None:
    talk = house.open()
    for path in ("conversations", f"conversations/{talk['id']}", "stream", "me"):
        answer = house.client.get(f"/v1/admin/{path}", headers=bearer(talk))
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "not_signed_in"
    taken = house.client.post(f"/v1/admin/conversations/{talk['id']}/take", headers=bearer(talk))
    assert taken.status_code == 401


def test_a_changing_call_needs_the_csrf_token_and_our_own_page(house: House) -> None:
    talk, browser = house.open(), house.sign_in()
    path = f"/v1/admin/conversations/{talk['id']}/take"
    right = browser.headers.pop("X-CSRF-Token")
    assert browser.post(path).json()["error"]["code"] == "csrf"
    assert browser.post(path, headers={"X-CSRF-Token": "wrong"}).status_code == 403
    elsewhere = {"X-CSRF-Token": right, "Origin": "https://evil.example"}
    assert browser.post(path, headers=elsewhere).json()["error"]["code"] == "cross_origin"
    cross = {"X-CSRF-Token": right, "Sec-Fetch-Site": "cross-site"}
    assert browser.post(path, headers=cross).status_code == 403
    ours = {"X-CSRF-Token": right, "Origin": house.url}
    assert browser.post(path, headers=ours).status_code == 200
    assert login(house, PASSWORD, Origin="https://evil.example").status_code == 403


def test_signing_out_ends_the_session_on_the_server(house: House) -> None:
    browser = house.sign_in()
    cookie = dict(browser.cookies)
    assert browser.get("/v1/admin/me").json()["name"] == "mei"
    assert browser.post("/v1/admin/logout").status_code == 200
    again = httpx.get(f"{house.url}/v1/admin/me", cookies=cookie)
    assert again.status_code == 401


def test_taking_over_in_mid_answer_silences_the_bot_at_once(house: House) -> None:
    talk, gate, browser = house.open(), threading.Event(), house.sign_in()
    house.pipeline.gates[1] = gate
    answers = []
    thread = threading.Thread(target=lambda: answers.extend(house.say(talk, "查")))
    thread.start()
    wait_for(lambda: any(e.kind == "part" for e in house.storage.conversations.events(talk["id"])))
    assert browser.post(f"/v1/admin/conversations/{talk['id']}/take").status_code == 200
    gate.set()
    thread.join(10)
    assert [e.kind for e in answers] == ["turn", "part", "owner", "done"]
    assert answers[2].data == {"owner": "operator", "name": "mei"}


def test_while_a_person_owns_the_conversation_the_bot_is_not_even_asked(house: House) -> None:
    talk, browser = house.open(), house.sign_in()
    path = f"/v1/admin/conversations/{talk['id']}"
    browser.post(f"{path}/take")
    assert [e.kind for e in house.say(talk, "在吗")] == ["turn", "done"]
    assert house.pipeline.answered == []
    assert browser.post(f"{path}/say", json={"text": "在的"}).status_code == 200
    assert browser.post(f"{path}/release").status_code == 200
    assert [e.kind for e in house.say(talk, "好", turn="t2")] == ["turn", "part", "part", "done"]
    assert house.pipeline.answered == ["t2"], "what the person dealt with is not answered again"
    kinds = [e.kind for e in house.storage.conversations.events(talk["id"])]
    assert kinds[:5] == ["owner", "turn", "done", "message", "owner"]


def test_ownership_is_decided_on_the_server(house: House) -> None:
    talk, mei, tom = house.open(), house.sign_in("mei"), house.sign_in("tom")
    path = f"/v1/admin/conversations/{talk['id']}"
    early = mei.post(f"{path}/say", json={"text": "hello"})
    assert (early.status_code, early.json()["error"]["code"]) == (409, "not_owner")
    mei.post(f"{path}/take")
    assert "mei" in tom.post(f"{path}/take").json()["error"]["message"]
    assert tom.post(f"{path}/say", json={"text": "hello"}).status_code == 409
    assert tom.post(f"{path}/release").status_code == 409
    assert mei.post("/v1/admin/conversations/none/take").status_code == 404


def test_the_customer_sees_the_operator_arrive_speak_and_leave(house: House) -> None:
    talk, browser = house.open(), house.sign_in()
    path = f"/v1/admin/conversations/{talk['id']}"
    with follow(house, f"/v1/conversations/{talk['id']}/stream", bearer(talk)) as events:
        browser.post(f"{path}/take")
        browser.post(f"{path}/say", json={"text": "您好，我是小梅"})
        browser.post(f"{path}/release")
        seen = [next(events) for _ in range(3)]
    assert [e.kind for e in seen] == ["owner", "message", "owner"]
    assert seen[1].data["text"] == "您好，我是小梅"
    assert seen[1].data["name"] == "mei"


def test_the_panel_hears_of_everything_that_happens(house: House) -> None:
    talk, browser = house.open(), house.sign_in()
    with browser.stream("GET", "/v1/admin/stream") as response:
        lines = response.iter_lines()
        wait_for(lambda: house.access.log._watchers)
        house.say(talk, "你好")
        told = []
        while not told or '"event":"done"' not in told[-1]:
            told.append(next(line for line in lines if line.startswith("data:")))
    assert all(talk["id"] in line for line in told)
    assert len(told) >= 4


def test_conversations_are_listed_searched_and_replayed(house: House) -> None:
    talk, browser = house.open(), house.sign_in()
    house.open("en")
    house.say(talk, "榴莲多少钱", files=[("audio", ("a.wav", tone(1)))])
    found = browser.get("/v1/admin/conversations", params={"q": "榴莲"}).json()
    assert [c["id"] for c in found["conversations"]] == [talk["id"]]
    voices = browser.get("/v1/admin/conversations", params={"modality": "voice"}).json()
    assert len(voices["conversations"]) == 1
    wrong = browser.get("/v1/admin/conversations", params={"modality": "smell"})
    assert wrong.status_code == 422
    replay = browser.get(f"/v1/admin/conversations/{talk['id']}").json()
    assert replay["turns"][0]["text"] == "榴莲多少钱"
    sound = browser.get(replay["turns"][0]["audio"]["url"])
    assert sound.headers["content-type"] == "audio/wav"
    assert browser.get("/v1/admin/conversations/none").status_code == 404


def test_the_replay_knows_where_each_part_can_be_heard(house: House) -> None:
    talk, browser = house.open(), house.sign_in()
    finish = house.storage.conversations.finish

    def with_reply(conversation_id: str, turn_id: str, record: dict, **more: object) -> int:
        reply = [{"number": 0, "text": "好", "card": None}]
        return finish(conversation_id, turn_id, {**record, "reply": reply}, **more)

    house.pipeline.store = type("Store", (), {"finish": staticmethod(with_reply)})()
    house.say(talk, files=[("audio", ("a.wav", tone(1)))])
    replay = browser.get(f"/v1/admin/conversations/{talk['id']}").json()
    url = replay["turns"][0]["reply"][0]["audio"]["url"]
    assert browser.get(url).headers["content-type"] == "audio/mpeg"


def test_what_operators_do_is_audited(house: House) -> None:
    talk, browser = house.open(), house.sign_in()
    browser.post(f"/v1/admin/conversations/{talk['id']}/take")
    browser.get(f"/v1/admin/conversations/{talk['id']}")
    done = [(row["operator"], row["action"]) for row in house.storage.staff.audited()]
    assert ("mei", "take") in done
    assert ("mei", "read") in done


def test_an_operator_erases_a_conversation_for_good(house: House) -> None:
    talk, desk = house.open(), house.sign_in()
    house.say(talk, "我叫张三丰")
    path = f"/v1/admin/conversations/{talk['id']}"
    assert desk.get(f"{path}/erasure").json()["turns"] == 1
    assert desk.delete(path).json()["turns"] == 1
    assert [desk.get(path).status_code, desk.delete(path).status_code] == [404, 404]
    assert desk.get("/v1/admin/conversations").json()["conversations"] == []
    assert house.post(talk, "还在吗", "t2").status_code == 401
    assert house.storage.staff.audited()[0]["action"] == "erase"


def test_erasing_ends_the_reply_under_way_and_the_customers_stream(house: House) -> None:
    house.pipeline.gates[1] = held = threading.Event()
    talk, desk = house.open(), house.sign_in()
    asking = threading.Thread(target=lambda: house.post(talk, "你好"))
    asking.start()
    stream = f"/v1/conversations/{talk['id']}/stream"
    with follow(house, stream, bearer(talk)) as events:
        assert [next(events).kind for _ in range(2)] == ["turn", "part"]
        threading.Timer(0.2, held.set).start()
        assert desk.delete(f"/v1/admin/conversations/{talk['id']}").status_code == 200
        assert "part" not in [event.kind for event in events]
    asking.join(20)
    assert not asking.is_alive()


def test_erasing_needs_the_csrf_token(house: House) -> None:
    talk, desk = house.open(), house.sign_in()
    del desk.headers["X-CSRF-Token"]
    assert desk.delete(f"/v1/admin/conversations/{talk['id']}").status_code == 403
    assert house.storage.conversations.standing(talk["id"]).owner == "bot"
