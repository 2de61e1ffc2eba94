"""studio serve: the engine and the local API without a window."""

from __future__ import annotations

from typing import Annotated

import typer

from studio.app.bootstrap import Access
from studio.app.studio import Studio
from studio.cli import exits, output, session
from studio.cli.options import Json
from studio.server.health import serve_health


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0 picks a free one.")] = 0,
    json: Json = False,
) -> None:
    """Take up unfinished turns and answer GET /health on loopback until stopped."""

    async def verb(studio: Studio) -> int:
        def on_ready(address: str) -> None:
            if json:
                output.line({"kind": "serving", "url": address})
            else:
                print(f"Serving on {address}", flush=True)

        await serve_health(studio, port, on_ready)
        return exits.OK

    session.run(verb, Access.ENGINE)
