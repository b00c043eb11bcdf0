"""One owner at a time, enforced by the store."""

from __future__ import annotations

import threading

import pytest
from argon2 import PasswordHasher

from app.store.conversations import Conversations
from app.store.handover import Handover
from app.store.records import IncomingTurn, NotTheOwnerError, StaleStateError
from app.store.staff import Staff


@pytest.fixture
def conversations(database, clock) -> Conversations:
    return Conversations(database, clock)


@pytest.fixture
def handover(database, clock) -> Handover:
    staff = Staff(database, clock, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    staff.add("小李", "correct horse")
    staff.add("Ann", "battery staple")
    return Handover(database, clock)


@pytest.fixture
def conversation(conversations) -> str:
    return conversations.start("zh", "page")[0]


def test_who_asks_first_is_served_first(conversations, handover, clock):
    ids = [conversations.start("zh", "page")[0] for _ in range(3)]
    places = []
    for each in ids:
        clock.move(seconds=1)
        places.append(handover.ask(each))
    handover.take(ids[0], "Ann")
    assert (places, handover.waiting()) == ([1, 2, 3], (ids[1], ids[2]))
    assert [handover.position(i) for i in ids] == [0, 1, 2]


def test_asking_twice_keeps_the_place(handover, conversation, conversations):
    assert (handover.ask(conversation), handover.ask(conversation)) == (1, 1)
    assert [e.kind for e in conversations.events(conversation)] == ["owner"]


def test_a_conversation_that_was_taken_is_not_taken_again(handover, conversation):
    handover.take(conversation, "小李")
    with pytest.raises(NotTheOwnerError) as conflict:
        handover.take(conversation, "Ann")
    assert conflict.value.owner == "小李"


def test_of_two_who_take_at_once_one_has_it(handover, conversation, conversations):
    refused = []

    def take(name):
        try:
            handover.take(conversation, name)
        except NotTheOwnerError:
            refused.append(name)

    threads = [threading.Thread(target=take, args=(n,)) for n in ("小李", "Ann")]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(refused) == 1
    assert {conversations.standing(conversation).operator, *refused} == {"小李", "Ann"}


def test_only_the_owner_speaks_and_releases(handover, conversation):
    handover.take(conversation, "小李")
    for call in (handover.say, lambda c, n, _: handover.release(c, n)):
        with pytest.raises(NotTheOwnerError):
            call(conversation, "Ann", "hello")


def test_an_operators_words_reach_the_log(handover, conversation, conversations):
    handover.take(conversation, "小李")
    number = handover.say(conversation, "小李", " 您好 ")
    event = conversations.events(conversation, after=number - 1)[0]
    assert (event.kind, event.body["name"], event.body["text"]) == ("message", "小李", "您好")


def test_taking_makes_a_reply_of_the_bot_under_way_stale(handover, conversation, conversations):
    conversations.receive(IncomingTurn(conversation, "t", "zh", "在吗", ("text",), {}))
    before = conversations.standing(conversation).version
    handover.take(conversation, "Ann")
    with pytest.raises(StaleStateError):
        conversations.finish(conversation, "t", {}, {"owner": "bot"}, before)
    assert conversations.standing(conversation).state["owner"] == "operator"


def test_released_the_bot_answers_again(handover, conversation, conversations):
    handover.take(conversation, "Ann")
    handover.release(conversation, "Ann")
    standing = conversations.standing(conversation)
    assert (standing.owner, standing.operator, standing.state["owner"]) == ("bot", "", "bot")


def test_nobody_unknown_takes_a_conversation(handover, conversation):
    with pytest.raises(LookupError, match="nobody"):
        handover.take(conversation, "nobody")
