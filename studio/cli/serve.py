"""studio serve: the engine and the local API without a window."""

from __future__ import annotations

from typing import Annotated

import typer

from studio.cli.options import Json
from studio.cli.wanted import ServerWanted


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0 picks a free one.")] = 0,
    json: Json = False,
) -> None:
    """Take up unfinished turns and answer GET /health on loopback until stopped."""
    # The faces know nothing of each other; the entry point starts the one that is wanted.
    raise ServerWanted(port, json)
