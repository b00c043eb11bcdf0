"""`lingxi eval`: how well Lingxi understands, one measure a file."""

from __future__ import annotations

import typer

from app.commands.evaluate_feeling import feeling_command
from app.commands.evaluate_nlu import nlu
from app.commands.evaluate_products import products
from app.commands.evaluate_receipts import receipts
from app.commands.evaluate_retrieval import retrieval
from app.commands.evaluate_spoken import spoken

evaluation = typer.Typer(help="Measures understanding on a manifest.", no_args_is_help=True)
evaluation.command()(nlu)
evaluation.command()(spoken)
evaluation.command()(retrieval)
for task in ("emotion", "sentiment"):
    evaluation.command(task)(feeling_command(task))
evaluation.command()(products)
evaluation.command()(receipts)
