"""Options: the arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Manifest = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON Lines or CSV.")]
DomainName = Annotated[str, typer.Option("--domain", help="The domain pack.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")]
Train = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="Trains a head on this manifest.")
]
Label = Annotated[str, typer.Option(help="The column with the label.")]
Folds = Annotated[
    int, typer.Option(min=0, help="Trains on all parts but one of the manifest, in turn.")
]
Group = Annotated[str, typer.Option(help="The column whose rows stay together in --folds.")]
Speaker = Annotated[
    str,
    typer.Option(help="Column naming the speaker: each voice is heard beside its own mean."),
]
Adapt = Annotated[
    bool,
    typer.Option(
        "--adapt", help="Standardises what is judged together by its own mean and spread."
    ),
]
