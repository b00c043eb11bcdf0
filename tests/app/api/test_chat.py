"""Customers talk: both request forms, order, resending, joining again, many at once."""

from __future__ import annotations

import base64
import io
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import av
import pytest

from app.api.speaking import incoming
from app.config import Limits
from app.intake import Envelope, Intake
from app.store.records import IncomingTurn, StoredTurn
from tests.app.api.harness import House, bearer, follow, parse, photo, tone, wait_for


def test_a_conversation_opens_with_a_greeting_in_its_language(house: House) -> None:
    made = house.client.post("/v1/conversations", json={"locale": "en", "channel": "widget"})
    assert made.status_code == 201
    assert made.json()["greeting"] == "Hello!"
    assert made.json()["suggestions"] == [{"label": "订单", "text": "查订单"}]


def test_a_typed_message_is_answered_in_order_and_ends_with_done(house: House) -> None:
    events = house.say(house.open(), "查订单")
    assert [e.kind for e in events] == ["turn", "part", "part", "done"]
    assert [e.id for e in events] == [1, 2, 3, 4]
    assert [e.data["number"] for e in events[1:3]] == [0, 1]
    assert events[3].data["forms"] == ["text"]


def test_the_device_comes_as_a_list_or_in_one_field_and_must_be_known(house: House) -> None:
    seen: list[tuple[str, ...]] = []
    house.pipeline.before = lambda turn: seen.append(turn.device)
    talk = house.open()
    house.say(talk, "hi", device="narrow,muted")
    body = {"conversation_id": talk["id"], "text": "hi", "device": ["screen_reader"]}
    assert house.client.post("/v1/chat", json=body, headers=bearer(talk)).status_code == 200
    assert seen == [("narrow", "muted"), ("screen_reader",)]
    assert house.post(talk, "hi", turn="t9", device="round").status_code == 422


def test_json_and_multipart_are_answered_alike(house: House) -> None:
    talk, again = house.open(), house.open()
    voice, picture = tone(1), photo()
    form = house.say(
        talk, "你好", files=[("audio", ("a.wav", voice)), ("pictures", ("p.jpg", picture))]
    )
    body = {
        "conversation_id": again["id"],
        "turn_id": "t1",
        "text": "你好",
        "audio_base64": base64.b64encode(voice).decode(),
        "pictures_base64": [base64.b64encode(picture).decode()],
    }
    response = house.client.post("/v1/chat", json=body, headers=bearer(again))
    events = parse(response.text)
    assert [e.kind for e in events] == [e.kind for e in form] == [
        "turn", "heard", "part", "part", "done",
    ]  # fmt: skip
    assert events[0].data["modalities"] == ["text", "voice", "picture"]
    assert events[0].data["quality"] == form[0].data["quality"]


def test_without_a_conversation_one_is_made_and_its_token_comes_first(house: House) -> None:
    events = parse(house.client.post("/v1/chat", json={"text": "hello", "locale": "en"}).text)
    assert events[0].kind == "conversation"
    talk = {"id": events[0].data["conversation_id"], "token": events[0].data["token"]}
    history = house.client.get(f"/v1/conversations/{talk['id']}/events", headers=bearer(talk))
    kinds = [e["event"] for e in history.json()["events"]]
    assert kinds == ["turn", "part", "part", "done"], "the token is in no log"


def test_a_spoken_message_is_answered_with_speech_live_and_by_address(house: House) -> None:
    talk = house.open()
    events = house.say(talk, files=[("audio", ("a.wav", tone(1)))])
    live = next(e for e in events if e.kind == "part").data["audio"]
    stored = house.client.get(live["url"], headers=bearer(talk))
    assert stored.headers["content-type"] == live["type"] == "audio/mpeg"
    with av.open(io.BytesIO(stored.content)) as file:
        assert json.loads(file.metadata["AIGC"])["Label"] == "1"
    assert stored.content == base64.b64decode(live["data"])
    history = house.client.get(f"/v1/conversations/{talk['id']}/events", headers=bearer(talk))
    parts = [e["data"] for e in history.json()["events"] if e["event"] == "part"]
    assert all("data" not in part["audio"] for part in parts)
    assert events[-1].data["first_audio_ms"] >= 0


def test_the_same_turn_sent_again_is_answered_from_the_log_and_not_acted_on(house: House) -> None:
    talk = house.open()
    first = house.say(talk, "取消订单", turn="same")
    again = house.say(talk, "取消订单", turn="same")
    assert [(e.id, e.kind) for e in first] == [(e.id, e.kind) for e in again]
    assert house.pipeline.answered == ["same"]


def test_a_client_that_left_in_mid_answer_joins_again_without_loss_or_doubling(
    house: House,
) -> None:
    talk, gate = house.open(), threading.Event()
    house.pipeline.gates[1] = gate
    fields = {"conversation_id": talk["id"], "turn_id": "t1", "text": "查"}
    with house.client.stream("POST", "/v1/chat", json=fields, headers=bearer(talk)) as response:
        lines = response.iter_lines()
        read = []
        while not any("event: part" in line for line in read):
            read.append(next(lines))
    seen = max(int(line[4:]) for line in read if line.startswith("id: "))
    path = f"/v1/conversations/{talk['id']}/stream?after={seen}"
    with follow(house, path, bearer(talk)) as events:
        gate.set()
        rest = [next(events), next(events)]
    assert [(e.id, e.kind) for e in rest] == [(seen + 1, "part"), (seen + 2, "done")]
    assert rest[0].data["number"] == 1


def test_an_answer_is_finished_although_nobody_listens(house: House) -> None:
    talk, gate = house.open(), threading.Event()
    house.pipeline.gates[0] = gate
    fields = {"conversation_id": talk["id"], "turn_id": "t1", "text": "查"}
    with house.client.stream("POST", "/v1/chat", json=fields, headers=bearer(talk)):
        pass
    gate.set()
    wait_for(lambda: house.storage.conversations.events(talk["id"])[-1].kind == "done")


def test_ten_conversations_at_once_are_all_answered_with_their_own_words(house: House) -> None:
    talks = [house.open() for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: house.say(talks[n], f"第{n}个"), range(10)))
    for n, events in enumerate(answers):
        assert [e.kind for e in events] == ["turn", "part", "part", "done"]
        assert events[1].data["text"].endswith(f"第{n}个")


def test_turns_of_one_conversation_are_answered_one_after_the_other(house: House) -> None:
    talk = house.open()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: house.say(talk, "再来", turn=f"t{n}"), range(6)))
    assert house.pipeline.overlaps == 0
    assert len(house.pipeline.answered) == 6


def test_turns_are_answered_in_the_order_in_which_they_were_stored(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk, stored = house.open(), threading.Event()
    receive = house.storage.conversations.receive

    def slowly(turn: IncomingTurn) -> StoredTurn:
        taken = receive(turn)
        if taken.turn_id == "t0":
            stored.set()
            time.sleep(0.3)
        return taken

    monkeypatch.setattr(house.storage.conversations, "receive", slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(house.say, talk, "一", "t0")
        assert stored.wait(10)
        house.say(talk, "二", "t1")
        first.result()
    assert house.pipeline.answered == ["t0", "t1"]


def test_a_broken_turn_gets_one_sentence_and_the_conversation_goes_on(house: House) -> None:
    talk = house.open("en")

    def break_once(turn: object) -> None:
        house.pipeline.before = lambda turn: None
        raise RuntimeError("the engine broke")

    house.pipeline.before = break_once
    events = house.say(talk, "hello", locale="en")
    assert [e.kind for e in events] == ["turn", "error", "done"]
    assert events[1].data["code"] == "internal"
    assert events[1].data["message"].startswith("Sorry")
    assert house.say(talk, "again", turn="t2")[-1].data["forms"] == ["text"]


def test_too_many_waiting_turns_are_refused_before_they_are_stored(house_with) -> None:
    house = house_with(Limits(turns_at_once=1, turns_waiting=1))
    talk, gate = house.open(), threading.Event()
    house.pipeline.gates[0] = gate
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(house.say, talk, "一")
        wait_for(lambda: house.access.speaking.waiting == 1)
        refused = house.post(talk, "二", "t2")
        gate.set()
        first.result()
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "5"
    assert refused.json()["error"]["code"] == "busy"
    house.say(talk, "二", "t2")
    assert house.pipeline.answered == ["t1", "t2"]


def test_a_turn_left_by_a_crash_is_answered_at_the_next_start(storage, house_with) -> None:
    id_, _ = storage.conversations.start("zh", "page")
    envelope = Envelope(id_, "t1", "zh", "查订单", (("audio", tone(1)),))
    storage.conversations.receive(incoming(Intake(Limits()).open(envelope)))
    storage.conversations.append(id_, "part", {"turn_id": "t1", "number": 0, "audio": None})
    house_with()
    wait_for(lambda: storage.conversations.events(id_)[-1].kind == "done")
    events = storage.conversations.events(id_)
    assert [e.body["number"] for e in events if e.kind == "part"] == [0, 1]
    assert [e.kind for e in events].count("heard") == 1


def test_asking_for_a_person_queues_the_conversation_and_says_so(house: House) -> None:
    talk = house.open()
    answer = house.client.post(f"/v1/conversations/{talk['id']}/human", headers=bearer(talk))
    place = {"position": 1, "ahead": 0, "staffed": True, "hours": None, "callback": False}
    assert answer.json() == {"owner": "queue", **place}
    history = house.client.get(f"/v1/conversations/{talk['id']}/events", headers=bearer(talk))
    assert history.json()["owner"] == "queue"
    assert history.json()["events"][-1]["event"] == "owner"


def test_a_rating_is_kept_and_bounded(house: House) -> None:
    talk = house.open()
    path = f"/v1/conversations/{talk['id']}/rating"
    assert house.client.post(path, json={"score": 4}, headers=bearer(talk)).json() == {"ok": True}
    refused = house.client.post(path, json={"score": 9}, headers=bearer(talk))
    assert refused.status_code == 422
    assert "score" in refused.json()["error"]["message"]


def test_who_vanishes_in_mid_upload_leaves_nothing_and_may_send_it_again(house: House) -> None:
    talk = house.open("en")
    token, part = talk["token"], "\r\n--cut\r\nContent-Disposition: form-data; name="
    begun = (
        f'{part}"conversation_id"\r\n\r\n{talk["id"]}{part}"audio"; filename="a.wav"\r\n\r\n'
    ).encode()
    head = (
        "POST /v1/chat HTTP/1.1\r\nHost: shop\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: 200000\r\n"
        "Content-Type: multipart/form-data; boundary=cut\r\n\r\n"
    ).encode()
    address = urlsplit(house.url)
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(head + begun + tone(1)[:2000])
    again = house.say(talk, files=[("audio", ("a.wav", tone(1))), ("turn_id", (None, "t1"))])
    assert [event.kind for event in again].count("done") == 1
    assert len(house.storage.archive.conversation(talk["id"])["turns"]) == 1
