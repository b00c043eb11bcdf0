"""Operators sign in, few times wrongly, and leave traces."""

from __future__ import annotations

import threading

import pytest
from argon2 import PasswordHasher

from app.store.staff import SESSION, Staff, TooManyAttemptsError

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def staff(database, clock) -> Staff:
    made = Staff(database, clock, QUICK)
    made.add("小李", "correct horse")
    return made


def test_the_right_password_opens_a_session(staff):
    signed_in = staff.sign_in("小李", "correct horse")
    found = staff.session(signed_in.token)
    assert (found.operator, found.csrf) == ("小李", signed_in.csrf)


@pytest.mark.parametrize(("name", "password"), [("小李", "wrong"), ("nobody", "correct horse")])
def test_a_wrong_name_is_answered_like_a_wrong_password(staff, name, password):
    assert staff.sign_in(name, password) is None


def test_neither_password_nor_token_is_stored(staff, database):
    token = staff.sign_in("小李", "correct horse").token
    with database.reading() as session:
        run = session.connection().exec_driver_sql
        kept = str(
            run("SELECT * FROM operators").all() + run("SELECT * FROM operator_sessions").all()
        )
    assert "$argon2id$" in kept
    assert token not in kept
    assert "correct horse" not in kept


def test_a_session_ends_by_time_by_signing_out_and_with_a_new_password(staff, clock):
    tokens = [staff.sign_in("小李", "correct horse").token for _ in range(2)]
    staff.sign_out(tokens[0])
    assert [staff.session(t) is None for t in tokens] == [True, False]
    staff.add("小李", "battery staple")
    assert staff.session(tokens[1]) is None
    late = staff.sign_in("小李", "battery staple").token
    clock.move(seconds=SESSION.total_seconds())
    assert staff.session(late) is None


def test_five_failures_stop_that_name_from_that_address_for_five_minutes(staff, clock):
    for _ in range(5):
        assert staff.sign_in("小李", "wrong", "10.0.0.1") is None
    with pytest.raises(TooManyAttemptsError) as wait:
        staff.sign_in("小李", "correct horse", "10.0.0.1")
    assert wait.value.seconds == 300
    assert staff.sign_in("小李", "correct horse", "10.0.0.2")
    with pytest.raises(TooManyAttemptsError):
        staff.sign_in("小李", "correct horse", "10.0.0.1")
    clock.move(minutes=5)
    assert staff.sign_in("小李", "correct horse", "10.0.0.1")


def test_guesses_made_at_the_same_time_are_all_counted(staff):
    refused = []

    def guess():
        try:
            staff.sign_in("小李", "wrong", "a")
        except TooManyAttemptsError:
            refused.append(1)

    threads = [threading.Thread(target=guess) for _ in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(refused) == 3


def test_a_success_forgets_the_failures_before_it(staff):
    for _ in range(3):
        [staff.sign_in("小李", "wrong") for _ in range(4)]
        assert staff.sign_in("小李", "correct horse")


def test_what_operators_do_is_written_down(staff):
    staff.sign_in("小李", "correct horse")
    staff.audit("小李", "export", "c1", {"rows": 3})
    entries = [(e["action"], e["conversation_id"], e["details"]) for e in staff.audited()]
    assert entries == [("export", "c1", {"rows": 3}), ("sign_in", "", {})]


def test_a_short_password_is_refused(staff):
    with pytest.raises(ValueError, match="8 characters"):
        staff.add("Ann", "short")
    assert staff.names() == ("小李",)
