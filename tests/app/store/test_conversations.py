"""What a conversation keeps, whoever writes at the same time."""

from __future__ import annotations

import threading

import pytest

from app.store.artefacts import MAX_BYTES, Artefacts
from app.store.conversations import Conversations
from app.store.records import (
    Attachment,
    IncomingTurn,
    StaleStateError,
    UnknownConversationError,
)

VOICE = Attachment("audio", "audio/webm", b"sound", 1.5)
PHOTO = Attachment("picture", "image/jpeg", b"photo")


@pytest.fixture
def conversations(database, clock) -> Conversations:
    return Conversations(database, clock)


@pytest.fixture
def conversation(conversations) -> str:
    return conversations.start("zh", "page")[0]


def message(conversation: str, turn_id: str = "t1", text: str | None = "到哪了", **more):
    given = {"modalities": ("text",), "quality": {"text": 1.0}, **more}
    return IncomingTurn(conversation, turn_id, "zh", text, **given)


def test_only_its_token_opens_a_conversation(conversations):
    conversation, token = conversations.start("en", "widget")
    other = conversations.start("en", "widget")[1]
    assert conversations.authorised(conversation, token)
    assert not conversations.authorised(conversation, other)
    assert not conversations.authorised("nowhere", token)


def test_the_token_itself_is_not_stored(conversations, database):
    _, token = conversations.start("zh", "page")
    with database.reading() as session:
        row = session.connection().exec_driver_sql("SELECT * FROM conversations").one()
        kept = session.connection().exec_driver_sql("SELECT * FROM conversation_tokens").one()
    assert token not in str(row)
    assert token not in str(kept)


def test_a_customer_goes_on_with_the_newest_conversation_on_every_device(conversations, clock):
    conversations.start("zh", "page", "c7")
    clock.move(minutes=1)
    newest, phone = conversations.start("zh", "page", "c7")
    conversations.start("zh", "page", "c8")
    conversations.start("zh", "page")
    clock.move(days=6)
    conversation, laptop = conversations.resume("c7")
    assert conversation == newest
    assert laptop != phone
    assert all(conversations.authorised(newest, token) for token in (phone, laptop))
    assert conversations.standing(newest).customer == "c7"


@pytest.mark.parametrize("customer", ["", "c", "c9", "c%"])
def test_nobody_goes_on_with_a_conversation_of_somebody_else(conversations, customer):
    conversations.start("zh", "page", "c7")
    conversations.start("zh", "page")
    assert conversations.resume(customer) is None


def test_a_conversation_of_a_week_ago_is_over(conversations, clock):
    conversations.start("zh", "page", "c7")
    clock.move(days=7)
    assert conversations.resume("c7") is None


def test_a_message_is_kept_with_sound_pictures_and_its_event(conversations, conversation, database):
    turn = message(
        conversation, modalities=("text", "voice", "picture"), attachments=(VOICE, PHOTO)
    )
    stored = conversations.receive(turn)
    event = conversations.events(conversation)[0]
    assert (event.number, event.kind, event.body["turn_id"]) == (stored.event, "turn", "t1")
    assert event.body["audio"]["seconds"] == 1.5
    found = Artefacts(database).find(event.body["pictures"][0]["url"].rsplit("/", 1)[1])
    assert (found.content, found.conversation_id) == (b"photo", conversation)


def test_a_message_sent_twice_is_kept_once(conversations, conversation):
    first = conversations.receive(message(conversation))
    again = conversations.receive(message(conversation, text="something else"))
    assert (first.again, again.again, again.text) == (False, True, "到哪了")
    assert len(conversations.events(conversation)) == 1


def test_a_message_sent_twice_at_once_is_kept_once(conversations, conversation):
    stored = []
    send = lambda: stored.append(conversations.receive(message(conversation)))  # noqa: E731
    threads = [threading.Thread(target=send) for _ in range(6)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(s.again for s in stored) == [False] + [True] * 5
    assert len(conversations.events(conversation)) == 1


def test_two_conversations_may_use_the_same_turn_id(conversations, conversation):
    other, _ = conversations.start("zh", "page")
    conversations.receive(message(conversation))
    assert not conversations.receive(message(other)).again


def test_too_large_a_sound_keeps_nothing_of_the_turn(conversations, conversation):
    huge = Attachment("audio", "audio/wav", bytes(MAX_BYTES + 1))
    with pytest.raises(ValueError, match="bytes"):
        conversations.receive(message(conversation, attachments=(huge,)))
    assert conversations.unanswered() == conversations.events(conversation) == ()


def test_text_no_database_keeps_is_mended(conversations, conversation):
    stored = conversations.receive(message(conversation, text="a\x00b\ud800"))
    assert stored.text == "ab?"


def test_a_turn_that_was_not_finished_is_found_after_a_crash(conversations, conversation):
    conversations.receive(message(conversation, "t1", attachments=(VOICE,)))
    conversations.receive(message(conversation, "t2"))
    conversations.finish(conversation, "t2", {})
    (left,) = conversations.unanswered()
    assert (left.turn_id, left.artefacts[0].kind) == ("t1", "audio")


def test_finishing_keeps_the_state_and_grows_its_version(conversations, conversation):
    conversations.receive(message(conversation))
    version = conversations.finish(conversation, "t1", {}, {"language": "en", "owner": "bot"}, 0)
    standing = conversations.standing(conversation)
    assert (version, standing.version, standing.state["version"]) == (1, 1, 1)
    assert standing.language == "en"


def test_a_stale_state_is_refused_and_the_turn_stays_open(conversations, conversation):
    conversations.receive(message(conversation))
    conversations.save_state(conversation, {"flow": "newer"}, 0)
    with pytest.raises(StaleStateError):
        conversations.finish(conversation, "t1", {}, {"flow": "older"}, 0)
    assert conversations.standing(conversation).state["flow"] == "newer"
    assert [t.turn_id for t in conversations.unanswered()] == ["t1"]


def test_a_turn_is_finished_once(conversations, conversation):
    conversations.receive(message(conversation))
    conversations.finish(conversation, "t1", {}, {"flow": "first"}, 0)
    assert conversations.finish(conversation, "t1", {}, {"flow": "second"}, 1) == 1
    assert conversations.standing(conversation).state["flow"] == "first"


def test_a_state_that_waits_for_a_person_queues_the_conversation(conversations, conversation):
    conversations.receive(message(conversation))
    conversations.finish(conversation, "t1", {}, {"owner": "queue"}, 0)
    assert (
        conversations.standing(conversation).owner,
        conversations.standing(conversation).position,
    ) == ("queue", 1)
    assert conversations.events(conversation, after=1)[0].body == {"owner": "queue", "position": 1}


def test_events_are_numbered_without_gaps_however_many_write(conversations, conversation):
    def write():
        for _ in range(5):
            conversations.append(conversation, "part", {"text": "好"})

    threads = [threading.Thread(target=write) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert [e.number for e in conversations.events(conversation)] == list(range(1, 21))
    assert [e.number for e in conversations.events(conversation, after=18)] == [19, 20]


def test_a_part_spoken_twice_is_kept_once(conversations, conversation, database):
    conversations.receive(message(conversation))
    speech = Attachment("speech", "audio/ogg", b"said", 0.8)
    ids = {Artefacts(database).keep_speech(conversation, "t1", 0, speech).id for _ in range(2)}
    assert len(ids) == 1


def test_what_is_not_there_is_said_so(conversations, database):
    for call in (
        lambda: conversations.standing("x"),
        lambda: conversations.receive(message("x")),
        lambda: conversations.append("x", "part", {}),
        lambda: conversations.finish("x", "t", {}),
    ):
        with pytest.raises(UnknownConversationError):
            call()
    assert Artefacts(database).find("x") is None


@pytest.mark.parametrize("score", [0, 6])
def test_a_rating_is_one_to_five(conversations, conversation, score):
    with pytest.raises(ValueError, match="1 to 5"):
        conversations.rate(conversation, score)
