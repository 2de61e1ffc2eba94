"""studio attach: a shell inside a run's container, for the terminal panel."""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import Annotated

import typer

from studio.app.sandboxing import open_terminal
from studio.cli import session
from studio.cli.screen import Screen
from studio.domain import exits
from studio.domain.errors import StudioError


def attach(container: Annotated[str, typer.Argument(help="The container's id.")]) -> None:
    """Attach this terminal to a shell inside a container."""
    raise typer.Exit(asyncio.run(_attach(container)))


async def _attach(container: str) -> int:
    size = shutil.get_terminal_size()
    try:
        async with open_terminal(os.environ, container, size.columns, size.lines) as stream:
            return await Screen(stream).run()
    except StudioError as error:
        session.tell(error)
        return exits.of_error(error)
