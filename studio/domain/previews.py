"""Previews: how the web app of a run is started, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Launch:
    """A way to start the app of a workspace.

    `kind` says what it is (`Vite`), `reason` how that was seen, `command` is the whole line for bash, and `line` what
    people know it by, without what Studio makes ready before it; empty where that is all. `ports` is where such an app
    usually listens. `reloads` says that its page changes by itself when a file does, `watches` that its
    server does; one that does not is started again to see a change, and one that is `late` takes a moment for it.
    """

    kind: str
    command: str
    reason: str
    ports: tuple[int, ...] = ()
    reloads: bool = False
    watches: bool = True
    late: bool = False
    line: str = ""

    @property
    def title(self) -> str:
        """The command as people know it."""
        return self.line or self.command


def launch_of(typed: str, known: tuple[Launch, ...], folder: str) -> Launch:
    """The way that a person means by a line: one that is known, that one with more behind it, or a line of their own.

    A line of their own is read in `folder`.
    """
    typed = typed.strip()
    for launch in known:
        if typed in (launch.line, launch.command):
            return launch
    for launch in known:
        if launch.line and typed.startswith(f"{launch.line} "):
            return replace(launch, command=launch.command + typed.removeprefix(launch.line), line=typed)
    return Launch("", f"cd {folder} && {typed}", "you said so", line=typed)


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

    `process`, `command` as people know it, `said` (the end of its output), `exit_code`, `seconds` and `stopped`, that
    somebody ended it, are of what was started for the preview; `kind`, `reloads`, `watches`, `late` and `awaited`, the
    ports on which such an app usually listens, of the way it was found. `silent` are open ports without HTTP.
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
    awaited: tuple[int, ...] = ()
