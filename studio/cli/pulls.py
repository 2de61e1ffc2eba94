"""studio models pull: lets the server fetch a model, and says how far it is."""

from __future__ import annotations

import asyncio
import shutil
import sys
from typing import Annotated

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.text import sized
from studio.cli import output, session
from studio.cli.options import Json
from studio.domain import exits
from studio.domain.pulls import Pull, PullProgress, PullState, PullStep

_WORDS = {
    PullStep.ASKING: "asking what it consists of",
    PullStep.FETCHING: "fetching",
    PullStep.CHECKING: "checking what came",
    PullStep.SAVING: "saving",
}
_STEP_PERCENT = 10


def pull(
    model: Annotated[str, typer.Argument(help="The model: ollama/NAME, or NAME.")],
    json: Json = False,
) -> None:
    """Fetch a model onto the server that is to run it. One that was broken off goes on where it stopped."""

    async def verb(studio: Studio) -> int:
        ref = studio.pulls.named(model)
        studio.models.require_usable(ref)
        line = ProgressLine(str(ref))
        try:
            done = await studio.pulls.follow(await studio.pulls.start(ref), line.show)
        except asyncio.CancelledError:
            line.end()
            output.note(f"What came is kept: studio models pull {ref} goes on from there.")
            raise
        finally:
            line.end()
        if json:
            output.document({"model": str(done.model), "bytes": done.progress.total})
        else:
            output.say(f"{ref} is there ({sized(done.progress.total)}).")
        return exits.OK

    session.run(verb, Access.READ)


class ProgressLine:
    """How far a pull is, on standard error: one line that changes in a terminal, a few lines elsewhere."""

    def __init__(self, model: str) -> None:
        self._model = output.one_line(model)
        self._said: tuple[PullStep, int] | None = None
        self._open = False
        self._changing = sys.stderr.isatty()

    def show(self, pull: Pull) -> None:
        """Takes in how the pull stands."""
        if pull.state is not PullState.RUNNING:
            return
        progress = pull.progress
        percent = 100 * progress.done // progress.total if progress.total else 0
        words = f"{self._model}: {_in_words(progress, percent)}"
        if self._changing:
            room = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[2K{words[:room]}", end="", file=sys.stderr, flush=True)
            self._open = True
            return
        said = (progress.step, percent // _STEP_PERCENT)
        if said != self._said:
            self._said = said
            output.note(words)

    def end(self) -> None:
        """Leaves the line as it is; what is said next stands below it."""
        if self._open:
            self._open = False
            print(file=sys.stderr, flush=True)


def _in_words(progress: PullProgress, percent: int) -> str:
    words = _WORDS[progress.step]
    if progress.step is not PullStep.FETCHING or not progress.total:
        return words
    return f"{words}, {percent} % ({sized(progress.done)} of {sized(progress.total)})"
