"""Previews: how the web app of a run is started, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Launch:
    """A way to start the app of a workspace.

    `kind` says what it is (`Vite`), `reason` how that was seen, `command` is the whole line for bash. `ports` is where
    such an app usually listens. `reloads` says that its page changes by itself when a file does, `watches` that its
    server does; one that does not is started again to see a change, and one that is `late` takes a moment for it.
    """

    kind: str
    command: str
    reason: str
    ports: tuple[int, ...] = ()
    reloads: bool = False
    watches: bool = True
    late: bool = False


class PreviewStage(StrEnum):
    """How far an app is from being seen."""

    NONE = "none"
    """There is no container."""
    IDLE = "idle"
    """The container is up, and nothing in it can be shown."""
    STARTING = "starting"
    """The app was started, and none of its ports answers yet."""
    UP = "up"
    ENDED = "ended"
    """What was started has ended."""
    ASLEEP = "asleep"
    """The container is paused, and the app with it; the next use wakes both."""


@dataclass(frozen=True, slots=True)
class PreviewState:
    """An app as it stands; `port` is the one to show, `ports` are all it may be, `path` is where its page begins.

    `process`, `command`, `said` (the end of its output), `exit_code`, `seconds` and `stopped`, that somebody ended it,
    are of what was started for the preview; `kind`, `reloads`, `watches` and `late` of the way it was found. `silent`
    are ports that are open and do not answer HTTP.
    """

    stage: PreviewStage
    port: int = 0
    path: str = "/"
    ports: tuple[int, ...] = ()
    silent: tuple[int, ...] = ()
    process: str = ""
    command: str = ""
    kind: str = ""
    reloads: bool = False
    watches: bool = True
    late: bool = False
    said: str = ""
    exit_code: int | None = None
    seconds: float = 0.0
    stopped: bool = False
