"""studio sandbox: the containers that runs work in."""

from __future__ import annotations

import typer

from studio.cli.network import network
from studio.cli.verbs import Verbs

app = typer.Typer(cls=Verbs, help="Sandboxes: what runs work in, and what they reach.", no_args_is_help=True)

app.command("network")(network)
