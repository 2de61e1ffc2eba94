"""Pieces of what is going on right now, that nobody keeps."""

from __future__ import annotations

from dataclasses import dataclass

from studio.domain.ids import ProjectId, RunId

SCREENSHOT = "screenshot"
"""The kind of delta that asks whoever shows the run's preview for a picture of it."""

CONSOLE = "console"
"""The kind of delta that says that the console of the run's app has something new to be read."""

SANDBOX = "sandbox"
"""The kind of delta that says that the run's sandbox begins to start, or that nothing came of it."""

PAGE = "page"
"""The kind of delta that asks whoever shows the run's preview to do something in its page and to say what is there."""

WHOLE = (SCREENSHOT, PAGE, CONSOLE, SANDBOX)
"""The kinds of delta that are no piece of anything: requests to a window, and news for one."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A transient piece of a stream: shown, never recorded.

    `kind` is `text` or `thinking` (a model speaking), `output` (a command's output, `call` names the call) or `setup`
    (the sandbox's image being made). `CONSOLE` and `SANDBOX` say that there is something to read. Of a request `call`
    is the name and `text` what is asked. Those in `WHOLE` are no piece of anything.
    """

    project: ProjectId
    run: RunId
    kind: str
    text: str
    call: str = ""
