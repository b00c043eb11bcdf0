"""What is erased is gone: from every table, from the database's files, from the phrase cache."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import make_url, select, text

from app.store.archive import Archive
from app.store.artefacts import Artefacts
from app.store.conversations import Conversations
from app.store.database import Database, open_database
from app.store.erasure import Erasure
from app.store.features import Features
from app.store.handover import Handover
from app.store.records import Attachment, IncomingTurn, UnknownConversationError
from app.store.shop import SqlActions
from app.store.shop_tables import TicketRow
from app.store.staff import Staff
from app.store.tables import ArtefactRow, Base
from dialogue.engines import Caller
from dialogue.types import AudioClip
from speech.tts.cache import PhraseCache, forget, settle

SECRET = "Quetzalcoatl"
"""What the customer said and nobody else would."""


class Hum:
    """Says everything alike."""

    language = "en"

    def speak(self, text, voice="", speed=1.0):
        yield AudioClip(np.full(100, 0.1, np.float32), 24_000)


@pytest.fixture
def phrases(tmp_path) -> Path:
    cache = PhraseCache(Hum(), tmp_path / "phrases", "v1")
    for sentence in (reply(SECRET), "How can I help?"):
        list(cache.speak(sentence))
    settle()
    return tmp_path / "phrases"


@pytest.fixture
def erasure(shop, phrases) -> Erasure:
    return Erasure(shop, partial(forget, phrases))


def reply(secret: str) -> str:
    return f"Dear {secret}, we will see."


def talk(database: Database, secret: str, order: str = "FD2024052") -> str:
    """A conversation with everything that a conversation can leave behind."""
    store, shop = Conversations(database), SqlActions(database)
    conversation, _ = store.start("en", "page")
    sent = (
        Attachment("audio", "audio/wav", f"sound {secret}".encode(), 1.0),
        Attachment("picture", "image/png", f"picture {secret}".encode()),
    )
    said = IncomingTurn(conversation, "t", "en", f"I am {secret}", ("text",), {"text": 1.0}, sent)
    store.receive(said)
    spoken = Attachment("speech", "audio/mpeg", f"speech {secret}".encode(), 1.0)
    Artefacts(database).keep_speech(conversation, "t", 0, spoken)
    store.append(conversation, "part", {"turn_id": "t", "text": reply(secret), "number": 0})
    for number, (action, given) in enumerate(
        [
            ("verify_order", {"order_id": order, "phone_tail": "1234"}),
            ("cancel_order", {"order_id": order, "reason": f"{secret} moved"}),
            ("file_complaint", {"reason": f"{secret} is cross"}),
        ]
    ):
        caller = Caller(conversation, f"{conversation}:t:{number}", (order,), "en")
        shop.run(action, given, caller)
    store.finish(
        conversation, "t", {"text": secret, "reply": [{"text": reply(secret)}]}, {"name": secret}
    )
    _compute_features(database, conversation)
    return conversation


def _compute_features(database: Database, conversation: str) -> None:
    mine = select(ArtefactRow.sha256).where(ArtefactRow.conversation_id == conversation)
    with database.reading() as session:
        keys = session.scalars(mine).all()
    for key in keys:
        Features(database).put(key, "picture", np.ones(4, np.float32))


def written(database: Database) -> str:
    """Every cell of every table, and for SQLite every byte of its files."""
    with database.reading() as session:
        rows = [
            str(row)
            for table in Base.metadata.sorted_tables
            for row in session.execute(text(f'SELECT * FROM "{table.name}"'))
        ]
    url = make_url(str(database.engine.url))
    files = Path(url.database or "").parent.glob(f"{Path(url.database or '').name}*")
    whole = [path.read_bytes().decode("latin-1") for path in files if url.host is None]
    return "".join((*rows, *whole))


def test_nothing_of_an_erased_conversation_remains(shop, erasure, phrases):
    kept = talk(shop, "Wilhelmina", "FD2024060")
    gone = talk(shop, SECRET)
    assert SECRET in written(shop)
    erasure.erase(gone, by="Ann")
    assert SECRET not in written(shop)
    assert len(list(phrases.glob("*.npz"))) == 1
    assert len(Archive(shop).conversation(kept)["turns"]) == 1
    assert "Wilhelmina" in written(shop)


def test_tokens_and_the_customers_id_go_too(shop, erasure):
    store = Conversations(shop)
    conversation, phone = store.start("en", "widget", SECRET)
    laptop = store.resume(SECRET)[1]
    assert erasure.of_customer(SECRET) == (conversation,)
    assert erasure.of_customer("") == ()
    erasure.erase(conversation, by="Ann")
    assert SECRET not in written(shop)
    assert not any(store.authorised(conversation, token) for token in (phone, laptop))
    assert store.resume(SECRET) is None


def test_an_order_leads_to_whoever_was_shown_it_as_their_own(shop, erasure):
    conversation, _ = Conversations(shop).start("en", "widget", "C001")
    for number, order in enumerate(("FD2024051", "FD2024052")):
        asked = Caller(conversation, f"{conversation}:{number}", (), "en", "C001")
        SqlActions(shop).run("track_order", {"order_id": order}, asked)
    assert erasure.of_order("FD2024051") == (conversation,)
    assert erasure.of_order("FD2024052") == ()


def test_a_survey_counts_what_will_go_and_takes_nothing(shop, erasure):
    conversation = talk(shop, SECRET)
    before = erasure.survey(conversation)
    assert (before.turns, before.sounds, before.pictures, before.speech) == (1, 1, 1, 1)
    assert (before.actions, before.features, before.shop_notes) == (3, 3, 2)
    assert before.bytes == sum(len(f"{kind} {SECRET}") for kind in ("sound", "picture", "speech"))
    assert SECRET in written(shop)
    assert erasure.erase(conversation, by="Ann") == before


def test_the_shops_books_stay_without_the_customers_words(shop, erasure):
    conversation = talk(shop, SECRET)
    erasure.erase(conversation, by="Ann")
    with shop.reading() as session:
        (ticket,) = session.scalars(select(TicketRow).where(TicketRow.kind == "complaint"))
    assert (ticket.reason, ticket.conversation_id) == ("", "")
    again = Caller("other", "other:t:0", ("FD2024052",), "en")
    assert SqlActions(shop).run("order_status", {"order_id": "FD2024052"}, again).code == (
        "cancelled"
    )


def test_the_audit_log_keeps_who_erased_and_how_much(shop, erasure):
    conversation = talk(shop, SECRET)
    erasure.erase(conversation, by="Ann")
    (entry,) = Staff(shop).audited()
    assert (entry["operator"], entry["action"]) == ("Ann", "erase")
    assert (entry["conversation_id"], entry["details"]["turns"]) == (conversation, 1)


def test_the_conversations_that_proved_to_own_an_order_are_found(shop, erasure):
    owner, other = talk(shop, SECRET), Conversations(shop).start("zh", "page")[0]
    caller = Caller(other, f"{other}:t:0", (), "zh")
    SqlActions(shop).run("verify_order", {"order_id": "FD2024052", "phone_tail": "0"}, caller)
    assert erasure.of_order("fd2024052") == (owner,)
    assert erasure.of_order("FD2024051") == ()


def test_what_is_gone_cannot_be_erased_again_nor_written_to(shop, erasure):
    conversation = talk(shop, SECRET)
    erasure.erase(conversation, by="Ann")
    for attempt in (
        lambda: erasure.survey(conversation),
        lambda: erasure.erase(conversation, by="Ann"),
        lambda: Conversations(shop).append(conversation, "done", {}),
        lambda: Handover(shop).ask(conversation),
    ):
        with pytest.raises(UnknownConversationError):
            attempt()


def test_deleted_rows_are_overwritten_from_the_first_connection_on(tmp_path):
    with (
        closing(open_database(f"sqlite:///{tmp_path / 'a.db'}")) as database,
        database.engine.connect() as connection,
    ):
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
