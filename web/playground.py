"""The playground at /playground: one conversation, and beside it everything behind each answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from web.builders import Converse, Sent
from web.evidence import EMPTY, Record, understanding_html, waterfall_html

HEADING = (
    "## 灵犀 Lingxi · playground\nTalk by text, microphone or picture; "
    "beside it is what was heard, understood and decided, and what it cost."
)

WELCOME = "**Be the customer.** Write, say or show something below, in Chinese or English."


def playground(converse: Converse) -> gr.Blocks:
    """The page; `converse` takes one turn and may raise ValueError with a sentence to show."""
    page = gr.Blocks(title="Lingxi playground", analytics_enabled=False, fill_width=True)
    with page:
        gr.Markdown(HEADING)
        session = gr.State("")
        with gr.Row(equal_height=False):
            with gr.Column(scale=6, min_width=480):
                chat = _talk()
                text, send = _writing()
                voice, picture = _showing()
                locale, speak, fresh = _choices()
                spoken = gr.Audio(
                    label="Spoken answer", autoplay=True, interactive=False, visible=False
                )
            with gr.Column(scale=5, min_width=420):
                meaning, waterfall, record = _evidence()
        inputs = [chat, session, text, voice, picture, locale, speak]
        outputs = [chat, session, text, voice, picture, spoken, meaning, waterfall, record]
        turn = _turn(converse)
        gr.on(
            [send.click, text.submit],
            turn,
            inputs,
            outputs,
            api_name=False,
            show_progress_on=[chat],
        )
        nothing: tuple[Any, ...] = (
            [],
            "",
            "",
            None,
            None,
            gr.update(value=None, visible=False),
            EMPTY,
            "",
            None,
        )
        fresh.click(lambda: nothing, None, outputs)
    return page


def _talk() -> gr.Chatbot:
    look: dict[str, Any] = {"height": 380, "show_label": False, "buttons": []}
    return gr.Chatbot(placeholder=WELCOME, elem_id="playground-chat", **look)


def _evidence() -> tuple[gr.HTML, gr.HTML, gr.JSON]:
    meaning = gr.HTML(EMPTY, elem_id="playground-meaning", padding=False)
    waterfall = gr.HTML(elem_id="playground-latency", padding=False)
    with gr.Accordion("Whole record", open=False):
        record = gr.JSON(show_label=False)
    return meaning, waterfall, record


def _writing() -> tuple[gr.Textbox, gr.Button]:
    with gr.Row(equal_height=True):
        text = gr.Textbox(
            placeholder="我的订单FD2024051到哪了 · where is my order",
            show_label=False,
            container=False,
            lines=1,
            max_lines=4,
            scale=5,
            elem_id="playground-text",
        )
        send = gr.Button(
            "Send", variant="primary", scale=1, min_width=96, elem_id="playground-send"
        )
    return text, send


def _showing() -> tuple[gr.Audio, gr.Image]:
    with gr.Row(equal_height=False):
        voice = gr.Audio(
            sources=["microphone", "upload"], type="filepath", label="Voice note", min_width=220
        )
        picture = gr.Image(
            sources=["upload", "webcam", "clipboard"],
            type="filepath",
            label="Picture",
            height=148,
            min_width=220,
            buttons=[],
        )
    return voice, picture


def _choices() -> tuple[gr.Radio, gr.Checkbox, gr.Button]:
    with gr.Row(equal_height=False, elem_classes="playground-choices"):
        locale = gr.Radio(
            [("中文", "zh"), ("English", "en")],
            value="zh",
            show_label=False,
            container=False,
            scale=3,
            min_width=200,
        )
        speak = gr.Checkbox(
            value=False, label="Speak answers", container=False, scale=3, min_width=190
        )
        fresh = gr.Button("New conversation", size="md", scale=2, min_width=170)
    return locale, speak, fresh


THEME = gr.themes.Soft(
    primary_hue="emerald",
    font=["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"],
    font_mono=["ui-monospace", "monospace"],
)
"""The playground's look, without fonts from elsewhere."""


_UNCHANGED = (gr.skip(),) * 9
"""Nothing new in any of a turn's outputs."""


def _turn(converse: Converse) -> Callable[..., tuple[Any, ...]]:
    def turn(
        chat: list[Record],
        session: str,
        text: str,
        voice: str | None,
        picture: str | None,
        locale: str,
        speak: bool,
    ) -> tuple[Any, ...]:
        if not (text.strip() or voice or picture):
            gr.Warning("Type, speak or add a picture first.")
            return _UNCHANGED
        sent = Sent(
            session,
            locale,
            text.strip(),
            _bytes(voice),
            tuple(p for p in [_bytes(picture)] if p),
            speak or bool(voice),
        )
        try:
            answered = converse(sent)
        except ValueError as error:
            gr.Warning(str(error))
            return _UNCHANGED
        record = answered.record
        chat = [*chat, *_messages(record, voice, picture)]
        return (
            chat,
            answered.session,
            "",
            None,
            None,
            gr.update(value=answered.speech, visible=bool(answered.speech)),
            understanding_html(record),
            waterfall_html(record),
            record,
        )

    return turn


def _bytes(path: str | None) -> bytes | None:
    return Path(path).read_bytes() if path else None


def _messages(record: Record, voice: str | None, picture: str | None) -> list[Record]:
    heard = (record.get("heard") or {}).get("joint_text")
    said = record.get("text") or (f"🎙 {heard}" if voice else "")
    mine: list[Record] = [{"role": "user", "content": said}] if said else []
    if picture:
        mine.append({"role": "user", "content": {"path": picture}})
    reply = "".join(part.get("text") or "" for part in record["reply"])
    cards = [part["card"] for part in record["reply"] if part.get("card")]
    shown = "\n\n".join([reply, *map(_card, cards)])
    return [*mine, {"role": "assistant", "content": shown}]


def _card(card: Record) -> str:
    lines = [f"- {label}: {value}" for label, value in card.get("rows") or ()]
    lines += [f"- {label}: {' · '.join(values)}" for label, *values in card.get("cells") or ()]
    if card["kind"] == "advice":
        lines += [f"1. {step['label']}" for step in card["steps"]]
    rows = [line.replace("*", "\\*") for line in lines]
    return "\n\n".join(t for t in (f"**{card['title']}**", card.get("body"), "\n".join(rows)) if t)
