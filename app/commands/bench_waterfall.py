"""The waterfall of a live turn: from a caller's last sound to the first of the reply, by stage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

ORDER = (
    *("endpoint", "vad", "asr", "joint", "nlu", "fusion", "prepare", "receive"),
    *(
        "policy",
        "shop",
        "wording",
        "acknowledgement",
        "text_first",
        "late",
        "tts",
        "sent",
        "audible",
    ),
)
"""`endpoint` is the wait for the end of the turn; `sent` is when the first sound left, `audible`
when the caller heard it, by the caller's own last sample."""
_LEFT, _WIDTH, _ROW, _TOP = 130, 720, 22, 40
_COLOURS = {"endpoint": "#b0b7c3", "prepare": "#9ccc9c", "audible": "#d9534f", "sent": "#d9534f"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage over many turns, in milliseconds after the last voiced sample."""

    stage: str
    begins: float
    """Median."""
    ends: float
    """Median."""
    late: float
    """90th percentile of the end."""
    turns: int


def waterfall(traces: Iterable[Sequence[Mapping[str, Any]]], audible: Sequence[float]) -> list[Bar]:
    """A bar for each stage, of its first span in each trace; `audible` in ms, at the client."""
    spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for trace in traces:
        first: dict[str, tuple[float, float]] = {}
        for span in trace:
            begin = float(span["start_ms"])
            first.setdefault(span["stage"], (begin, begin + float(span["ms"])))
        for stage, span_ms in first.items():
            spans[stage].append(span_ms)
    spans["audible"] = [(ms, ms) for ms in audible]
    return [_bar(stage, spans[stage]) for stage in ORDER if spans.get(stage)]


def _bar(stage: str, spans: Sequence[tuple[float, float]]) -> Bar:
    begins, ends = np.array(spans).T
    middle, late = np.percentile(ends, (50, 90))
    return Bar(stage, float(np.median(begins)), float(middle), float(late), len(spans))


def svg(charts: Mapping[str, Sequence[Bar]], budget_ms: float) -> str:
    """The bars of each language under each other; a line reaches to p90, another marks a budget."""
    longest = max((bar.late for bars in charts.values() for bar in bars), default=1.0)
    scale = _WIDTH / max(longest, budget_ms) / 1.05
    pieces, top = [], _TOP
    for title, bars in charts.items():
        pieces.append(f'<text x="10" y="{top - 12}" font-weight="bold">{escape(title)}</text>')
        for number, bar in enumerate(bars):
            pieces.append(_drawn(bar, top + number * _ROW, scale))
        height = len(bars) * _ROW
        at = _LEFT + budget_ms * scale
        pieces.append(
            f'<path d="M{at:.1f} {top - 6}v{height + 6}" stroke="#d9534f" stroke-dasharray="4 3"/>'
        )
        top += height + _TOP
    size = f'width="{_LEFT + _WIDTH + 90}" height="{top}"'
    style = 'font-family="sans-serif" font-size="12" fill="#222"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(pieces)}</svg>\n'
    )


def _drawn(bar: Bar, top: float, scale: float) -> str:
    begin, end, late = (_LEFT + ms * scale for ms in (bar.begins, bar.ends, bar.late))
    colour = _COLOURS.get(bar.stage, "#5b8def")
    figures = f"{bar.ends:.0f} / {bar.late:.0f}"
    return (
        f'<text x="{_LEFT - 8}" y="{top + 12}" text-anchor="end">{escape(bar.stage)}</text>'
        f'<rect x="{begin:.1f}" y="{top + 2}" width="{max(end - begin, 2):.1f}" height="12" '
        f'fill="{colour}"/>'
        f'<path d="M{end:.1f} {top + 8}H{late:.1f}" stroke="#555"/>'
        f'<text x="{late + 6:.1f}" y="{top + 12}" fill="#555">{figures}</text>'
    )
