"""What may go wrong in a call: each has a clear outcome, and nothing said is lost."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.live import call, following, socket
from dialogue.types import AudioClip
from tests.app.api.harness import House, wait_for
from tests.app.live.fakes import FRAME, Caller, calling, hum, silence

Exchange = Callable[..., House]


def turns(house: House, talk: dict[str, str]) -> list[dict[str, Any]]:
    """What the operators' panel shows of a conversation."""
    found: list[dict[str, Any]] = house.storage.archive.conversation(talk["id"])["turns"]
    return found


def answered(house: House, talk: dict[str, str], count: int = 1) -> bool:
    return [turn["status"] for turn in turns(house, talk)] == ["done"] * count


def test_a_caller_who_vanishes_in_mid_sentence_is_answered_all_the_same(exchange: Exchange) -> None:
    house = exchange()
    talk = house.open("en")
    with calling(house.url, talk) as caller:
        caller.say(hum(300, 0.9))
        caller.message("phase")
    wait_for(lambda: answered(house, talk), 60)
    assert turns(house, talk)[0]["text"] == "note 300"


def test_a_caller_who_comes_back_hears_the_rest_and_nothing_twice(exchange: Exchange) -> None:
    house = exchange()
    gate = house.pipeline.gates["1"] = threading.Event()
    talk = house.open("en")
    with calling(house.url, talk) as caller:
        caller.say(hum(300, 0.5))
        first = caller.message("speech")
        caller.event("part")
        seen = max(m["id"] for m in caller.got if m["type"] == "event")
    gate.set()
    wait_for(lambda: answered(house, talk), 60)
    played = {"turn_id": first["turn_id"], "part": 0, "ms": 200}
    with calling(house.url, talk, after=seen, rejoins=True, played=played) as caller:
        caller.event("done")
    speech = [(m["part"], m["from_ms"]) for m in caller.got if m["type"] == "speech"]
    assert speech == [(0, 200), (1, 0)]
    assert min(m["id"] for m in caller.got if m["type"] == "event") == seen + 1


def test_sound_is_on_its_way_before_it_is_written_and_is_not_sent_again(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = exchange()
    keep, written = house.access.artefacts.keep_speech, threading.Event()

    def keep_speech(*given: Any) -> Any:
        assert written.wait(60)
        return keep(*given)

    monkeypatch.setattr(house.access.artefacts, "keep_speech", keep_speech)
    with calling(house.url, house.open("en")) as caller:
        caller.say(hum(300, 0.5))
        assert caller.message("speech")["part"] == 0
        caller.message("sound")
        assert not [m for m in caller.got if m.get("event") == "part"]
        written.set()
        caller.event("done")
    assert [m["part"] for m in caller.got if m["type"] == "speech"] == [0, 1]


def test_the_rest_of_a_reply_late_in_a_long_conversation_is_heard_too(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_PAGE", 5)
    house = exchange()
    talk = house.open("en")
    with calling(house.url, talk) as caller:
        for pitch in (300, 400):
            caller.say(hum(pitch, 0.5))
            turn = caller.event("done")["turn_id"]
        seen = max(m["id"] for m in caller.got if m["type"] == "event")
    played = {"turn_id": turn, "part": 0, "ms": 200}
    with calling(house.url, talk, after=seen, rejoins=True, played=played) as caller:
        caller.until(lambda m: m["type"] == "speech" and m["part"] == 1)
    assert [m["from_ms"] for m in caller.got if m["type"] == "speech"] == [200, 0]


def test_what_was_played_before_its_event_was_seen_is_not_played_again(exchange: Exchange) -> None:
    house = exchange()
    talk = house.open("en")
    with calling(house.url, talk) as caller:
        caller.say(hum(300, 0.5))
        turn = caller.event("done")["turn_id"]
        heard = next(m["id"] for m in caller.got if m.get("event") == "heard")
    played = {"turn_id": turn, "part": 1, "ms": 100}
    with calling(house.url, talk, after=heard, rejoins=True, played=played) as caller:
        caller.event("done")
    speech = [(m["part"], m["from_ms"]) for m in caller.got if m["type"] == "speech"]
    assert speech == [(1, 100)]


def test_an_old_reply_is_not_spoken_to_a_new_call(exchange: Exchange) -> None:
    house = exchange()
    talk = house.open("en")
    with calling(house.url, talk) as caller:
        caller.say(hum(300, 0.5))
        caller.event("done")
    with calling(house.url, talk) as caller:
        caller.event("done")
    assert not [m for m in caller.got if m["type"] == "speech"]


def test_doubled_and_empty_frames_change_nothing_and_gaps_become_silence(
    exchange: Exchange,
) -> None:
    house = exchange()
    talk = house.open("en")
    with calling(house.url, talk) as caller:
        samples = hum(300, 0.6)
        for number in range(30):
            pcm = (samples[number * FRAME :][:FRAME] * 32767).astype("<i2").tobytes()
            if number in (10, 11):  # lost on the way
                continue
            caller.frame(pcm, number)
            caller.frame(pcm, number)
            caller.frame(b"", number + 1)
        caller.number = 30
        assert caller.event("heard")["text"] == "note 300"
        caller.event("done")
    (length,) = {turn["audio"]["seconds"] for turn in turns(house, talk)}
    assert length < 1.2


def flood(caller: Caller) -> None:
    """Half a minute of sound at once."""
    with suppress(ConnectionClosed):
        for _ in range(150):
            caller.frame(bytes(6400))


@pytest.mark.parametrize(
    "broken",
    [
        lambda caller: caller.socket.send(b"\x00\x00"),
        lambda caller: caller.frame(b"\x00\x00\x00"),
        lambda caller: caller.frame(bytes(16_000)),
        lambda caller: caller.socket.send("no json"),
        lambda caller: caller.send(type="played", turn_id="t", part=-1, ms=0),
        lambda caller: caller.send(type="sing"),
        flood,
    ],
    ids=["short", "odd", "long", "no json", "negative", "unknown", "too fast"],
)
def test_who_breaks_the_protocol_is_told_and_hung_up_on(
    exchange: Exchange, broken: Callable[[Caller], object]
) -> None:
    house = exchange()
    with calling(house.url, house.open("en")) as caller:
        broken(caller)
        assert caller.closed() == 1008
    assert caller.got[-1]["code"] == "invalid_request"
    assert caller.got[-1]["final"]


def test_only_the_conversations_own_token_opens_a_call(exchange: Exchange) -> None:
    house = exchange()
    talk = house.open("en")
    with calling(house.url, None) as caller:
        caller.send(type="start", version=1, conversation_id=talk["id"], token="guess")
        caller.closed()
    assert caller.got[-1]["code"] == "unauthorized"


def test_a_page_of_another_site_cannot_call(exchange: Exchange) -> None:
    house = exchange()
    with (
        pytest.raises(InvalidStatus),
        calling(house.url, house.open("en"), origin="https://evil.example"),
    ):
        pass


def test_a_call_too_many_is_refused_politely_and_in_its_language(exchange: Exchange) -> None:
    house = exchange(calls=1)
    with (
        calling(house.url, house.open("en")),
        calling(house.url, None) as second,
    ):
        talk = house.open("zh")
        start = {"conversation_id": talk["id"], "token": talk["token"], "locale": "zh"}
        second.send(type="start", version=1, **start)
        assert second.closed() == 1013
    refused = second.got[-1]
    assert (refused["code"], refused["retry_after"]) == ("line_busy", 20)
    assert "打字" in refused["message"]


def test_a_processor_core_takes_four_calls_where_nothing_is_set(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert exchange().app.state.live.room == 8
    assert exchange(calls=3).app.state.live.room == 3


def test_the_same_conversation_may_call_again_and_the_first_call_ends(exchange: Exchange) -> None:
    house = exchange(calls=1)
    talk = house.open("en")
    with calling(house.url, talk) as first, calling(house.url, talk) as second:
        assert first.closed() == 1000
        second.say(hum(300, 0.5))
        assert second.event("heard")["text"] == "note 300"


def test_noise_without_words_is_no_turn(exchange: Exchange) -> None:
    house = exchange()
    house.pipeline.words[300] = ""
    talk = house.open("en")
    with calling(house.url, talk) as caller:
        caller.say(hum(300, 0.3))
        caller.until(lambda m: m == {"type": "phase", "phase": "hearing"})
        caller.until(lambda m: m == {"type": "phase", "phase": "listening"})
    assert turns(house, talk) == []


def test_endless_speech_is_taken_as_it_is(exchange: Exchange) -> None:
    house = exchange(longest=2.0)
    with calling(house.url, house.open("en")) as caller:
        caller.say(hum(300, 2.5))
        assert caller.event("heard")["text"] == "note 300"


def test_a_recognizer_that_breaks_once_does_not_lose_the_turn(exchange: Exchange) -> None:
    house = exchange()
    house.pipeline.broken = True
    with calling(house.url, house.open("en")) as caller:
        caller.say(hum(300, 0.5))
        assert caller.event("heard")["text"] == "note 300"


def test_a_detector_that_breaks_leaves_the_recording_and_the_call_goes_on(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = exchange()
    talk = house.open("en")

    class Broken:
        def speech(self, clip: AudioClip) -> Any:
            raise RuntimeError("the detector broke")

    monkeypatch.setattr(house.app.state.live, "access", measured_by(house, Broken()))
    with calling(house.url, talk) as caller:
        for pitch in (300, 400):
            caller.say(hum(pitch, 0.5))
            assert caller.event("heard")["text"] == f"note {pitch}"
            caller.event("done")
    assert [turn["audio"]["seconds"] > 0.4 for turn in turns(house, talk)] == [True, True]


def measured_by(house: House, detector: Any) -> Any:
    """The access layer with an intake that finds speech by `detector`."""
    return replace(house.access, intake=replace(house.access.intake, detector=detector))


def test_a_late_answer_is_announced(exchange: Exchange) -> None:
    house = exchange(late=0.2)
    gate = house.pipeline.gates["0"] = threading.Event()
    with calling(house.url, house.open("en")) as caller:
        caller.say(hum(300, 0.5))
        assert caller.message("refused")["code"] == "late"
        gate.set()
        assert caller.event("part")["text"] == "Part 0: note 300. "
        caller.event("done")
    assert 'lingxi_stage_seconds_count{stage="late"} 1.0' in house.access.metrics.text().decode()


def test_a_database_that_stumbles_loses_no_turn(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = exchange()
    receive, stumbles = house.access.speaking.submit, [True]

    def submit(*given: Any) -> Any:
        if stumbles:
            stumbles.pop()
            raise RuntimeError("the database is away")
        return receive(*given)

    monkeypatch.setattr(house.access.speaking, "submit", submit)
    with calling(house.url, house.open("en")) as caller:
        caller.say(hum(300, 0.5))
        assert caller.event("heard")["text"] == "note 300"


@pytest.mark.slow
def test_a_turn_waits_for_a_database_that_is_away_for_ten_seconds(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = exchange()
    talk, database = house.open("en"), house.storage.database
    with calling(house.url, talk) as caller:
        back = time.monotonic() + 10.0

        def unless_away(opened: Callable[[], Any]) -> Callable[[], Any]:
            def transaction() -> Any:
                if time.monotonic() < back:
                    raise OSError("the database is away")
                return opened()

            return transaction

        for kind in ("reading", "writing"):
            monkeypatch.setattr(database, kind, unless_away(getattr(database, kind)))
        caller.say(hum(300, 0.5))
        assert caller.event("heard")["text"] == "note 300"
        assert time.monotonic() >= back
        caller.event("done")
    assert answered(house, talk)


def test_a_database_that_is_away_in_mid_reply_loses_nothing_and_says_nothing_twice(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = exchange()
    gate = house.pipeline.gates["1"] = threading.Event()
    talk = house.open("en")
    away, came_back = threading.Event(), threading.Event()
    database = house.storage.database

    def unless_away(opened: Callable[[], Any]) -> Callable[[], Any]:
        def transaction() -> Any:
            if away.is_set():
                came_back.set()
                raise OSError("the database is away")
            return opened()

        return transaction

    for kind in ("reading", "writing"):
        monkeypatch.setattr(database, kind, unless_away(getattr(database, kind)))
    with calling(house.url, talk) as caller:
        caller.say(hum(300, 0.5))
        caller.event("part")
        away.set()
        gate.set()
        assert came_back.wait(60)
        threading.Timer(1.0, away.clear).start()
        caller.event("done")
    assert [m["part"] for m in caller.got if m["type"] == "speech"].count(0) == 1
    assert [m["data"]["number"] for m in caller.got if m.get("event") == "part"] == [0, 1]
    assert answered(house, talk)


def test_a_recognizer_that_hangs_is_not_waited_for(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call, "_STUCK_SECONDS", 0.5)
    house = exchange()
    gate = house.pipeline.gates["hear"] = threading.Event()
    with calling(house.url, house.open("en")) as caller:
        caller.say(hum(300, 0.5))
        caller.event("turn")
        gate.set()
        assert caller.event("heard")["text"] == "note 300"


def test_a_microphone_that_falls_silent_ends_the_turn(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "_STALL_SECONDS", 0.5)
    house = exchange()
    talk = house.open("en")
    with calling(house.url, talk) as caller:
        caller.say(hum(300, 0.5))
        wait_for(lambda: answered(house, talk), 60)


def test_a_rate_that_is_not_offered_is_refused(exchange: Exchange) -> None:
    house = exchange()
    talk = house.open("en")
    with calling(house.url, None) as caller:
        start = {"conversation_id": talk["id"], "token": talk["token"], "rate": 11_025}
        caller.send(type="start", version=1, **start)
        assert caller.closed() == 1008


def test_frames_out_of_order_and_late_are_heard_once(exchange: Exchange) -> None:
    house = exchange()
    talk = house.open("en")
    with calling(house.url, talk) as caller:
        pcm = (hum(300, 0.02) * 32767).astype("<i2").tobytes()
        for number in (*range(20), 24, 21, 22, 23, *range(25, 30)):
            caller.frame(pcm, number)
        caller.number = 30
        assert caller.event("heard")["text"] == "note 300"
        caller.event("done")
    assert turns(house, talk)[0]["audio"]["seconds"] < 1.3


def test_a_call_goes_on_where_it_broke_after_a_restart_of_the_server(exchange: Exchange) -> None:
    house = exchange()
    talk = house.open("en")
    with calling(house.url, talk) as caller:
        caller.say(hum(300, 0.5))
        turn = caller.event("done")["turn_id"]
        seen = max(m["id"] for m in caller.got if m["type"] == "event")
    restarted = exchange()
    played = {"turn_id": turn, "part": 0, "ms": 200}
    with calling(restarted.url, talk, after=seen, rejoins=True, played=played) as caller:
        caller.until(lambda m: m["type"] == "speech" and m["part"] == 1)
        sound = sum(m["samples"] for m in caller.got if m["type"] == "sound")
        assert sound == pytest.approx(0.3 * 24_000, rel=0.2)
        caller.say(hum(400, 0.5))
        assert caller.event("part")["text"] == "Part 0: note 400. "


def test_one_callers_stuck_engine_does_not_hold_up_another(exchange: Exchange) -> None:
    house = exchange()
    with calling(house.url, house.open("en")) as stuck:
        gate = house.pipeline.gates["0"] = threading.Event()
        stuck.say(hum(300, 0.5))
        stuck.event("heard")
        del house.pipeline.gates["0"]
        with calling(house.url, house.open("en")) as other:
            other.say(hum(400, 0.5))
            assert other.event("part")["text"] == "Part 0: note 400. "
        gate.set()
        stuck.event("done")


def test_another_rate_is_understood(exchange: Exchange) -> None:
    house = exchange()
    with calling(house.url, house.open("en"), rate=48_000) as caller:
        caller.say(hum(300, 0.5, 48_000))
        assert caller.event("heard")["text"] == "note 300"


def test_silence_and_clipping_break_nothing(exchange: Exchange) -> None:
    house = exchange()
    with calling(house.url, house.open("en")) as caller:
        caller.say(silence(1.0))
        caller.say(np.clip(hum(300, 0.5) * 50, -1, 1))
        assert caller.event("heard")["text"] == "note 300"


@pytest.mark.parametrize("polite", [True, False])
def test_a_call_that_ended_makes_room_for_the_next(exchange: Exchange, polite: bool) -> None:
    house = exchange(calls=1)
    for _ in range(3):
        with calling(house.url, house.open("en")) as caller:
            if polite:
                caller.send(type="end")
                assert caller.closed() == 1000
        wait_for(lambda: house.app.state.live.calls == 0)
