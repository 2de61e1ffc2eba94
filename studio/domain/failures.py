"""What failed in a preview, in words."""

from __future__ import annotations

from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.domain.events import PreviewFailed

_NOT_NOTED = ("favicon.ico", "[HMR]", "[vite] connecting")
_NAMES = {
    ConsoleKind.CONSOLE.value: "The page wrote an error",
    ConsoleKind.ERROR.value: "Uncaught error",
    ConsoleKind.REJECTION.value: "Promise that nobody caught",
    ConsoleKind.NETWORK.value: "Request that failed",
    ConsoleKind.RESOURCE.value: "Part of the page that was not loaded",
    ConsoleKind.CSP.value: "Stopped by the page's content security policy",
    ConsoleKind.LOG.value: "The app's process wrote an error",
    ConsoleKind.SERVICE.value: "A service beside the app wrote an error",
    ConsoleKind.SANDBOX.value: "The container's own program wrote an error",
}


def is_failure(entry: ConsoleEntry) -> bool:
    """Whether an entry, by its own words and place, is a failure that an agent is to be told of unasked."""
    if entry.level is not ConsoleLevel.ERROR or any(part in f"{entry.text} {entry.source}" for part in _NOT_NOTED):
        return False
    # An access log or a library says "error" for much; one with a place in the source is one to mend.
    return entry.kind.is_of_page or bool(entry.path)


def failure_name(failure: str) -> str:
    """What kind of failure it is, for people and models."""
    return _NAMES.get(failure, "Error")


def heading(failed: PreviewFailed) -> str:
    """What kind of failure, where and how often: `Uncaught error at src/cart.js:12:5 (3 times)`."""
    times = f" ({failed.count} times)" if failed.count > 1 else ""
    where = f" at {failed.source}" if failed.source else ""
    return f"{failure_name(failed.failure)}{where}{times}"


def in_a_line(failed: PreviewFailed) -> str:
    """The failure and the first line of its text; nothing in it is trusted."""
    return f"{heading(failed)}: {failed.text.strip().partition(chr(10))[0]}"
