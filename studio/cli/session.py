"""A verb's session: opens Studio, runs the verb, says what went wrong."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import typer

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.log import logger
from studio.base.signals import until_interrupted
from studio.cli import output
from studio.domain import exits
from studio.domain.errors import Cancelled, StudioError
from studio.domain.runs import RunState

log = logger("cli")

Verb = Callable[[Studio], Coroutine[Any, Any, int]]
Tell = Callable[[StudioError], None]


def run(verb: Verb, access: Access) -> None:
    """Runs a verb to its end and exits with its code; a StudioError is told in its own words.

    A verb that is interrupted by Ctrl+C is cancelled and ends with 130; one whose reader has seen enough is done.
    """
    raise typer.Exit(asyncio.run(_run(verb, access, tell, exits.OK)))


def follow(verb: Verb, *, json: bool) -> None:
    """As `run`, with the engine, for a verb that follows work to its outcome.

    With `json` an outcome is the last line also when there was no work to follow. Work whose reader has gone is
    not known to be done.
    """
    told = _tell_as_outcome if json else tell
    raise typer.Exit(asyncio.run(_run(verb, Access.ENGINE, told, exits.READER_GONE)))


async def _run(verb: Verb, access: Access, told: Tell, reader_gone: int) -> int:
    try:
        return await _done(verb, access, told)
    except BrokenPipeError:
        return reader_gone


async def _done(verb: Verb, access: Access, told: Tell) -> int:
    try:
        studio = await open_studio(os.environ, access)
        try:
            code = await until_interrupted(verb(studio))
            if access is Access.ENGINE:
                await _name_unfinished(studio)
            return code
        finally:
            await studio.close()
    except asyncio.CancelledError:
        error: StudioError = Cancelled("You stopped it.")
    except StudioError as failed:
        error = failed
    except BrokenPipeError:
        raise  # no fault: whoever read our output has gone
    except Exception as bug:
        log.exception("verb_broke")
        error = StudioError(
            f"Studio itself failed: {type(bug).__name__}: {bug}",
            "The details are in its log, logs/studio.log of the data folder; please report it.",
        )
    told(error)
    return exits.of_error(error)


async def _name_unfinished(studio: Studio) -> None:
    """Says which turns, left by killed processes and taken up here, this end interrupts again."""
    if studio.is_attached():
        return
    for run in await studio.chats.runs():
        if run.state is RunState.WORKING:
            output.note(f"Run {run.id} has not finished its work: it goes on when Studio runs again (studio serve).")


def tell(error: StudioError) -> None:
    """Says an error on standard error: what happened, then what to do."""
    output.note(f"studio: {output.below(error.sentence, 8)}")
    if error.action:
        output.note(f"        {output.below(error.action, 8)}")


def _tell_as_outcome(error: StudioError) -> None:
    tell(error)
    output.line(output.of_broken_off(error, None, None, datetime.now(UTC)))
