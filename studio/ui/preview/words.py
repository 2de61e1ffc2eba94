"""Words of the preview: what an app's state means, what caused it, and the one thing to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.base.text import shorten
from studio.domain.console_words import quoted
from studio.domain.ids import RunId
from studio.domain.previews import PreviewStage, PreviewState

ASLEEP = "Nobody used its container for a while. It wakes as soon as the page is used."
_LONG_SECONDS = 20
_ASKED_CHARACTERS = 1500
_MOST_PORTS = 3
_KILLED = 137
_NOT_FOUND = 127
_CAUSES = (
    (r"EADDRINUSE|[Aa]ddress already in use|port \d+ is already", "The port it wants is taken by something else."),
    (r"EADDRNOTAVAIL|[Cc]annot assign requested address",
     "It wants an address that its container does not have: IPv6 is not there. Let it listen on 127.0.0.1, not ::1."),
    (r"ENOTFOUND|EAI_AGAIN|Temporary failure in name resolution|getaddrinfo|NewConnectionError|ENETUNREACH",
     "It wanted something from the network, which this container cannot reach."),
    (r"No module named|ModuleNotFoundError|Cannot find module|ERR_MODULE_NOT_FOUND|Cannot find package",
     "A package that it needs is not installed in the container."),
    (r"ENOSPC|No space left on device", "There is no room left on the disk of the container."),
    (r"JavaScript heap out of memory|MemoryError|Cannot allocate memory", "It needs more memory than there is."),
    (r"SyntaxError|IndentationError|Failed to parse|Transform failed", "Its code cannot be read."),
    (r"[Cc]onnection refused|ECONNREFUSED", "A service that it needs, such as a database, does not answer."),
    (r"Permission denied|EACCES", "It is not allowed to do something that it tries."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """A title, its cause and the next action; `output` is what the app said itself, `question` what to ask an agent."""

    title: str
    cause: str = ""
    action: str = ""
    output: str = ""
    question: str = ""


NO_RUN = Words(
    "No run is selected", "The preview shows the app inside a run's container: send an agent a message first."
)
STARTING = Words("Starting the app\N{HORIZONTAL ELLIPSIS}", "Its container comes up first where it is not.")
CRASHED = Words("The page's process has crashed", "Studio and the container are not touched by it.", "Reload")
FLOODED = Words(
    "The page was stopped",
    "It wrote more to its console than the window can take, from workers or frames, and went on. The app still runs.",
    "Load it again",
)


def words_of(run: RunId, state: PreviewState) -> Words:
    """How an app that cannot be shown stands."""
    kind = f"the {state.kind} app" if state.kind not in ("", "Static site", "Procfile") else "the app"
    match state.stage:
        case PreviewStage.NONE | PreviewStage.IDLE:
            return Words(f"The app of {run} is not shown yet", action="Show the preview")
        case PreviewStage.STARTING if state.silent:
            ports = ", ".join(str(port) for port in state.silent)
            many = "s" if len(state.silent) > 1 else ""
            cause = f"Port{many} {ports} opened, and no web page answers there."
            question = asked_to_start(state, f"port{many} {ports} opened, and no web page answers there")
            return Words(f"Waiting for {kind} to answer", cause, "Stop it", state.said, question)
        case PreviewStage.STARTING:
            question = asked_to_start(state, f"no port opened in {state.seconds:.0f} seconds") if is_slow(state) else ""
            return Words(f"Starting {kind}\N{HORIZONTAL ELLIPSIS}", _so_far(state), "Stop it", state.said, question)
        case PreviewStage.ENDED if state.stopped:
            return Words(
                f"{kind[0].upper()}{kind[1:]} was stopped", "It runs again as soon as you want.", "Start it again"
            )
        case PreviewStage.ENDED:
            title = f"{kind[0].upper()}{kind[1:]} has ended{_code(state)}"
            return Words(
                title,
                cause_of(state),
                "Start it again",
                state.said,
                asked_to_start(state, f"it has ended{_code(state)}"),
            )
        case PreviewStage.ASLEEP:
            return Words(f"{kind[0].upper()}{kind[1:]} is asleep", ASLEEP, "Wake it")
        case PreviewStage.UP:
            question = asked_to_start(state, f"it does not answer on port {state.port}")
            return Words(
                f"The app on port {state.port} did not answer", "It may still be starting.", "Try again", "", question
            )


def cause_of(state: PreviewState) -> str:
    """Why an app ended, as far as its code and its words tell."""
    if state.exit_code == _KILLED:
        return "It was killed from outside, most likely because the container ran out of memory."
    if state.exit_code == _NOT_FOUND:
        return "A program that it needs is not in the container."
    found = next((cause for pattern, cause in _CAUSES if re.search(pattern, state.said)), "")
    return found or ("Its last words tell why." if state.said.strip() else "It said nothing.")


def asked_to_start(state: PreviewState, problem: str) -> str:
    """The message that asks an agent why the app is not to be seen; what the app wrote is told apart from it."""
    said = state.said.strip()[-_ASKED_CHARACTERS:]
    command = shorten(state.command, _ASKED_CHARACTERS)
    begun = f"It was started by:\n{quoted(command)}\n" if command else ""
    last = f"Its last words were:\n{quoted(said)}\n" if said else ""
    lead = f"The app of the preview is not to be seen: {problem}. Find the cause, mend it, and see that it comes up."
    return f"{lead}\n\n{begun}{last}"


def is_slow(state: PreviewState) -> bool:
    """Whether an app takes so long to start that the person may want another way."""
    return state.stage is PreviewStage.STARTING and state.seconds > _LONG_SECONDS


def _so_far(state: PreviewState) -> str:
    ports = " or ".join(str(port) for port in state.awaited[:_MOST_PORTS])
    awaited = f", waiting for port {ports} to open" if ports else ""
    long = " Another command can be started below." if is_slow(state) else ""
    return f"{state.command}\n{state.seconds:.0f} seconds so far{awaited}.{long}".strip()


def _code(state: PreviewState) -> str:
    return f" with exit code {state.exit_code}" if state.exit_code else ""
