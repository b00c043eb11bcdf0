"""Opens the switchboard when the application starts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI

from app.api.deps import Access
from app.config import Settings
from app.engines import build_turn_detector
from app.live.switchboard import Hearing, Switchboard
from dialogue.moves import YES_NO
from dialogue.nlu.examples import read_examples
from dialogue.pack import load_domain
from speech.engines import TurnDetector, VoiceDetector
from speech.turns import Endings, EndOfTurn, Waits, read_senses

_WHOLE_NUMBER = 7
"""Digits from which a number is the beginning of no other: four may be those of a telephone."""


def open_live(
    app: FastAPI, access: Access, detector: VoiceDetector, hearing: Hearing
) -> Switchboard:
    """From now on calls are taken; how turns end is learnt beside the start."""
    settings = access.settings
    pool = ThreadPoolExecutor(settings.limits.turns_at_once, thread_name_prefix="hear")
    learnt = pool.submit(end_of_turn, settings, build_turn_detector(settings))
    board = Switchboard(access, settings.live, detector, hearing, learnt.result, pool)
    app.state.live = board
    access.metrics.watch_calls(lambda: board.calls)
    return board


def end_of_turn(settings: Settings, melody: TurnDetector | None = None) -> EndOfTurn:
    """What the pack's utterances teach about where people stop, beside what a voice tells."""
    domain = load_domain(settings.pack)
    examples = read_examples(settings.pack, domain.languages, domain.intents)
    live = settings.live
    return EndOfTurn(
        Endings(example.text for example in examples),
        Waits(live.short, live.usual, live.long),
        likely={"zh": live.likely_chinese, "en": live.likely_english},
        senses=read_senses(settings.models / "endings" / f"{settings.domain}.json"),
        whole=live.whole,
        complete=live.complete,
        unlikely=live.unlikely,
        melody=melody,
        falling=live.falling,
        yes_no=frozenset(YES_NO),
        numbers=frozenset(n for n, slot in domain.slots.items() if slot.digits >= _WHOLE_NUMBER),
    )
