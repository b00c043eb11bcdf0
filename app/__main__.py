"""The `lingxi` command."""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError

from app import logs
from app.commands import (
    ask,
    bench,
    bench_customers,
    bench_endings,
    bench_soak,
    bench_stories,
    bench_voice,
    evaluate,
    forget,
    joint,
    phones,
    serve,
    stories,
    upkeep,
)
from dialogue.domain import PackError

lingxi = typer.Typer(
    name="lingxi",
    help="Customer service that hears, sees and answers, in Chinese and English.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
lingxi.command()(serve.serve)
lingxi.command()(ask.ask)
lingxi.command("test")(stories.tell)
lingxi.command()(upkeep.seed)
lingxi.command()(forget.forget)
lingxi.add_typer(evaluate.evaluation, name="eval")
bench.bench.command()(bench_voice.voice)
bench.bench.command()(bench_customers.customers)
bench.bench.command()(bench_endings.endings)
bench.bench.command()(bench_soak.soak)
bench.bench.command()(bench_stories.stories)
lingxi.add_typer(bench.bench, name="bench")
joint.joint.command("train")(phones.train_phones)
lingxi.add_typer(joint.joint, name="joint")
lingxi.add_typer(upkeep.models, name="models")
lingxi.add_typer(upkeep.operator, name="operator")
lingxi.add_typer(upkeep.db, name="db")


def main() -> None:
    """Runs the command line; logs go to standard error.

    What the person at the keyboard can put right is told in a sentence, not as a traceback.
    """
    logs.configure("WARNING")
    try:
        lingxi()
    except ValidationError as error:
        sys.exit(wrong_settings(error))
    except (PackError, OSError) as error:
        sys.exit(f"lingxi: {error}")


def wrong_settings(error: ValidationError) -> str:
    """What is wrong with which setting, one a line, without the values: some are secret."""
    found = error.errors(include_input=False, include_url=False)
    names = ("__".join(map(str, e["loc"])).upper() for e in found)
    told = (e["msg"].removeprefix("Value error, ") for e in found)
    return "\n".join(f"LINGXI_{n}: {m}" if n else m for n, m in zip(names, told, strict=True))


if __name__ == "__main__":
    main()
