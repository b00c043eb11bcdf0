"""The playground at /playground: one conversation, and beside it everything behind each answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from web.evidence import EMPTY, Record, understanding_html, waterfall_html


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
    page = gr.Blocks(title="Lingxi playground", analytics_enabled=False)
    with page:
        gr.Markdown(_WORDS["heading"])
        session = gr.State("")
        with gr.Row():
            with gr.Column(scale=5):
                chat = gr.Chatbot(height=460, label="Conversation", elem_id="playground-chat")
                text = gr.Textbox(
                    label="Text",
                    placeholder="我的订单FD2024051到哪了 / where is my order",
                    lines=1,
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
                meaning = gr.HTML(EMPTY, label="Understanding", elem_id="playground-meaning")
                waterfall = gr.HTML(label="Latency", elem_id="playground-latency")
                with gr.Accordion("Whole record", open=False):
                    record = gr.JSON(label="As stored")
        inputs = [chat, session, text, voice, picture, locale, speak]
        outputs = [chat, session, text, voice, picture, spoken, meaning, waterfall, record]
        turn = _turn(converse)
        gr.on([send.click, text.submit], turn, inputs, outputs, api_name=False)
        fresh.click(lambda: ([], "", None, None, None, None, EMPTY, "", None), None, outputs)
    return page


THEME = gr.themes.Soft(
    primary_hue="emerald",
    font=["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"],
    font_mono=["ui-monospace", "monospace"],
)
"""The playground's look, without fonts from elsewhere."""


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
            raise gr.Error("Type, speak or add a picture first.")
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
            raise gr.Error(str(error)) from error
        record = answered.record
        chat = [*chat, *_messages(record, voice, picture)]
        return (
            chat,
            answered.session,
            "",
            None,
            None,
            answered.speech,
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
    shown = "\n\n".join([reply, *(f"**{c['title']}**\n\n{c['body']}" for c in cards)])
    return [*mine, {"role": "assistant", "content": shown}]
