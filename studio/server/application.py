"""The server face: the engine and the local API, without a window."""

from __future__ import annotations

import asyncio
import json as json_text
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.signals import until_interrupted
from studio.base.text import shown_lines
from studio.domain import exits
from studio.domain.clock import to_text
from studio.domain.errors import StudioError
from studio.domain.runs import Outcome
from studio.server.health import serve_health


def run_server(environment: Mapping[str, str], port: int, *, json: bool) -> int:
    """Serves until Ctrl+C or SIGTERM, or until it cannot do the work any more; returns the exit code."""
    return asyncio.run(_run(environment, port, json=json))


async def _run(environment: Mapping[str, str], port: int, *, json: bool) -> int:
    try:
        studio = await open_studio(environment, Access.ENGINE)
        try:
            await until_interrupted(_serve(studio, port, json=json))
        finally:
            await studio.close()
    except StudioError as error:
        print(shown_lines(f"studio: {error.sentence}\n        {error.action}".rstrip()), file=sys.stderr)
        if json:
            _line(_outcome(exits.outcome_of(error), error.sentence, error.action))
        return exits.of_error(error)
    if json:
        _line(_outcome(Outcome.CANCELLED))
    return exits.OK


async def _serve(studio: Studio, port: int, *, json: bool) -> None:
    """Answers until it is cancelled; raises StudioError when the engine cannot be taken over from one that ended."""

    def on_ready(address: str) -> None:
        if json:
            _line({"kind": "serving", "url": address})
        else:
            print(f"Serving on {address}", flush=True)

    serving = asyncio.create_task(serve_health(studio, port, on_ready))
    lost = asyncio.create_task(studio.engine_lost())
    with suppress(asyncio.CancelledError):
        await asyncio.wait({serving, lost}, return_when=asyncio.FIRST_COMPLETED)
    for task in (serving, lost):
        task.cancel()
    ends = await asyncio.gather(serving, lost, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


def _outcome(outcome: Outcome, reason: str = "", action: str = "") -> dict[str, Any]:
    """The last line for programs; to be stopped by a person is how serving ends well."""
    about = {"seq": None, "time": to_text(datetime.now(UTC)), "project": None, "run": None}
    return {"kind": "outcome", **about, "outcome": outcome.value, "reason": reason or None, "action": action or None}


def _line(value: dict[str, Any]) -> None:
    print(json_text.dumps(value), flush=True)
