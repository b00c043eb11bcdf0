"""`lingxi ask`: one turn through the whole line, from the command line."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.answering import Turned, answer
from app.commands.output import loading, print_json
from app.errors import IntakeError
from app.house import open_house
from app.record import heard_record, meaning_record, part_record, trace_record
from app.signatures import Kind
from dialogue.types import Language, ReplyPart
from speech.audio import encode_wav


def ask(
    text: Annotated[str, typer.Option(help="What the customer typed.")] = "",
    audio: Annotated[
        Path | None, typer.Option(help="A voice note.", exists=True, dir_okay=False)
    ] = None,
    image: Annotated[
        list[Path] | None,
        typer.Option(help="A photo; repeatable.", exists=True, dir_okay=False),
    ] = None,
    domain: Annotated[str, typer.Option(help="The domain pack.")] = "",
    locale: Annotated[Language, typer.Option(help="Language of the customer's page.")] = "zh",
    speak: Annotated[bool, typer.Option("--speak", help="Answer with speech too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")] = False,
) -> None:
    """Asks one question by text, voice or photo and shows everything behind the answer."""
    files: list[tuple[Kind, bytes]] = [("audio", audio.read_bytes())] if audio else []
    files += [("picture", path.read_bytes()) for path in image or ()]
    if not (text.strip() or files):
        raise typer.BadParameter("Ask something: --text, --audio or --image.")
    with loading() as progress:
        house = open_house(domain, progress)
        if files:  # or loading would count as time of the turn
            house.engines.complete()
    try:
        turned = answer(house, locale, text, tuple(files), speak or None)
    except IntakeError as error:
        raise typer.BadParameter(error.sentence(locale)) from error
    found = answer_json(turned)
    print_json(found) if as_json else _show(found)


def answer_json(turned: Turned) -> dict[str, Any]:
    """What `--json` prints of a turn."""
    perceived = turned.perceived
    heard = heard_record(perceived.transcript, perceived.heard)
    transcript = heard["transcript"]
    return {
        "conversation_id": turned.conversation_id,
        "modalities": list(turned.modalities),
        "transcript": transcript and {"text": perceived.meaning.text, **transcript},
        "nbest": heard["heard"] and _nbest(heard["heard"]),
        "joint": heard["heard"],
        "intent": perceived.meaning.intent,
        **meaning_record(perceived.meaning),
        "decision": turned.record["decision"],
        "actions": turned.record["actions"],
        "forms": turned.record["forms"],
        "reply": [{**part_record(part), "audio": _sound(part)} for part in turned.parts],
        **trace_record(turned.trace),
    }


def _nbest(heard: dict[str, Any]) -> list[dict[str, Any]]:
    """The readings that competed, with P(text | sound and meaning)."""
    return [{"text": text, "probability": p} for text, p in heard["weighed"]]


def _sound(part: ReplyPart) -> dict[str, Any] | None:
    if part.audio is None:
        return None
    sound = base64.b64encode(encode_wav(part.audio)).decode()
    return {"type": "audio/wav", "seconds": round(part.audio.seconds, 3), "data": sound}


def _show(found: dict[str, Any]) -> None:
    console = Console()
    if found["transcript"]:
        console.print(f"[dim]heard [/] {found['transcript']['text']}")
    slots = ", ".join(f"{s['name']}={s['value']}" for s in found["slots"])
    console.print(f"[dim]intent[/] {found['intent']} ({found['confidence']:.2f}) {slots}")
    console.print("".join(part["text"] for part in found["reply"]), style="bold green")
    for part in found["reply"]:
        if card := part["card"]:
            console.print(f"[dim]card  [/] {card['title']}")
    table = Table("stage", "start ms", "ms", box=None)
    for span in found["trace"]:
        table.add_row(span["stage"], f"{span['start_ms']:.0f}", f"{span['ms']:.0f}")
    console.print(table)
