"""Console words: an entry as text, for a model and for files."""

from __future__ import annotations

from studio.domain.console import ConsoleEntry, ConsoleKind
from studio.domain.references import unreferring

_STACK = 5


def line_of(entry: ConsoleEntry) -> str:
    """One entry: `error: TypeError: … (src/App.jsx:12:5) ×3`; who wrote a log is named, calls stand below an error."""
    named = entry.kind in (ConsoleKind.NETWORK, ConsoleKind.REJECTION, ConsoleKind.RESOURCE, ConsoleKind.CSP)
    kind = f" [{entry.kind}]" if named else f" [service {entry.method}]" if entry.kind is ConsoleKind.SERVICE else ""
    process = {ConsoleKind.LOG: f" [{entry.method}]", ConsoleKind.SANDBOX: " [sandbox]"}.get(entry.kind, "")
    source = f" ({entry.source})" if entry.source else ""
    times = f" ×{entry.count}" if entry.count > 1 else ""
    led = "".join(f"\n    from {place}" for place in calls(entry)[:_STACK]) if entry.level == "error" else ""
    return f"{entry.level.value}{kind}{process}: {entry.text}{source}{times}{led}"


def calls(entry: ConsoleEntry) -> list[str]:
    """The places that led to an entry, without its own, and without those of packages where others are left."""
    places = [frame.place for frame in entry.stack if frame.place and frame.place != entry.source]
    own = [frame.place for frame in entry.stack if not frame.is_library and frame.place in places]
    return own or places


def told_to_agent(entry: ConsoleEntry) -> str:
    """An entry for a message that a person writes: what the app wrote is told apart from their own words."""
    return f"The app wrote this to its console:\n{quoted(line_of(entry))}\n"


def asked_to_fix(entry: ConsoleEntry) -> str:
    """The message that asks an agent to fix what an entry tells of."""
    where = f" It points to {entry.path}, line {entry.line}." if entry.path and entry.line else ""
    page = f"The page was:\n{quoted(entry.page)}\n" if entry.page else ""
    return (
        f"Fix this error of the app.{where} Find its cause, mend it, and see that the error is gone.\n\n"
        f"{told_to_agent(entry)}{page}"
    )


def quoted(text: str) -> str:
    """What a page or a program wrote, told apart line by line from the words around it; it refers to nothing."""
    return "\n".join(f"> {line}" for line in unreferring(text).splitlines())
