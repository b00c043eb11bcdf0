"""Form: a worded reply is given the form that the business's rules choose for it."""

from __future__ import annotations

from dataclasses import replace

from dialogue.forms import FormRules, content_of, occasion_of, private
from dialogue.response.cards import SHOWN_ONLY
from dialogue.types import Card, Decision, ReplyPlan, State, Turn


def shaped(
    plan: ReplyPlan,
    rules: FormRules,
    decision: Decision,
    turn: Turn,
    state: State,
    *,
    text: str,
    left: float,
    angry: bool,
) -> ReplyPlan:
    """`plan` in the form of the first rule that holds, with its reason.

    Cards that the form has no place for are left out; without cards it names none.
    """
    secrets = _secrets(decision, state)
    content = content_of(plan.clauses, plan.cards, secrets)
    rule = rules.choose(occasion_of(turn, text, content, left, angry=angry), dict(state.arms))
    cards = plan.cards if "card" in rule.form else ()
    reasons = [f"{rule.name}: {rule.because}"]
    reasons += [f"experiment {name}: {arm}" for name, arm in state.arms if _runs(rules, name)]
    hushed = tuple(c for c in plan.clauses if private(c, secrets)) if rule.hush else ()
    said = _read_out(plan.cards, secrets, plan.language) if rule.aloud else ()
    return replace(
        plan,
        clauses=(*plan.clauses, *said),
        forms=tuple(form for form in rule.form if form != "card" or cards),
        reason="; ".join(reasons),
        cards=cards,
        unspoken=hushed,
    )


def _runs(rules: FormRules, name: str) -> bool:
    return any(experiment.name == name for experiment in rules.experiments)


def _secrets(decision: Decision, state: State) -> tuple[str, ...]:
    """Values in this reply that are shown and not said unless somebody asks."""
    told = [dict(each.arguments) for each in (*decision.before, decision)]
    values = [facts.get(name) for facts in (dict(state.slots), *told) for name in _NAMES]
    return tuple(dict.fromkeys(str(value) for value in values if value))


_NAMES = (*SHOWN_ONLY, "phone")


def _read_out(cards: tuple[Card, ...], secrets: tuple[str, ...], language: str) -> tuple[str, ...]:
    """What the cards show of `secrets`, as sentences."""
    colon, stop = ("：", "。") if language == "zh" else (": ", ".")
    rows = (row for card in cards for row in card.rows)
    return tuple(f"{label}{colon}{value}{stop}" for label, value in rows if value in secrets)
