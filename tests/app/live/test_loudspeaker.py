"""What of a reply was heard, by the client's own word."""

from __future__ import annotations

from app.live.loudspeaker import Loudspeaker, Part


def speaker(*parts: Part) -> Loudspeaker:
    made = Loudspeaker(clock=lambda: 100.0)
    for part in parts:
        made.sent(part)
    return made


def test_only_what_was_played_was_said() -> None:
    made = speaker(Part("t", 0, "Hello there. ", 1000), Part("t", 2, "I will look it up", 2000))
    made.played("t", 2, 1000)
    assert made.playing
    assert made.silence() == {"t": {0: "Hello there. ", 2: "I will"}}
    assert not made.playing


def test_chinese_is_cut_between_characters() -> None:
    made = speaker(Part("t", 0, "好的，马上查。", 1400))
    made.played("t", 0, 800)
    assert made.silence() == {"t": {0: "好的，马"}}


def test_a_reply_played_to_its_end_was_not_broken_off() -> None:
    made = speaker(Part("t", 0, "Hello.", 1000))
    made.played("t", 0, 1000)
    assert not made.playing
    assert made.silence() == {}


def test_acknowledgements_never_go_back_nor_beyond_the_end() -> None:
    made = speaker(Part("t", 0, "Hello.", 1000))
    made.played("t", 0, 700)
    made.played("t", 0, 300)
    assert made.left_ms == 300
    made.played("t", 0, 99_000)
    assert made.left_ms == 0


def test_a_client_that_never_acknowledges_does_not_speak_for_ever() -> None:
    now = 100.0
    made = Loudspeaker(clock=lambda: now)
    made.sent(Part("t", 0, "Hello.", 1000))
    assert made.playing
    now = 103.0
    assert not made.playing
