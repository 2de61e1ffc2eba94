"""Console words: an entry as text, for a model and for files."""

from __future__ import annotations

from studio.domain.console import ConsoleEntry, ConsoleKind

_STACK = 5


def line_of(entry: ConsoleEntry) -> str:
    """One entry: `error: TypeError: … (src/App.jsx:12:5) ×3`, a process named, the calls that led to an error below."""
    kind = f" [{entry.kind}]" if entry.kind not in (ConsoleKind.CONSOLE, ConsoleKind.ERROR, ConsoleKind.LOG) else ""
    process = f" [{entry.method}]" if entry.kind is ConsoleKind.LOG else ""
    source = f" ({entry.source})" if entry.source else ""
    times = f" ×{entry.count}" if entry.count > 1 else ""
    calls = [frame.place for frame in entry.stack[1 : _STACK + 1]] if entry.level == "error" else []
    led = "".join(f"\n    from {place}" for place in calls if place)
    return f"{entry.level.value}{kind}{process}: {entry.text}{source}{times}{led}"
