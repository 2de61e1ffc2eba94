"""A verb's session: opens Studio, runs the verb, says what went wrong."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any

import typer

from studio.app.bootstrap import Access, open_studio
from studio.app.studio import Studio
from studio.base.log import logger
from studio.base.signals import until_interrupted
from studio.cli import exits, output
from studio.domain.errors import StudioError

log = logger("cli")

Verb = Callable[[Studio], Coroutine[Any, Any, int]]


def run(verb: Verb, access: Access) -> None:
    """Runs a verb to its end and exits with its code; a StudioError is told in its own words.

    A verb that is interrupted by Ctrl+C is cancelled and ends with 130.
    """
    raise typer.Exit(asyncio.run(_run(verb, access)))


async def _run(verb: Verb, access: Access) -> int:
    try:
        studio = await open_studio(os.environ, access)
        try:
            return await until_interrupted(verb(studio))
        finally:
            await studio.close()
    except asyncio.CancelledError:
        return exits.CANCELLED
    except StudioError as error:
        tell(error)
        return exits.of_error(error)
    except BrokenPipeError:
        raise  # no fault: whoever read our output has gone
    except Exception as bug:
        log.exception("verb_broke")
        tell(
            StudioError(
                f"Studio itself failed: {type(bug).__name__}: {bug}",
                "The details are in its log, logs/studio.log of the data folder; please report it.",
            )
        )
        return exits.FAILED


def tell(error: StudioError) -> None:
    """Says an error on standard error: what happened, then what to do."""
    output.note(f"studio: {output.below(error.sentence, 8)}")
    if error.action:
        output.note(f"        {output.below(error.action, 8)}")
