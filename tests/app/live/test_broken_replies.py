"""Replies that hang, break or lose their listener: the caller is told, and the call goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from dialogue.types import ReplyPart
from tests.app.api.harness import wait_for
from tests.app.live.fakes import calling, hum
from tests.app.live.test_faults import Exchange, answered, turns


def test_who_interrupts_a_reply_that_hangs_is_told_that_it_takes_longer(exchange: Exchange) -> None:
    house = exchange(late=0.2)
    gate = house.pipeline.gates["1"] = threading.Event()
    house.pipeline.part_seconds = 2.0
    with calling(house.url, house.open("en")) as caller:
        caller.say(hum(300, 0.5))
        caller.message("sound")
        caller.say(hum(400, 1.5))
        caller.message("stop")
        stopped = time.monotonic()
        assert caller.message("refused")["code"] == "late"
        assert time.monotonic() - stopped < 8.0  # a reply that was stopped is waited for for ten
        gate.set()
        caller.until(lambda m: m.get("event") == "part" and "400" in m["data"]["text"])


def test_a_voice_that_breaks_in_mid_reply_is_told_and_the_call_goes_on(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = exchange()
    talk, respond, breaks = house.open("en"), house.pipeline.respond, [True]

    def broken(*given: Any, **more: Any) -> Iterator[object]:
        for item in respond(*given, **more):
            yield item
            if isinstance(item, ReplyPart) and breaks and breaks.pop():
                raise RuntimeError("the voice broke")

    monkeypatch.setattr(house.pipeline, "respond", broken)
    with calling(house.url, talk) as caller:
        caller.say(hum(300, 0.5))
        assert caller.event("error")["code"] == "internal"
        caller.event("done")
        caller.say(hum(400, 0.5))
        caller.until(lambda m: m.get("event") == "part" and "400" in m["data"]["text"])
        caller.event("done")
    assert [turn["status"] for turn in turns(house, talk)] == ["failed", "done"]


def test_a_caller_who_vanishes_in_mid_reply_leaves_an_answered_turn_and_a_free_place(
    exchange: Exchange,
) -> None:
    house = exchange()
    gate = house.pipeline.gates["1"] = threading.Event()
    talk = house.open("en")
    with calling(house.url, talk) as caller:
        caller.say(hum(300, 0.5))
        caller.message("sound")
    gate.set()
    wait_for(lambda: answered(house, talk) and not house.app.state.live.calls, 60)
    said = [part["text"] for part in turns(house, talk)[0]["reply"]]
    assert said == ["Part 0: note 300. ", "Part 1: note 300. "]
