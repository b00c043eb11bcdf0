"""The playground at /playground: one conversation, and beside it everything behind each answer."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

BUDGET_MS = 800
"""From the last voiced sample to the first audible one, at p90."""

Record = dict[str, Any]
"""One turn in the shape of GET /v1/admin/conversations/{id}."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the builder sent."""

    session: str
    """"" begins a new conversation."""
    locale: str
    text: str
    audio: bytes | None
    pictures: tuple[bytes, ...]
    speak: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    session: str
    record: Record
    speech: bytes | None
    """The whole spoken reply, WAV."""


Converse = Callable[[Sent], Answered]

_WORDS = {
    "heading": "# 灵犀 Lingxi · playground\nTalk by text, microphone or picture; "
    "the right side shows what was heard, understood and decided, and what it cost.",
}


def playground(converse: Converse) -> gr.Blocks:
    """The page; `converse` takes one turn and may raise ValueError with a sentence to show."""
    with gr.Blocks(title="Lingxi playground", analytics_enabled=False) as page:
        gr.Markdown(_WORDS["heading"])
        session = gr.State("")
        with gr.Row():
            with gr.Column(scale=5):
                chat = gr.Chatbot(height=460, label="Conversation", elem_id="playground-chat")
                text = gr.Textbox(
                    label="Text", placeholder="我的订单FD2024051到哪了 / where is my order", lines=1,
                    elem_id="playground-text",
                )
                with gr.Row():
                    voice = gr.Audio(
                        sources=["microphone", "upload"], type="filepath", label="Voice note"
                    )
                    picture = gr.Image(
                        sources=["upload", "webcam", "clipboard"], type="filepath", label="Picture"
                    )
                with gr.Row():
                    locale = gr.Radio(["zh", "en"], value="zh", label="Page language")
                    speak = gr.Checkbox(value=False, label="Speak the answer")
                with gr.Row():
                    send = gr.Button("Send", variant="primary", elem_id="playground-send")
                    fresh = gr.Button("New conversation")
                spoken = gr.Audio(label="Spoken answer", autoplay=True, interactive=False)
            with gr.Column(scale=4):
                meaning = gr.HTML(_EMPTY, label="Understanding", elem_id="playground-meaning")
                waterfall = gr.HTML(label="Latency", elem_id="playground-latency")
                with gr.Accordion("Whole record", open=False):
                    record = gr.JSON(label="As stored")
        inputs = [chat, session, text, voice, picture, locale, speak]
        outputs = [chat, session, text, voice, picture, spoken, meaning, waterfall, record]
        turn = _turn(converse)
        gr.on([send.click, text.submit], turn, inputs, outputs, api_name=False)
        fresh.click(lambda: ([], "", None, None, None, None, _EMPTY, "", None), None, outputs)
    return page


THEME = gr.themes.Soft(
    primary_hue="emerald",
    font=["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"],
    font_mono=["ui-monospace", "monospace"],
)
"""The playground's look, without fonts from elsewhere."""


def _turn(converse: Converse) -> Callable[..., tuple[Any, ...]]:
    def turn(
        chat: list[Record], session: str, text: str, voice: str | None, picture: str | None,
        locale: str, speak: bool,
    ) -> tuple[Any, ...]:
        if not (text.strip() or voice or picture):
            raise gr.Error("Type, speak or add a picture first.")
        sent = Sent(
            session, locale, text.strip(), _bytes(voice),
            tuple(p for p in [_bytes(picture)] if p), speak or bool(voice),
        )
        try:
            answered = converse(sent)
        except ValueError as error:
            raise gr.Error(str(error)) from error
        record = answered.record
        chat = [*chat, *_messages(record, voice, picture)]
        return (
            chat, answered.session, "", None, None, answered.speech and _playable(answered.speech),
            understanding_html(record), waterfall_html(record), record,
        )

    return turn


def _bytes(path: str | None) -> bytes | None:
    return Path(path).read_bytes() if path else None


def _playable(wav: bytes) -> bytes:
    return wav


def _messages(record: Record, voice: str | None, picture: str | None) -> list[Record]:
    heard = (record.get("heard") or {}).get("joint_text")
    said = record.get("text") or (f"🎙 {heard}" if voice else "")
    mine: list[Record] = [{"role": "user", "content": said}] if said else []
    if picture:
        mine.append({"role": "user", "content": {"path": picture}})
    reply = "".join(part.get("text") or "" for part in record["reply"])
    cards = [part["card"] for part in record["reply"] if part.get("card")]
    shown = "\n\n".join([reply, *(f"**{c['title']}**\n\n{c['body']}" for c in cards)])
    return [*mine, {"role": "assistant", "content": shown}]


_EMPTY = "<p style='opacity:.7'>Nothing yet. Send something and its evidence appears here.</p>"


def understanding_html(record: Record) -> str:
    """Modalities, n-best, intents, slots, feeling, decision and form as escaped HTML."""
    decision = record.get("decision") or {}
    transcript = record.get("transcript") or {}
    return "".join(
        (
            _section("Modalities", _bars(list((record.get("quality") or {}).items()))),
            _section("Heard", _rows([(f"{h['logprob']:.2f}", h["text"]) for h in transcript.get("hypotheses", [])])),
            _section("Together", _line((record.get("heard") or {}).get("reason"))),
            _section("Intents", _bars(record.get("intents", [])[:5])),
            _section("Slots", _rows([(s["name"], f"{s['value']}  ({s['source']})") for s in record.get("slots", [])])),
            _section("Sentiment", _bars(record.get("sentiment", []))),
            _section("Emotion", _bars(record.get("emotion", [])[:3])),
            _section("Decision", _line(f"{decision.get('act', '')} {decision.get('topic', '')} — {decision.get('reason', '')}")),
            _section("Form", _line(f"{', '.join(record.get('forms', []))} — {record.get('form_reason', '')}")),
        )
    )


def _section(title: str, body: str) -> str:
    return f"<h4 style='margin:.8em 0 .2em'>{title}</h4>{body}" if body else ""


def _line(text: str | None) -> str:
    return f"<div>{html.escape(text)}</div>" if text and text.strip(" —") else ""


def _rows(rows: Sequence[tuple[str, str]]) -> str:
    cell = "style='padding:.1em .8em .1em 0;vertical-align:top'"
    lines = "".join(
        f"<tr><td {cell}><code>{html.escape(a)}</code></td><td {cell}>{html.escape(b)}</td></tr>"
        for a, b in rows
    )
    return f"<table>{lines}</table>" if rows else ""


def _bars(pairs: Sequence[Sequence[Any]]) -> str:
    bar = (
        "<div style='display:grid;grid-template-columns:9em 1fr 3.5em;gap:.5em;align-items:center'>"
        "<span>{name}</span><span style='height:.5em;border-radius:.25em;background:#10b981;"
        "width:{width:.0f}%'></span><span>{value:.2f}</span></div>"
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
    rows = "".join(_span_svg(i, s, whole) for i, s in enumerate(spans))
    height = 22 * len(spans) + 24
    budget = 110 + 480 * BUDGET_MS / whole
    return (
        f"<svg viewBox='0 0 680 {height}' role='img' aria-label='Latency waterfall' width='100%' "
        "style='font:12px system-ui'>"
        f"{rows}<line x1='{budget:.1f}' x2='{budget:.1f}' y1='0' y2='{height - 18}' stroke='#ef4444' "
        "stroke-dasharray='4 3'/>"
        f"<text x='{budget:.1f}' y='{height - 4}' text-anchor='middle' fill='#ef4444'>{BUDGET_MS} ms"
        "</text></svg>"
    )


def _span_svg(row: int, span: Record, whole: float) -> str:
    y, x = 22 * row + 4, 110 + 480 * span["start_ms"] / whole
    width = max(480 * span["ms"] / whole, 1.0)
    return (
        f"<text x='104' y='{y + 11}' text-anchor='end' fill='currentColor'>{html.escape(span['stage'])}"
        f"</text><rect x='{x:.1f}' y='{y}' width='{width:.1f}' height='14' rx='3' fill='#10b981'/>"
        f"<text x='{x + width + 5:.1f}' y='{y + 11}' fill='currentColor'>{span['ms']:.0f}</text>"
    )
