"""studio window: opens the window, which is also what no verb does."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import Annotated

import typer

from studio.cli.wanted import WindowWanted


def window(
    path: Annotated[
        str | None, typer.Argument(help="A project's name or path; the last one open when left out.")
    ] = None,
) -> None:
    """Open the window."""
    # The faces know nothing of each other; what the entry point does next decides it.
    raise WindowWanted(path)


def version() -> str:
    """The program's version."""
    try:
        return installed_version("studio")
    except PackageNotFoundError:
        return "from source"
