"""Calls on a real socket: turns taken, interruptions, what is kept of a reply."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.app.api.harness import House
from tests.app.live.fakes import Caller, calling, hum, silence

Exchange = Callable[..., House]


def sounded(caller: Caller, turn_id: str, part: int, ms: int) -> None:
    """Acknowledges playback."""
    caller.send(type="played", turn_id=turn_id, part=part, ms=ms)


def test_a_spoken_turn_is_heard_answered_and_sounds(exchange: Exchange) -> None:
    house = exchange()
    with calling(house.url, house.open("en")) as caller:
        caller.say(hum(300, 0.6))
        assert caller.event("heard")["text"] == "note 300"
        assert caller.event("part")["text"] == "Part 0: note 300. "
        speech = caller.message("speech")
        assert (speech["part"], speech["ms"]) == (0, 500)
        caller.event("done")
    sound = sum(m["samples"] for m in caller.got if m["type"] == "sound")
    assert sound == 2 * 12_000


def test_what_the_caller_has_goes_with_every_turn(exchange: Exchange) -> None:
    house = exchange()
    with calling(house.url, house.open("en"), device=["screen_reader", "narrow"]) as caller:
        caller.say(hum(300, 0.6))
        caller.event("done")
    assert house.pipeline.devices
    assert set(house.pipeline.devices) == {("screen_reader", "narrow")}


def test_a_pause_does_not_end_a_turn_and_the_early_work_is_thrown_away(exchange: Exchange) -> None:
    house = exchange()
    talk = house.open("en")
    with calling(house.url, talk) as caller:
        caller.say(hum(300, 0.5))
        caller.say(silence(0.3))
        caller.say(hum(300, 0.5))
        caller.event("done")
        assert len([m for m in caller.got if m.get("event") == "turn"]) == 1
    (turn,) = house.storage.archive.conversation(talk["id"])["turns"]
    assert turn["audio"]["seconds"] > 1.2
    assert len(house.pipeline.heard) >= 2
    assert "wasted" in [span["stage"] for span in turn["trace"]]


def test_the_reply_is_prepared_while_the_end_is_waited_for(exchange: Exchange) -> None:
    house = exchange(usual=1.5)
    with calling(house.url, house.open("en")) as caller:
        caller.say(hum(300, 0.5))
        caller.event("done")
    assert house.pipeline.foreseen == ["note 300"]
    assert not house.pipeline.wanted()  # the reply makes its own clauses now


def test_words_are_shown_while_the_caller_still_speaks(exchange: Exchange) -> None:
    house = exchange()
    with calling(house.url, house.open("en")) as caller:
        gate = house.pipeline.gates["hear"] = threading.Event()
        caller.say(hum(300, 0.5))
        caller.say(silence(0.3))
        caller.say(hum(400, 0.8))
        gate.set()
        assert caller.message("caption")["text"] == "note 300"
        assert not [m for m in caller.got if m.get("event") == "turn"]
        caller.event("done")
    shown = [m["text"] for m in caller.got if m["type"] == "caption"]
    assert shown[0] == "note 300"
    assert len(shown) > 1


def test_ten_callers_each_get_their_own_words_back(exchange: Exchange) -> None:
    house = exchange(calls=10)

    def call(pitch: int) -> str:
        with calling(house.url, house.open("en")) as caller:
            caller.say(hum(pitch, 0.5))
            words: str = caller.event("part")["text"]
            return words

    pitches = range(200, 700, 50)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(call, pitches))
    assert answers == [f"Part 0: note {pitch}. " for pitch in pitches]


def test_an_interrupted_reply_keeps_only_what_was_played(exchange: Exchange) -> None:
    house = exchange()
    house.pipeline.part_seconds = 2.0
    talk = house.open("en")
    with calling(house.url, talk) as caller:
        caller.say(hum(300, 0.5))
        first = caller.event("done")["turn_id"]
        sounded(caller, first, 0, 1000)
        caller.say(hum(400, 0.5))
        caller.message("hold")
        caller.message("stop")
        cut = caller.event("interrupted")
        assert cut == {"turn_id": first, "parts": [{"number": 0, "text": "Part 0:"}]}
        assert caller.event("part")["text"] == "Part 0: note 400. "
    before, _ = house.storage.archive.conversation(talk["id"])["turns"]
    assert [part["text"] for part in before["reply"]] == ["Part 0:"]


def test_a_back_channel_does_not_interrupt(exchange: Exchange) -> None:
    house = exchange()
    house.pipeline.part_seconds = 3.0
    house.pipeline.words[400] = "uh-huh"
    with calling(house.url, house.open("en")) as caller:
        caller.say(hum(300, 0.5))
        caller.event("done")
        caller.say(hum(400, 0.4))
        caller.message("hold")
        caller.message("resume")
    assert not [m for m in caller.got if m["type"] == "stop"]
    assert len([m for m in caller.got if m.get("event") == "turn"]) == 1


def test_the_same_words_after_the_reply_are_a_turn(exchange: Exchange) -> None:
    house = exchange()
    house.pipeline.words[400] = "uh-huh"
    with calling(house.url, house.open("en")) as caller:
        caller.say(hum(300, 0.5))
        first = caller.event("done")["turn_id"]
        sounded(caller, first, 0, 500)
        sounded(caller, first, 1, 500)
        caller.say(hum(400, 0.4))
        assert caller.event("heard")["text"] == "uh-huh"


def test_long_speech_over_a_reply_stops_it_before_it_ends(exchange: Exchange) -> None:
    house = exchange()
    house.pipeline.part_seconds = 3.0
    with calling(house.url, house.open("en")) as caller:
        caller.say(hum(300, 0.5))
        caller.event("done")
        caller.say(hum(400, 1.1))
        kinds = [caller.until(lambda m: m["type"] in ("hold", "stop"))["type"] for _ in range(2)]
        assert kinds == ["hold", "stop"]


def test_an_operator_who_takes_over_silences_the_call(exchange: Exchange) -> None:
    house = exchange()
    house.pipeline.part_seconds = 3.0
    talk = house.open("en")
    desk = house.sign_in()
    with calling(house.url, talk) as caller:
        gate = house.pipeline.gates["1"] = threading.Event()
        caller.say(hum(300, 0.5))
        caller.message("speech")
        taken = desk.post(f"/v1/admin/conversations/{talk['id']}/take")
        assert taken.status_code == 200
        caller.message("stop")
        gate.set()
        caller.event("done")
        caller.say(hum(400, 0.5))
        caller.event("turn")
        caller.event("done")
    spoken = [m["part"] for m in caller.got if m["type"] == "speech"]
    assert spoken == [0]


def test_a_tap_ends_the_reply(exchange: Exchange) -> None:
    house = exchange()
    house.pipeline.part_seconds = 3.0
    with calling(house.url, house.open("en")) as caller:
        caller.say(hum(300, 0.5))
        caller.event("done")
        caller.send(type="quiet")
        caller.message("stop")
        assert caller.event("interrupted")["parts"] == []
