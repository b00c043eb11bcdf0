"""The record of one turn: all that was heard, decided and said, as JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.trace import Span, Trace
from dialogue.types import (
    ActionResult,
    Card,
    Decision,
    Heard,
    Posterior,
    ReplyPart,
    ReplyPlan,
    Sighting,
    Slot,
    Suggestion,
    Transcript,
    Understanding,
)
from fusion.weights import cross_modal_ratio

Json = dict[str, Any]


def heard_record(transcript: Transcript | None, heard: Heard | None) -> Json:
    """The n-best list and what sound and meaning came to together."""
    if transcript is None or heard is None:
        return {"transcript": None, "heard": None}
    hypotheses = [{"text": h.text, "logprob": round(h.logprob, 4)} for h in transcript.hypotheses]
    return {
        "transcript": {
            "language": transcript.language,
            "language_probability": round(transcript.language_probability, 4),
            "no_speech": round(transcript.no_speech, 4),
            "hypotheses": hypotheses,
        },
        "heard": {
            "cascade_text": heard.cascade_text,
            "joint_text": heard.joint_text,
            "reason": heard.reason,
            "posterior": pairs(heard.posterior),
            "weighed": pairs(heard.weighed),
        },
    }


def meaning_record(meaning: Understanding) -> Json:
    """What the turn means, with its evidence."""
    return {
        "language": meaning.language,
        "intents": pairs(meaning.intents) if meaning.text.strip() else [],
        "also": [request.intent for request in meaning.also],
        "slots": [slot_record(s) for s in meaning.slots],
        "sentiment": pairs(meaning.sentiment),
        "emotion": pairs(meaning.emotion),
        "urgency": round(meaning.urgency, 4),
        "unfelt": list(meaning.unfelt),
        "evidence": {modality: pairs(said) for modality, said in meaning.evidence},
        "modality_weights": pairs(meaning.modality_weights),
        "cross_modal": round(cross_modal_ratio(meaning.modality_weights), 4),
        "sightings": [sighting_record(s) for s in meaning.sightings],
        "confidence": round(meaning.confidence, 4),
        "abstained": meaning.abstained,
    }


def answer_record(
    decision: Decision,
    results: Sequence[ActionResult],
    plan: ReplyPlan | None,
    arms: Sequence[tuple[str, str]] = (),
) -> Json:
    """What was decided and done, the form that was chosen, and the arms of experiments."""
    return {
        "decision": decision_record(decision),
        "actions": [action_record(r) for r in results],
        "forms": list(plan.forms) if plan else [],
        "form_reason": plan.reason if plan else "",
        "experiments": [list(pair) for pair in arms],
        "tone": plan.tone if plan else "",
        "sources": list(plan.sources) if plan else [],
    }


def trace_record(trace: Trace) -> Json:
    """Where the time went, in milliseconds."""
    first = trace.first_audio
    return {
        "trace": [span_record(s) for s in trace.spans],
        "first_audio_ms": None if first is None else round(first * 1000, 1),
    }


def part_record(part: ReplyPart) -> Json:
    """One part of the answer, without its sound."""
    return {
        "number": part.number,
        "text": part.text,
        "card": card_record(part.card) if part.card else None,
        "suggestions": [suggestion_record(s) for s in part.suggestions],
        "last": part.last,
    }


def card_record(card: Card) -> Json:
    """A card as clients draw it."""
    return {
        "kind": card.kind,
        "title": card.title,
        "body": card.body,
        "image": card.image,
        "alt": card.alt,
        "rows": [list(row) for row in card.rows],
        "steps": [{"label": s.label, "done": s.done, "time": s.time} for s in card.steps],
        "columns": [{"title": c.title, "image": c.image} for c in card.columns],
        "cells": [list(row) for row in card.cells],
    }


def decision_record(decision: Decision) -> Json:
    """A decision, and what is said before it in the same reply."""
    return {
        "act": decision.act.value,
        "topic": decision.topic,
        "flow": decision.flow,
        "reason": decision.reason,
        "arguments": dict(decision.arguments),
        "before": [decision_record(d) for d in decision.before],
    }


def action_record(result: ActionResult) -> Json:
    """What the shop answered."""
    return {
        "action": result.action,
        "outcome": result.outcome.value,
        "code": result.code,
        "facts": result.facts,
    }


def slot_record(slot: Slot) -> Json:
    """A slot with where it came from."""
    return {
        "name": slot.name,
        "value": slot.value,
        "text": slot.text,
        "start": slot.start,
        "end": slot.end,
        "source": slot.source,
        "confidence": round(slot.confidence, 4),
    }


def sighting_record(sighting: Sighting) -> Json:
    """What one picture shows."""
    return {
        "picture": sighting.picture,
        "products": pairs(sighting.products),
        "lines": list(sighting.lines),
        "fault": sighting.fault,
    }


def suggestion_record(suggestion: Suggestion) -> Json:
    """A quick reply."""
    return {"label": suggestion.label, "text": suggestion.text}


def span_record(span: Span) -> Json:
    """One stage of the trace, in milliseconds."""
    return {
        "stage": span.stage,
        "start_ms": round(span.start * 1000, 1),
        "ms": round(span.seconds * 1000, 1),
    }


def pairs(posterior: Posterior | Sequence[tuple[str, float]]) -> list[list[Any]]:
    """(name, probability) pairs as lists."""
    return [[name, round(float(p), 4)] for name, p in posterior]
