"""The `lingxi` command."""

from __future__ import annotations

import typer

from app import logs
from app.commands import (
    ask,
    bench,
    bench_customers,
    bench_endings,
    bench_soak,
    bench_voice,
    evaluate,
    forget,
    joint,
    phones,
    serve,
    stories,
    upkeep,
)

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
lingxi.add_typer(bench.bench, name="bench")
joint.joint.command("train")(phones.train_phones)
lingxi.add_typer(joint.joint, name="joint")
lingxi.add_typer(upkeep.models, name="models")
lingxi.add_typer(upkeep.operator, name="operator")
lingxi.add_typer(upkeep.db, name="db")


def main() -> None:
    """Runs the command line; logs go to standard error."""
    logs.configure("WARNING")
    lingxi()


if __name__ == "__main__":
    main()
