"""The server face: the engine and the local API, without a window."""

from __future__ import annotations

import asyncio
import json as json_text
import sys
from collections.abc import Mapping

from studio.app.bootstrap import Access, open_studio
from studio.base.signals import until_interrupted
from studio.domain.errors import StudioError
from studio.server.health import serve_health

FAILED = 5


def run_server(environment: Mapping[str, str], port: int, *, json: bool) -> int:
    """Serves until Ctrl+C or SIGTERM; returns the exit code."""
    return asyncio.run(_run(environment, port, json=json))


async def _run(environment: Mapping[str, str], port: int, *, json: bool) -> int:
    def on_ready(address: str) -> None:
        line = json_text.dumps({"kind": "serving", "url": address}) if json else f"Serving on {address}"
        print(line, flush=True)

    try:
        studio = await open_studio(environment, Access.ENGINE)
        try:
            await until_interrupted(serve_health(studio, port, on_ready))
        finally:
            await studio.close()
    except StudioError as error:
        print(f"studio: {error.sentence}\n        {error.action}".rstrip(), file=sys.stderr)
        return FAILED
    return 0
