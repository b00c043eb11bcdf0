"""Evidence: what stands behind one answer, as HTML and SVG for the playground."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

BUDGET_MS = 800
"""From the last voiced sample to the first audible one, at p90."""

Record = dict[str, Any]
"""One turn in the shape of GET /v1/admin/conversations/{id}."""

EMPTY = "<p style='opacity:.7'>Nothing yet. Send something and its evidence appears here.</p>"


def understanding_html(record: Record) -> str:
    """Modalities, n-best, intents, slots, feeling, decision and form, escaped."""
    decision = record.get("decision") or {}
    transcript = record.get("transcript") or {}
    hypotheses = [(f"{h['logprob']:.2f}", h["text"]) for h in transcript.get("hypotheses", [])]
    slots = [(s["name"], f"{s['value']}  ({s['source']})") for s in record.get("slots", [])]
    decided = f"{decision.get('act', '')} {decision.get('topic', '')}"
    sections = {
        "Modalities": _bars([*(record.get("quality") or {}).items()]),
        "Slots": _rows(slots),
        "Heard": _rows(hypotheses),
        "Together": _line((record.get("heard") or {}).get("reason")),
        "Intents": _bars(record.get("intents", [])[:5]),
        "Sentiment": _bars(record.get("sentiment", [])),
        "Emotion": _bars(record.get("emotion", [])[:3]),
        "Decision": _line(f"{decided} — {decision.get('reason', '')}"),
        "Form": _line(f"{', '.join(record.get('forms', []))} — {record.get('form_reason', '')}"),
    }
    shown = "".join(_section(title, body) for title, body in sections.items())
    return f"<div style='{_SHEET}'>{shown}</div>"


_SHEET = "display:grid;grid-template-columns:1fr 1fr;gap:0 1.5em;font-size:13px;line-height:1.5"
_HALVES = ("Modalities", "Slots", "Sentiment", "Emotion")
"""Sections that leave room for another beside them."""


def _section(title: str, body: str) -> str:
    width = "" if title in _HALVES else "grid-column:1/-1"
    heading = f"<strong style='display:block;margin:.7em 0 .2em'>{title}</strong>"
    if not body and title not in _HALVES:
        return ""
    return f"<section style='min-width:0;{width}'>{heading}{body or '–'}</section>"


def _line(text: str | None) -> str:
    return f"<div>{html.escape(text)}</div>" if text and text.strip(" —") else ""


def _rows(rows: Sequence[tuple[str, str]]) -> str:
    lines = "".join(
        f"<code style='background:none'>{html.escape(a)}</code>"
        f"<span style='overflow-wrap:anywhere'>{html.escape(b)}</span>"
        for a, b in rows
    )
    grid = "display:grid;grid-template-columns:auto 1fr;gap:.1em 1em"
    return f"<div style='{grid}'>{lines}</div>" if rows else ""


def _bars(pairs: Sequence[Sequence[Any]]) -> str:
    bar = (
        "<div style='display:grid;grid-template-columns:8.5em 1fr 2.5em;gap:.5em;"
        "align-items:center'><span>{name}</span><span style='height:.5em;border-radius:.25em;"
        "background:#10b981;width:{width:.0f}%'></span><span>{value:.2f}</span></div>"
    )
    return "".join(
        bar.format(name=html.escape(str(name)), width=100 * float(p), value=float(p))
        for name, p in pairs
    )


def waterfall_html(record: Record) -> str:
    """The spans of the turn as an SVG, with the budget as a line."""
    spans = record.get("trace") or []
    if not spans:
        return ""
    whole = max(BUDGET_MS * 1.1, *(s["start_ms"] + s["ms"] for s in spans))
    height = _ROW * len(spans) + 24
    budget = _x(BUDGET_MS, whole)
    line = (
        f"<line x1='{budget:.1f}' x2='{budget:.1f}' y1='0' y2='{height - 18}' stroke='#ef4444' "
        f"stroke-dasharray='4 3'/><text x='{budget:.1f}' y='{height - 4}' text-anchor='middle' "
        f"fill='#ef4444'>{BUDGET_MS} ms</text>"
    )
    rows = "".join(_span_svg(row, span, whole) for row, span in enumerate(spans))
    return (
        f"<svg viewBox='0 0 680 {height}' role='img' aria-label='Latency waterfall' width='100%' "
        f"style='font:12px system-ui'>{rows}{line}</svg>"
    )


_ROW = 22
"""Height of a stage in the waterfall, in the drawing's units."""


def _x(ms: float, whole: float) -> float:
    return 110 + 480 * ms / whole


def _span_svg(row: int, span: Record, whole: float) -> str:
    y, x = _ROW * row + 4, _x(span["start_ms"], whole)
    width = max(480 * span["ms"] / whole, 1.0)
    return (
        f"<text x='104' y='{y + 11}' text-anchor='end' fill='currentColor'>"
        f"{html.escape(span['stage'])}</text>"
        f"<rect x='{x:.1f}' y='{y}' width='{width:.1f}' height='14' rx='3' fill='#10b981'/>"
        f"<text x='{x + width + 5:.1f}' y='{y + 11}' fill='currentColor'>{span['ms']:.0f}</text>"
    )
