"""The pipeline: what is heard has no effects, what is answered is stored once."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.answering import Turned, answer
from app.conversation import Conversation
from app.house import House
from app.intake import Envelope
from app.perceived import Perceived
from app.standing import standing_state
from app.trace import Trace
from dialogue.engines import Passage
from dialogue.forms import Arm, Experiment, Rule
from dialogue.response.planner import Planner
from dialogue.types import ActionResult, AudioClip, Form, Language, ReplyPart, ReplyPlan, Turn
from speech.asr.replay import ReplayRecognizer
from speech.audio import encode_wav
from speech.tts.cache import PhraseCache
from tests.fakes import cheap_house, orders


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = cheap_house(tmp_path_factory.mktemp("house"))
    yield opened
    opened.database.close()


def hearing(house: House, *texts: str) -> House:
    """`house` with a recognizer that hears `texts`, best first."""
    engines = replace(house.engines, recognizer=ReplayRecognizer(otherwise=texts))
    conversation = Conversation(engines, house.store)
    return replace(house, engines=engines, conversation=conversation)


def voice_note(seconds: float = 1.0, level: float = 0.3) -> bytes:
    t = np.arange(int(16_000 * seconds)) / 16_000
    hum = level * np.sin(2 * np.pi * 220 * t) * (np.sin(2 * np.pi * 3 * t) > 0)
    quiet = np.zeros(4_000)
    return encode_wav(AudioClip(np.concatenate([quiet, hum, quiet]).astype(np.float32), 16_000))


def say(turned: Turned) -> str:
    return "".join(part.text for part in turned.parts)


def test_a_typed_turn_is_answered_in_text_and_stored_with_its_trace(house: House) -> None:
    turned = answer(house, "zh", "运费怎么算")
    assert turned.record["status"] == "done"
    assert say(turned)
    assert all(part.audio is None for part in turned.parts)
    assert {"nlu", "policy", "wording"} <= {span["stage"] for span in turned.record["trace"]}


def test_a_spoken_turn_is_answered_with_speech_clause_by_clause(house: House) -> None:
    turned = answer(hearing(house, "运费怎么算"), "zh", files=(("audio", voice_note()),))
    spoken = [part for part in turned.parts if part.text]
    assert all(part.audio is not None for part in spoken)
    assert [part.number for part in turned.parts] == list(range(len(turned.parts)))
    assert [part.last for part in turned.parts] == [False] * (len(turned.parts) - 1) + [True]
    assert turned.record["transcript"]["hypotheses"][0]["text"] == "运费怎么算"


def test_the_first_clause_is_sent_before_the_last_is_made(house: House) -> None:
    made: list[str] = []

    class CountingVoice:
        language: Language = "zh"

        def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
            made.append(text)
            yield AudioClip(np.zeros(100, np.float32), 16_000)

    engines = replace(house.engines, voices={"zh": CountingVoice(), "en": CountingVoice()})
    conversation = Conversation(engines, house.store)
    turn = received(house, "运费怎么算", wants_speech=True)
    parts = (i for i in respond(conversation, turn) if isinstance(i, ReplyPart))
    next(parts)
    assert len(made) == 1
    rest = list(parts)
    assert len(made) == 1 + sum(part.audio is not None for part in rest) > 1


def test_the_clause_with_a_value_is_begun_while_the_one_before_is_on_its_way(
    house: House, tmp_path: Path
) -> None:
    begun: dict[str, threading.Event] = defaultdict(threading.Event)
    made: list[str] = []

    class NotingVoice:
        language: Language = "zh"

        def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
            begun[text].set()
            made.append(text)
            yield AudioClip(np.zeros(100, np.float32), 16_000)

    voice: Any = PhraseCache(NotingVoice(), tmp_path, "v1")
    conversation = Conversation(
        replace(house.engines, voices={"zh": voice, "en": voice}), house.store
    )
    turn = received(house, orders("paid")[0].id + "到哪了", wants_speech=True)
    parts = (i for i in respond(conversation, turn) if isinstance(i, ReplyPart))
    first = next(parts)
    assert first.audio is not None
    state = standing_state(house.store.standing(turn.conversation_id))
    perceived = conversation.hear(turn, state, Trace())
    _, (_, second, *_) = conversation.outlook(turn, state, perceived)
    assert begun[second].wait(30)  # though nobody has asked for it yet
    rest = [part.text for part in parts if part.audio]
    assert sorted(made) == sorted([first.text, *rest])  # and nothing twice


def test_hearing_changes_nothing(house: House) -> None:
    conversation_id, _ = house.store.start("zh", "api")
    before = house.store.standing(conversation_id)
    turn = Turn("t", conversation_id, "zh", text="我要取消订单")
    for _ in range(3):
        perceived = house.conversation.hear(turn, standing_state(before), Trace())
        assert perceived.meaning.intent == "cancel_order"
    assert house.store.standing(conversation_id) == before
    assert house.store.events(conversation_id) == ()


def test_what_is_foreseen_is_ready_to_sound_and_changes_nothing(house: House) -> None:
    spoken: list[str] = []

    class NotingVoice:
        language: Language = "zh"

        def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
            spoken.append(text)
            yield AudioClip(np.zeros(100, np.float32), 16_000)

    class NoActions:
        def check(self, action: str, arguments: Any, caller: Any) -> ActionResult:
            return house.engines.actions.check(action, arguments, caller)

    voices: dict[Language, Any] = {"zh": NotingVoice(), "en": NotingVoice()}
    engines = replace(house.engines, voices=voices, actions=NoActions())
    conversation = Conversation(engines, house.store)
    turn = received(house, orders("paid")[0].id + "到哪了", wants_speech=True)
    before = house.store.standing(turn.conversation_id)
    state = standing_state(before)
    perceived = conversation.hear(turn, state, Trace())
    conversation.foresee(turn, state, perceived, lambda: True)
    conversation.foresee(turn, state, perceived, lambda: False)
    assert house.store.standing(turn.conversation_id) == before
    parts = [i for i in respond(house.conversation, turn) if isinstance(i, ReplyPart)]
    assert spoken == [part.text for part in parts if part.audio]
    assert len(spoken) > 1
    before_end = iter([True, False])
    said = len(spoken)
    conversation.foresee(turn, state, perceived, lambda: next(before_end))
    assert spoken[said:] == spoken[:1]


def test_a_recording_in_which_nobody_speaks_is_answered_honestly(house: House) -> None:
    silent = encode_wav(AudioClip(np.zeros(16_000, np.float32), 16_000))
    turned = answer(hearing(house, "字幕由志愿者提供"), "zh", files=(("audio", silent),))
    assert turned.record["transcript"]["hypotheses"] == []
    assert turned.perceived.meaning.text == ""
    assert say(turned) in house.engines.domain.wording["tell.unclear.unheard"]["zh"]


def test_a_voice_that_breaks_leaves_the_text(house: House) -> None:
    class BrokenVoice:
        language: Language = "zh"

        def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
            raise RuntimeError("no sound today")

    engines = replace(house.engines, voices={"zh": BrokenVoice(), "en": BrokenVoice()})
    broken = replace(house, conversation=Conversation(engines, house.store))
    turned = answer(broken, "zh", "运费怎么算", speak=True)
    assert say(turned)
    assert turned.record["status"] == "done"


def test_a_stopped_reply_says_no_more_and_remembers_only_what_was_said(house: House) -> None:
    stop = threading.Event()
    turn = received(house, "运费怎么算", wants_speech=True)
    said = []
    for item in house.conversation.respond(turn, Trace(), stop):
        if isinstance(item, ReplyPart):
            said.append(item)
            stop.set()
    (kept,) = house.archive.conversation(turn.conversation_id)["turns"]
    assert len(said) == 1
    assert [part["text"] for part in kept["reply"]] == [said[0].text]


def test_an_order_is_cancelled_only_after_number_phone_and_confirmation(house: House) -> None:
    order = orders("packed")[-1]
    first = answer(house, "zh", "我要取消订单")
    here = first.conversation_id

    def then(text: str) -> Turned:
        return answer(house, "zh", text, conversation_id=here)

    assert then(order.id).record["actions"] == []
    verified = then(order.phone_tail)
    assert [a["action"] for a in verified.record["actions"]] == ["verify_order", "cancel_order"]
    assert verified.record["decision"]["act"] == "confirm"
    assert status(house, order.id) == "packed"
    assert then("确认").record["actions"][0]["outcome"] == "done"
    assert status(house, order.id) == "cancelled"


def test_the_wrong_phone_never_shows_an_order(house: House) -> None:
    order = orders("out_for_delivery")[0]
    here = answer(house, "zh", f"{order.id}到哪了").conversation_id
    turned = answer(house, "zh", "0000", conversation_id=here)
    assert turned.record["actions"][0]["code"] == "mismatch"
    assert not any(part.card for part in turned.parts)


def test_typed_english_is_answered_in_english_on_a_chinese_page(house: House) -> None:
    turned = answer(house, "zh", "how much is the delivery fee")
    assert turned.perceived.meaning.language == "en"
    assert say(turned).isascii() or "¥" in say(turned)


def received(house: House, text: str, *, wants_speech: bool) -> Turn:
    """A turn the store has kept, ready to be answered."""
    from app.api.speaking import incoming

    conversation_id, _ = house.store.start("zh", "api")
    opened = house.intake.open(
        Envelope(conversation_id, "turn-1", "zh", text, wants_speech=wants_speech)
    )
    house.store.receive(incoming(opened))
    return opened.turn


def respond(conversation: Conversation, turn: Turn) -> Iterator[Perceived | ReplyPart]:
    return conversation.respond(turn, Trace(), threading.Event())


def status(house: House, order_id: str) -> str:
    from app.store.shop_tables import OrderRow

    with house.database.reading() as session:
        row = session.get(OrderRow, order_id)
        assert row is not None
        return row.status


def test_the_var_folder_holds_the_phrases_that_were_said(house: House, tmp_path: Path) -> None:
    answer(house, "zh", "运费怎么算", speak=True)
    assert list((house.settings.var / "phrases").glob("*.npz"))


class NoArticles:
    """A shelf without articles."""

    def search(self, *_: object, **__: object) -> tuple[Passage, ...]:
        return ()


def test_the_arm_of_an_experiment_is_stored_and_outlives_new_weights(house: House) -> None:
    loud = Rule("written", ("text", "speech", "card"), "an experiment")

    def trying(weight: float) -> House:
        tried = Experiment("loud", (Arm("as_now", 1.0), Arm("spoken", weight, (loud,))))
        rules = replace(house.engines.domain.forms, experiments=(tried,))
        domain = replace(house.engines.domain, forms=rules)
        planner = Planner(domain, NoArticles())
        engines = replace(house.engines, domain=domain, responder=planner)
        return replace(house, engines=engines, conversation=Conversation(engines, house.store))

    first = answer(trying(1e9), "zh", "运费怎么算")
    assert first.record["experiments"] == [["loud", "spoken"]]
    assert "speech" in first.record["forms"]
    later = answer(trying(0.0), "zh", "几点送货", conversation_id=first.conversation_id)
    assert later.record["experiments"] == [["loud", "spoken"]]
    assert later.record["form_reason"].endswith("experiment loud: spoken")
    whole = house.archive.conversation(first.conversation_id)
    assert whole["conversation"]["experiments"] == [["loud", "spoken"]]
    assert answer(trying(0.0), "zh", "运费怎么算").record["experiments"] == [["loud", "as_now"]]


def test_a_sentence_with_a_card_number_is_shown_and_not_spoken(house: House) -> None:
    class Reciting:
        def plan(self, *_: object) -> ReplyPlan:
            shown = ("您的卡号是6222021234567890123。", "已经记下了。")
            forms: tuple[Form, ...] = ("text", "speech")
            return ReplyPlan("zh", shown, forms, "private", unspoken=shown[:1])

    engines = replace(house.engines, responder=Reciting())
    conversation = Conversation(engines, house.store)
    turn = received(house, "运费怎么算", wants_speech=True)
    parts = [i for i in respond(conversation, turn) if isinstance(i, ReplyPart)]
    assert [(part.text, part.audio is not None) for part in parts] == [
        ("您的卡号是6222021234567890123。", False),
        ("已经记下了。", True),
    ]


def test_marks_are_spoken_and_never_shown(house: House) -> None:
    class Reciting:
        def plan(self, *_: object) -> ReplyPlan:
            forms: tuple[Form, ...] = ("text", "speech")
            marked = ("订单号是<digits>FD2024051</digits>。<pause=500>", "对吗？")
            return ReplyPlan("zh", marked, forms, "marks")

    conversation = Conversation(replace(house.engines, responder=Reciting()), house.store)
    turn = received(house, "运费怎么算", wants_speech=True)
    parts = [i for i in respond(conversation, turn) if isinstance(i, ReplyPart)]
    assert [part.text for part in parts] == ["订单号是FD2024051。", "对吗？"]
    first = parts[0].audio
    assert first is not None
    assert not first.samples[-first.rate // 2 :].any()
    whole = house.archive.conversation(turn.conversation_id)
    assert "<" not in str(whole["turns"][-1]["reply"])
