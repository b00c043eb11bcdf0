"""What simulated callers say: recordings of a manifest, or questions in the product's voices."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from app.commands.bench import spoken
from app.commands.bench_callers import Kind, Line
from app.commands.output import loading
from app.engines import build_voices
from app.house import read_settings
from app.manifest import read_manifest
from dialogue.types import LANGUAGES, Language
from speech.audio import decode


def said(
    manifest: Path | None, domain: str, wanted: int, chooser: random.Random, *, quiet: bool
) -> dict[Language, list[Line]]:
    """By language: what is said, in order; a caller speaks one language in a call."""
    if manifest:
        every = [recorded(row) for row in read_manifest(manifest)]
        by = {tongue: [r for r in every if r.language == tongue] for tongue in LANGUAGES}
        return {tongue: some for tongue, some in by.items() if some}
    settings = read_settings(domain)
    lines: dict[Language, list[Line]] = {}
    with loading() as progress:
        voices = build_voices(settings, progress)
    for language, synthesizer in voices.items():
        rows = read_manifest(settings.pack / "heldout" / f"{language}.jsonl")
        asked = [r for r in rows if r["intent"] != "out_of_scope" and 6 <= len(r["text"]) <= 60]
        chosen = chooser.sample(asked, min(wanted, len(asked)))
        clips = spoken(synthesizer, [r["text"] for r in chosen], language, quiet=quiet)
        lines[language] = [
            Line(clip, language, text=row["text"], intent=row["intent"])
            for clip, row in zip(clips, chosen, strict=True)
        ]
    return lines


def recorded(row: dict[str, Any]) -> Line:
    """One row of a manifest: `audio`, and where they differ from a Chinese question `language`,
    `kind`, `pause`; `text` and `intent` where known."""
    clip = decode(Path(row["audio"]).read_bytes())
    language: Language = "en" if row.get("language") == "en" else "zh"
    kind: Kind = row.get("kind") or "question"
    about = {name: str(row.get(name) or "") for name in ("pause", "text", "intent")}
    return Line(clip, language, kind, **about)
