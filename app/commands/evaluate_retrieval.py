"""`lingxi eval retrieval`: whether questions find their article, measured on a manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import typer

from app.commands.options import AsJson, DomainName, Manifest
from app.commands.output import print_scores
from app.config import Settings
from app.engines import build_embedder, build_library, build_parser
from app.house import read_settings
from app.manifest import ManifestError, need, read_manifest
from dialogue.knowledge.evaluate import Question, RetrievalScores, evaluate
from dialogue.manager import step
from dialogue.nlu.language import written_language
from dialogue.pack import load_domain
from dialogue.response.planner import Planner
from dialogue.types import Act, ReplyPlan, State, Turn, Understanding


def retrieval(manifest: Manifest, domain: DomainName = "", as_json: AsJson = False) -> None:
    """Recall of the right article, and how often a question without one is answered anyway."""
    settings = read_settings(domain)
    try:
        rows = read_manifest(manifest)
        need(rows, manifest, "text")
        scores = _score(settings, [_question(row) for row in rows])
    except ManifestError as error:
        raise typer.BadParameter(str(error)) from error
    print_scores("retrieval", asdict(scores), as_json)


def _question(row: dict[str, Any]) -> Question:
    text, label = str(row["text"]), str(row.get("label") or "")
    return Question(text, written_language(text, "en"), frozenset(label.split("|")) - {""})


def _score(settings: Settings, questions: Sequence[Question]) -> RetrievalScores:
    pack, embedder = load_domain(settings.pack), build_embedder(settings)
    parser = build_parser(settings, pack, embedder)
    library = build_library(settings, pack, embedder)
    planner = Planner(pack, library)

    def reply(question: Question, meaning: Understanding) -> ReplyPlan | None:
        """What a new conversation answers; None where the shop would be asked first."""
        state, decision = step(pack, State(language=question.language), meaning)
        if decision.act in (Act.CALL, Act.CHECK):
            return None
        turn = Turn("question", "evaluation", question.language, question.text)
        return planner.plan(decision, turn, meaning, state)

    return evaluate(
        library,
        questions,
        lambda q: parser.parse(q.text, q.language, State(language=q.language)),
        reply,
    )
