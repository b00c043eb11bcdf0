"""`lingxi eval spoken`: what speech and noise cost, measured on recordings."""

from __future__ import annotations

import time
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from app.commands.options import AsJson, DomainName, Manifest
from app.commands.output import print_json
from app.engines import (
    build_detector,
    build_embedder,
    build_joint,
    build_parser,
    build_recognizer,
    pack_hints,
    silently,
)
from app.house import read_settings
from app.manifest import ManifestError, need, read_manifest
from app.spoken import Listener, SpokenTurn
from app.spoken_scores import SpokenScores, score_spoken
from dialogue.pack import load_domain
from dialogue.types import AudioClip
from speech.audio import WHISPER_RATE, TooLong, Undecodable, decode
from speech.noise import excerpt, mix

NOISE_SECONDS = 3600.0
SILENCE = AudioClip(np.zeros(1, np.float32), WHISPER_RATE)
CLEAN = None
"""The condition without noise; the others are decibels."""
Scores = dict[float | None, SpokenScores]
_MEASURES = ("command", "intent")
_WAYS = (("cascade", "cascade_"), ("joint", ""), ("gold", "gold_"))


def spoken(
    manifest: Manifest,
    domain: DomainName = "",
    noise: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A recording to mix in.")
    ] = None,
    snr: Annotated[str, typer.Option(help="Decibels, e.g. 24,12,6; one row each.")] = "",
    as_json: AsJson = False,
) -> None:
    """What speech costs: cascade and joint decoding on recordings with intent and slots."""
    try:
        rows = read_manifest(manifest)
        need(rows, manifest, "audio", "intent")
        levels = _levels(snr, noise)
        hiss = decode(noise.read_bytes(), NOISE_SECONDS) if noise else SILENCE
        scores = _score(_listener(domain), rows, levels, hiss)
    except (ManifestError, Undecodable, TooLong) as error:
        raise typer.BadParameter(str(error)) from error
    if as_json:
        print_json(_report(scores))
    else:
        Console().print(_table(scores))


def _levels(snr: str, noise: Path | None) -> list[float]:
    if bool(snr) != bool(noise):
        raise typer.BadParameter("--noise FILE and --snr 24,12,6 go together")
    try:
        return [float(level) for level in snr.split(",") if level.strip()]
    except ValueError as error:
        raise typer.BadParameter(f"--snr {snr}: give decibels, as in 24,12,6") from error


def _listener(name: str) -> Listener:
    settings = read_settings(name)
    domain = load_domain(settings.pack)
    recognizer = build_recognizer(settings, silently)
    parser = build_parser(settings, domain, build_embedder(settings))
    return Listener(
        build_detector(settings),
        recognizer,
        build_joint(settings, domain, parser),
        parser,
        pack_hints(settings, domain),
    )


def _score(
    listener: Listener, rows: list[dict[str, Any]], levels: list[float], hiss: AudioClip
) -> Scores:
    """Scores per condition; each recording is decoded once."""
    turns: dict[float | None, list[SpokenTurn]] = {level: [] for level in (CLEAN, *levels)}
    terminal = Console(stderr=True)
    for row in track(rows, "listening", console=terminal, disable=not terminal.is_terminal):
        clip = _decoded(row["audio"])
        turns[CLEAN].append(_turn(listener, row, clip))
        for level in levels:
            turns[level].append(_turn(listener, row, _noisy(row["audio"], clip, hiss, level)))
    return {level: score_spoken(heard) for level, heard in turns.items()}


def _decoded(path: str) -> AudioClip:
    try:
        return decode(Path(path).read_bytes())
    except (OSError, Undecodable, TooLong) as error:
        raise ManifestError(f"{path}: {error}") from error


def _noisy(path: str, clip: AudioClip, hiss: AudioClip, snr_db: float) -> AudioClip:
    """The same stretch of noise under the same recording, whatever stands beside it."""
    generator = np.random.default_rng(zlib.crc32(Path(path).name.encode()))
    return mix(clip, excerpt(hiss.samples, len(clip.samples), generator), snr_db)


def _turn(listener: Listener, row: dict[str, Any], clip: AudioClip) -> SpokenTurn:
    started = time.perf_counter()
    cascade, joint = listener.listen(clip)
    work = time.perf_counter() - started
    gold = listener.read(str(row["text"])) if row.get("text") else None
    return SpokenTurn(row, cascade, joint, gold, clip.seconds, work)


def _report(scores: Scores) -> dict[str, Any]:
    """The figures without noise, and those of every condition under `conditions`."""
    conditions = [{"snr_db": level, **_known(found)} for level, found in scores.items()]
    return {**_known(scores[CLEAN]), "conditions": conditions}


def _known(scores: SpokenScores) -> dict[str, Any]:
    return {name: value for name, value in asdict(scores).items() if value is not None}


def _table(scores: Scores) -> Table:
    table = Table("noise", "n", box=None)
    ways = [f"{measure}\n{way}" for measure in _MEASURES for way, _ in _WAYS]
    for name in (*ways, "rtf", "wer", "cer"):
        table.add_column(name, justify="right", no_wrap=True)
    for level, found in scores.items():
        condition = "none" if level is CLEAN else f"{level:g} dB"
        table.add_row(condition, str(found.n), *_cells(found))
    return table


def _cells(scores: SpokenScores) -> list[str]:
    known = _known(scores)
    rates = [f"{prefix}{measure}_accuracy" for measure in _MEASURES for _, prefix in _WAYS]
    shares = [f"{100 * known[rate]:.1f}" if rate in known else "–" for rate in rates]
    return shares + [f"{known[n]:.3f}" if n in known else "–" for n in ("rtf", "wer", "cer")]
