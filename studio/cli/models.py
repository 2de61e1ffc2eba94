"""studio models: which models can be used, and what they can do."""

from __future__ import annotations

import typer

from studio.cli import fitness
from studio.cli.verbs import Verbs

app = typer.Typer(cls=Verbs, help="Models: what they can do, and for which roles.", no_args_is_help=True)

app.command("fit")(fitness.fit)
