"""What operators find, and how quickly."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects import sqlite as lite

from app.store.archive import Archive, Filters, page
from app.store.artefacts import Artefacts
from app.store.conversations import Conversations
from app.store.handover import Handover
from app.store.records import Attachment, IncomingTurn, UnknownConversationError
from app.store.staff import Staff
from app.store.tables import ConversationRow, LineRow, TurnRow

RECORD = {
    "text": "我的苹果烂了",
    "intents": [["damaged_item", 0.9], ["complaint", 0.1]],
    "slots": [{"name": "order_id", "value": "FD2024053"}],
    "emotion": [["angry", 0.8]],
    "mood": "angry",
    "reply": [{"number": 0, "text": "非常抱歉", "audio": None, "card": None}],
    "trace": [{"stage": "nlu", "start_ms": 0.0, "ms": 12.0}],
    "first_audio_ms": 640.0,
}
KEYS = {
    *("id", "number", "received_at", "text", "audio", "pictures", "modalities", "quality"),
    *("transcript", "heard", "intents", "slots", "sentiment", "emotion", "urgency"),
    *("unfelt", "evidence", "modality_weights", "cross_modal", "sightings", "decision", "actions"),
    *("forms", "form_reason", "tone", "experiments"),
    "sources",
    *("reply", "trace", "first_audio_ms", "status"),
}


@pytest.fixture
def archive(database) -> Archive:
    return Archive(database)


def talk(database, clock, language="zh", channel="page", text="在吗", **more) -> str:
    conversations = Conversations(database, clock)
    conversation, _ = conversations.start(language, channel)
    given = {"modalities": ("text",), "quality": {"text": 1.0}, **more}
    conversations.receive(IncomingTurn(conversation, "t", language, text, **given))
    clock.move(seconds=1)
    return conversation


def ids(found) -> list[str]:
    return [c["id"] for c in found["conversations"]]


def test_the_newest_comes_first_and_pages_meet_without_overlap(database, archive, clock):
    made = [talk(database, clock) for _ in range(5)]
    seen, cursor = [], ""
    while True:
        found = archive.conversations(before=cursor, limit=2)
        seen += ids(found)
        cursor = found["next"]
        if not cursor:
            break
    assert seen == made[::-1]


def test_pages_meet_also_where_times_are_equal(database, archive, clock):
    still = lambda: clock.now  # noqa: E731
    made = set()
    for number in range(5):
        conversation, _ = Conversations(database, still).start("zh", "page")
        said = IncomingTurn(conversation, f"t{number}", "zh", "在吗", ("text",), {"text": 1.0})
        Conversations(database, still).receive(said)
        made.add(conversation)
    first = archive.conversations(limit=3)
    second = archive.conversations(before=first["next"], limit=3)
    assert {*ids(first), *ids(second)} == made


def test_a_page_that_was_only_opened_is_not_in_the_list(database, archive, clock):
    conversations, handover = Conversations(database, clock), Handover(database, clock)
    opened, _ = conversations.start("zh", "page")
    written = talk(database, clock)
    assert ids(archive.conversations()) == [written]
    handover.ask(opened)
    assert set(ids(archive.conversations())) == {opened, written}


def test_filters_narrow_the_list(database, archive, clock):
    voice = talk(database, clock, "en", "widget", None, modalities=("voice",))
    typed = talk(database, clock)
    Conversations(database, clock).finish(typed, "t", RECORD, {"owner": "queue"}, 0)
    finds = {
        voice: [{"language": "en"}, {"channel": "widget"}, {"modality": "voice"}],
        typed: [{"owner": "queue"}, {"intent": "damaged_item"}, {"modality": "text"},
                {"q": "苹果"}, {"q": "fd2024053"}, {"q": "抱歉"}],
    }  # fmt: skip
    for wanted, filters in finds.items():
        for given in filters:
            assert ids(archive.conversations(Filters(**given))) == [wanted], given
    assert ids(archive.conversations(Filters(language="en", owner="queue"))) == []


def test_wildcards_in_a_search_are_plain_characters(database, archive, clock):
    found = talk(database, clock, text="打 50% 折")
    talk(database, clock, text="打 50 折")
    assert ids(archive.conversations(Filters(q="50%"))) == [found]


def test_an_operators_words_are_found(database, archive, clock):
    conversation = talk(database, clock)
    Staff(database, clock).add("Ann", "battery staple")
    handover = Handover(database, clock)
    handover.take(conversation, "Ann")
    handover.say(conversation, "Ann", "I will ring you")
    (found,) = archive.conversations(Filters(q="ring"))["conversations"]
    assert (found["owner"], found["operator"]) == ("operator", "Ann")
    assert archive.conversation(conversation)["messages"][0]["text"] == "I will ring you"


@pytest.mark.parametrize("filters", [Filters(modality="smell")])
def test_an_unknown_modality_is_refused(archive, filters):
    with pytest.raises(ValueError, match="choose one of"):
        archive.conversations(filters)


def test_a_cursor_that_is_none_is_refused(archive):
    with pytest.raises(ValueError, match="isoformat"):
        archive.conversations(before="yesterday")


def test_one_conversation_tells_all_of_every_turn(database, archive, clock):
    sent = (Attachment("audio", "audio/wav", b"a", 2.0), Attachment("picture", "image/png", b"p"))
    conversation = talk(database, clock, text=None, attachments=sent)
    speech = Attachment("speech", "audio/ogg", b"s", 1.0)
    Artefacts(database, clock).keep_speech(conversation, "t", 0, speech)
    (open_turn,) = archive.conversation(conversation)["turns"]
    assert (set(open_turn), open_turn["status"]) == (KEYS, "received")
    Conversations(database, clock).finish(conversation, "t", RECORD)
    whole = archive.conversation(conversation)
    (turn,) = whole["turns"]
    assert set(turn) == KEYS
    assert (turn["text"], turn["status"], turn["first_audio_ms"]) == ("我的苹果烂了", "done", 640.0)
    assert (turn["audio"]["seconds"], len(turn["pictures"])) == (2.0, 1)
    assert (whole["conversation"]["mood"], whole["conversation"]["flagged"]) == ("angry", True)
    assert whole["conversation"]["last_intent"] == "damaged_item"


def test_neither_a_yes_nor_small_talk_hides_what_a_conversation_is_about(database, archive, clock):
    conversations = Conversations(database, clock)
    conversation, _ = conversations.start("zh", "page")
    for turn, intent in enumerate(("greet", "damaged_item", "affirm", "out_of_scope")):
        conversations.receive(
            IncomingTurn(conversation, str(turn), "zh", "好", modalities=("text",), quality={})
        )
        conversations.finish(conversation, str(turn), {**RECORD, "intents": [[intent, 0.9]]})
    whole = archive.conversation(conversation)
    assert whole["conversation"]["last_intent"] == "damaged_item"


def test_what_is_not_there_is_said_so(archive):
    with pytest.raises(UnknownConversationError):
        archive.conversation("nowhere")


def fill(database, clock, count: int, start: int = 0) -> None:
    at = [clock() + timedelta(seconds=n) for n in range(start, start + count)]
    talks = [
        {"id": f"c{n:08d}", "channel": "page", "language": "zh",
         "started_at": t, "updated_at": t, "event_count": n % 3}
        for n, t in enumerate(at, start)
    ]  # fmt: skip
    turns = [
        {"conversation_id": f"c{n:08d}", "client_id": "t", "number": 1, "received_at": t,
         "locale": "zh", "text": "x", "modalities": [], "quality": {}, "event": 1,
         "status": "done", "intent": f"i{n % 40}", "record": {"reply": "很长" * 100}}
        for n, t in enumerate(at, start)
    ]  # fmt: skip
    lines = [
        {"conversation_id": f"c{n:08d}", "text": f"订单 {n}"} for n in range(start, start + count)
    ]
    with database.writing() as session:
        for row, values in ((ConversationRow, talks), (TurnRow, turns), (LineRow, lines)):
            session.execute(insert(row), values)


def quickest(job, tries=5) -> float:
    def once() -> float:
        began = time.perf_counter()
        job()
        return time.perf_counter() - began

    return min(once() for _ in range(tries))


def test_the_list_stays_quick_as_it_grows(database, archive, clock):
    fill(database, clock, 1_000)
    few = quickest(archive.conversations)
    fill(database, clock, 19_000, start=1_000)
    with database.writing() as session:
        session.connection().exec_driver_sql("ANALYZE")
    assert quickest(archive.conversations) < 5 * few
    deep = archive.conversations(limit=200)["next"]
    assert quickest(lambda: archive.conversations(before=deep)) < 5 * few


def test_the_list_walks_an_index_and_sorts_nothing(database, clock):
    fill(database, clock, 3_000)
    sqlite = database.engine.dialect.name == "sqlite"
    dialect, explain = (lite, "EXPLAIN QUERY PLAN") if sqlite else (pg, "EXPLAIN")
    query = page(Filters(owner="", language="zh")).limit(51).compile(
        dialect=dialect.dialect(), compile_kwargs={"literal_binds": True}
    )  # fmt: skip
    with database.writing() as session:
        run = session.connection().exec_driver_sql
        run("ANALYZE")
        plan = str(run(f"{explain} {query}").all())
    assert "ix_conversations_recent" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
