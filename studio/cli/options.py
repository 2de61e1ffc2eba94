"""Options that several verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Write JSON for programs on standard output.")]
ProjectOption = Annotated[str | None, typer.Option("--project", "-p", help="A project's name, or its path.")]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or its beginning.")]
CheckpointArgument = Annotated[str, typer.Argument(metavar="ID", help="The checkpoint's id.")]
Wait = Annotated[
    bool, typer.Option("--wait", help="When the turn is parked, stay until it has gone on and ended otherwise.")
]
