"""What a small language model run here is worth: python bench/small_model.py MODEL MANIFEST.

MODEL is a GGUF file or a folder; MANIFEST has questions that articles answer, with `text`. Told are
the time to the first token, tokens a second of clock and of processor, and what became of each
sentence it wrote: said, or refused and why.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.progress import track

from app.config import Settings
from app.engines import build_embedder, build_parser, build_responder
from app.house import read_settings
from app.local_model import LocalModel
from app.manifest import read_manifest
from dialogue.manager import step
from dialogue.nlu.language import written_language
from dialogue.pack import load_domain
from dialogue.response.grounding import Asked, fault, prompt
from dialogue.response.wording import sentences
from dialogue.types import Act, State, Turn


def asked(settings: Settings, texts: list[str]) -> Iterator[Asked]:
    """What a model would be asked to add, where an article answers."""
    domain, embedder = load_domain(settings.pack), build_embedder(settings)
    parser, responder = (
        build_parser(settings, domain, embedder),
        build_responder(settings, domain, embedder),
    )
    for text in texts:
        language = written_language(text, "en")
        state = State(language=language)
        meaning = parser.parse(text, language, state)
        state, decision = step(domain, state, meaning)
        if decision.act is not Act.ANSWER:
            continue
        plan = responder.plan(decision, Turn("t", "bench", language, text), meaning, state)
        if plan.grounds and len(plan.clauses) > 1:
            yield Asked(text, plan.grounds, plan.clauses[0], language)


def main() -> None:
    """Reads the arguments and prints one JSON object."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("model", type=Path)
    given.add_argument("manifest", type=Path)
    given.add_argument("--n", type=int, default=24)
    given.add_argument("--tokens", type=int, default=48)
    args = given.parse_args()
    settings = read_settings()
    rows = [str(row["text"]) for row in read_manifest(args.manifest)]
    questions = list(asked(settings, rows))[: args.n]
    begun = time.perf_counter()
    model = LocalModel(args.model, args.tokens, settings.speech.threads)
    loading = time.perf_counter() - begun
    first: list[float] = []
    pieces, clock, work = 0, 0.0, 0.0
    came: Counter[str] = Counter()
    for each in track(questions):
        at, cpu, told = time.perf_counter(), time.process_time(), ""
        start = None
        for piece in model.write(prompt(each), lambda: False):
            if start is None:
                start, cpu = time.perf_counter(), time.process_time()
                first.append(start - at)
            else:
                pieces += 1
            told += piece
        clock += time.perf_counter() - (start or at)
        work += time.process_time() - cpu
        came.update(fault(s, each) or "said" for s in sentences(told) if s.strip())
    scores = {
        "questions": len(questions),
        "load_s": round(loading, 1),
        "first_token_s": round(statistics.median(first), 2) if first else None,
        "tokens_per_s": round(pieces / clock, 1) if clock else None,
        "tokens_per_processor_s": round(pieces / work, 1) if work else None,
        "sentences": dict(came.most_common()),
    }
    print(json.dumps(scores, ensure_ascii=False))


if __name__ == "__main__":
    main()
