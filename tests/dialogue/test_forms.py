"""The form of a reply: the pack's rules decide, say why, and an experiment may override them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dialogue.domain import Domain, PackError
from dialogue.forms import Arm, Experiment, FormRules, Occasion, Rule, When
from dialogue.pack_forms import read_forms
from dialogue.response.planner import Planner
from dialogue.state import from_json, to_json
from dialogue.types import Act, AudioClip, Decision, Language, ReplyPlan, State, Turn, Understanding

from .test_wording import FACTS, OneArticle

CLIP = AudioClip(np.zeros(16, np.float32), 16000)
GREET = Decision(Act.TELL, "greet")
PRICE = Decision(Act.TELL, "product_info.done", tuple(FACTS.items()))
ORDER = Decision(
    Act.TELL, "track_order.done.paid", tuple((k, v) for k, v in FACTS.items() if k != "product")
)


def plan(
    domain: Domain,
    decision: Decision = GREET,
    language: Language = "zh",
    *,
    says: str = "x",
    anger: float = 0.0,
    left: float = 1.0,
    state: State | None = None,
    **turn: object,
) -> ReplyPlan:
    emotion = (("angry", anger), ("neutral", 1 - anger))[:: 1 if anger > 0.5 else -1]
    tone = (("negative" if anger > 0.5 else "neutral", 1.0),)
    meaning = Understanding(says, language, (("greet", 1.0),), sentiment=tone, emotion=emotion)
    made = Turn("t", "c", language, **turn)
    planner = Planner(domain, OneArticle())
    return planner.plan(decision, made, meaning, state or State(language=language), left)


def test_the_rule_that_decided_is_named_with_its_reason(fresh: Domain) -> None:
    assert plan(fresh, text="hi").reason == "written: the customer wrote"
    assert plan(fresh, audio=CLIP).reason == "spoken: the customer spoke"
    assert plan(fresh, audio=CLIP, wants_speech=False).reason == "declined: speech was declined"


@pytest.mark.parametrize("device", ["muted", "screen_reader"])
def test_a_device_that_is_muted_or_reads_itself_is_not_spoken_to(
    fresh: Domain, device: str
) -> None:
    assert "speech" in plan(fresh, audio=CLIP).forms
    assert plan(fresh, audio=CLIP, device=(device,)).forms == ("text",)


def test_who_has_a_screen_reader_and_asks_for_speech_or_calls_hears_it(fresh: Domain) -> None:
    asked = plan(fresh, text="hi", wants_speech=True, device=("screen_reader",))
    assert "speech" in asked.forms
    assert plan(fresh, text="hi", wants_speech=True, device=("muted",)).forms == ("text",)


def test_what_is_private_is_shown_and_not_spoken_unless_asked(
    fresh: Domain, language: Language
) -> None:
    silent = plan(fresh, ORDER, language, audio=CLIP)
    assert not any("138" in clause for clause in silent.clauses)
    asked = plan(fresh, ORDER, language, audio=CLIP, says="读给我听 / read it to me")
    assert asked.reason.startswith("aloud: ")
    assert any("138****5678" in clause for clause in asked.clauses)
    assert any("建国路88号" in clause for clause in asked.clauses)


def test_a_card_number_in_a_sentence_is_not_spoken(fresh: Domain) -> None:
    known = State(language="en", said=("Paid with 6222 0212 3456 7890 123.", "Thank you."))
    again = plan(fresh, Decision(Act.REPEAT), "en", state=known, audio=CLIP)
    assert again.clauses == known.said
    assert again.unspoken == (known.said[0],)
    assert "speech" in again.forms


def test_one_number_on_a_small_screen_needs_no_picture(fresh: Domain) -> None:
    facts = {"product": "6", "name_zh": "香蕉", "price": "5.90", "unit_zh": "500克", "stock": 3}
    decision = Decision(Act.TELL, "product_info.done", tuple(facts.items()))
    rules = fresh.forms
    asks = {"modalities": ("text",), "speech": "open", "content": frozenset({"number", "product"})}
    assert rules.choose(Occasion(device=("narrow",), **asks), {}).form == ("text",)
    assert "card" in rules.choose(Occasion(device=(), **asks), {}).form
    assert plan(fresh, decision, text="x").cards


def test_an_angry_customer_is_shown_no_goods(fresh: Domain) -> None:
    assert plan(fresh, PRICE, text="x").cards
    angry = plan(fresh, PRICE, text="x", anger=0.9)
    assert not angry.cards
    assert "card" not in angry.forms


def test_a_late_answer_to_typing_goes_without_its_sound(fresh: Domain) -> None:
    assert "speech" in plan(fresh, text="x", wants_speech=True, left=-1.0).forms
    assert "speech" not in plan(fresh, text="x", wants_speech=True, left=-9.0).forms
    assert "speech" in plan(fresh, audio=CLIP, wants_speech=True, left=-9.0).forms


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"forms": [{"name": "a", "form": ["text"]}]}, r"forms\[1\]: missing key 'because'"),
        ({"forms": [{"name": "a", "form": "song", "because": "x"}]}, r"'a': form: 'song'"),
        (
            {"forms": [{"name": "a", "form": "text", "because": "x", "when": {"weather": "wet"}}]},
            r"forms\[1\] 'a': when: unknown key 'weather'; choose one of modality",
        ),
        (
            {"forms": [{"name": "a", "form": "text", "because": "x", "when": {"mood": "odd"}}]},
            r"when\.mood: 'odd' is none of angry, calm",
        ),
        (
            {"forms": [{"name": "a", "form": "text", "because": "x", "when": {"says": ["("]}}]},
            r"when\.says",
        ),
        (
            {"forms": [{"name": "a", "form": "text", "because": "x", "when": {"left_below": "1"}}]},
            r"left_below: wants seconds",
        ),
        ({"forms": [{"name": "a", "form": "text", "because": "x"}] * 2}, r"'a' is there twice"),
        ({"experiments": {"e": {"arms": {"one": {}}}}}, r"experiments\.e\.arms: an experiment has"),
        (
            {"experiments": {"e": {"arms": {"a": {"weight": -1}, "b": {}}}}},
            r"experiments\.e\.arms\.a\.weight: -1",
        ),
        ({"experiments": {"e": {"arms": {"a": {"weight": 0}, "b": {"weight": 0}}}}}, r"weight is"),
        ({"rules": []}, r"unknown key 'rules'"),
    ],
)
def test_a_broken_rule_says_where(table: dict[str, object], complaint: str) -> None:
    with pytest.raises(PackError, match=complaint):
        read_forms(table)


def test_a_pack_without_rules_speaks_to_who_speaks(fresh: Domain) -> None:
    bare = replace(fresh, forms=read_forms({}))
    assert plan(bare, text="hi").forms == ("text",)
    assert "speech" in plan(bare, audio=CLIP).forms
    assert "speech" in plan(bare, text="hi", wants_speech=True).forms
    assert "speech" not in plan(bare, audio=CLIP, wants_speech=False).forms


LOUD = Rule("written", ("text", "speech", "card"), "an experiment")


def experiment(weight: float = 1.0) -> Experiment:
    return Experiment("loud", (Arm("as_now", 1.0), Arm("spoken", weight, (LOUD,))))


def test_an_arm_overrides_a_rule_by_its_name(fresh: Domain) -> None:
    tried = replace(fresh, forms=replace(fresh.forms, experiments=(experiment(),)))
    spoken = plan(tried, text="x", state=State(arms=(("loud", "spoken"),)))
    assert spoken.forms == ("text", "speech")
    assert spoken.reason == "written: an experiment; experiment loud: spoken"
    assert plan(tried, text="x", state=State(arms=(("loud", "as_now"),))).forms == ("text",)
    assert plan(tried, text="x", wants_speech=False, state=spoken_state()).forms == ("text",)


def spoken_state() -> State:
    return State(arms=(("loud", "spoken"),))


def test_an_arms_new_rule_is_tried_first() -> None:
    first = Rule("quiet", ("text",), "quiet", (When(modality=("voice",)),))
    rules = FormRules(experiments=(Experiment("e", (Arm("a", 1, (first,)), Arm("b", 1))),))
    spoken = Occasion(("voice",), "asked", (), frozenset())
    assert rules.choose(spoken, {"e": "a"}).name == "quiet"
    assert rules.choose(spoken, {"e": "b"}).name == "asked"


def test_arms_fill_by_their_weights() -> None:
    one = experiment(weight=3.0)
    share = sum(one.arm_for(f"c{n}") == "spoken" for n in range(4000)) / 4000
    assert 0.7 < share < 0.8


def test_a_conversation_stays_in_its_arm_when_weights_change() -> None:
    before = FormRules(experiments=(experiment(weight=1.0),))
    after = FormRules(experiments=(experiment(weight=0.0),))
    inside = [f"c{n}" for n in range(40) if before.experiments[0].arm_for(f"c{n}") == "spoken"]
    assert inside
    for conversation in inside:
        state = from_json(to_json(before.assigned(State(), conversation)))
        assert dict(after.assigned(state, conversation).arms) == {"loud": "spoken"}
        assert dict(after.assigned(State(), conversation).arms) == {"loud": "as_now"}
    gone = Experiment("loud", (Arm("as_now", 1.0), Arm("other", 0.0)))
    moved = FormRules(experiments=(gone,)).assigned(spoken_state(), "c")
    assert dict(moved.arms) == {"loud": "as_now"}


def test_the_demo_packs_rules_are_read_from_its_file(fresh: Domain) -> None:
    names = [rule.name for rule in fresh.forms.rules]
    assert names[0] == "declined"
    assert names[-1] == "written"
    assert (Path(__file__).parents[2] / "data/domains/fresh/forms.toml").is_file()
