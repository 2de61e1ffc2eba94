"""Pieces of what is going on right now, that nobody keeps."""

from __future__ import annotations

from dataclasses import dataclass

from studio.domain.ids import ProjectId, RunId

SCREENSHOT = "screenshot"
"""The kind of delta that asks whoever shows the run's preview for a picture of it."""

CONSOLE = "console"
"""The kind of delta that says that the console of the run's app has something new to be read."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A transient piece of a stream: shown, never recorded.

    `kind` is `text` or `thinking` (a model speaking), `output` (a command's output, `call` names the call) or `setup`
    (the sandbox's image being made). `CONSOLE` says that there is something to read.
    `SCREENSHOT` is a request and no piece of anything: `call` names the request.
    """

    project: ProjectId
    run: RunId
    kind: str
    text: str
    call: str = ""
