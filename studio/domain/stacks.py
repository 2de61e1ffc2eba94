"""Stacks: the calls that led to an error, read from what browsers, Node and Python write."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from studio.domain.console import StackFrame

FRAMES = 12
"""So many calls of one stack are kept, the innermost."""

WORKSPACE = "/workspace/"
"""Where the files of a run lie inside its container."""

_LONGEST_LINE = 1000
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_V8 = re.compile(
    r"^\s*at (?:(?:async )?(?P<name>[^(]{1,200}?) \()?(?P<source>[^()\s][^()]*?):(?P<line>\d+):(?P<column>\d+)\)?$"
)
_GECKO = re.compile(r"^(?P<name>[^@\s]{0,200})@(?P<source>\S+?):(?P<line>\d+):(?P<column>\d+)$")
_PYTHON = re.compile(r'^[\s|+-]*File "(?P<source>[^"]+)", line (?P<line>\d+)(?:, in (?P<name>.+))?$')
# Each run of such characters is taken whole and looked at once: a long text of them costs its length and no more.
_PATHS = re.compile(r"(?P<source>[\w.@+/-]++)(?=:(?P<line>\d+)(?::(?P<column>\d+))?|)")
_SOURCE = re.compile(r"[\w.@+-]\.(?:[cm]?[jt]sx?|vue|svelte|py|css|scss|html|astro)\Z")


def frames_of(stack: str) -> tuple[StackFrame, ...]:
    """The calls of a stack of a browser or Node, innermost first; lines that are none are passed over."""
    lines = (line[:_LONGEST_LINE] for line in stack.split("\n", 200)[:200])
    found = (match for line in lines if (match := _V8.match(line) or _GECKO.match(line)))
    return tuple(_frame(match) for match, _ in zip(found, range(FRAMES), strict=False))


def python_frames(text: str) -> tuple[StackFrame, ...]:
    """The calls of Python's traceback, innermost first."""
    lines = (line[:_LONGEST_LINE] for line in text.split("\n")[-200:])
    found = [match for line in lines if (match := _PYTHON.match(line))]
    return tuple(_frame(match) for match in found[: -FRAMES - 1 : -1])


def named_place(text: str) -> StackFrame | None:
    """The first `file:line:column` of source that a text names, as compilers do."""
    for match in _PATHS.finditer(text[:4000]):
        if match["line"] and _SOURCE.search(match["source"][-20:]):
            frame = _frame(match)
            return replace(frame, source=_path_in(frame.source))
    return None


def _path_in(run: str) -> str:
    """What is a path at the end of a run of a path's characters: the workspace's, or one from nowhere."""
    _, doubled, rest = run.rpartition("//")
    path = f"/{rest}" if doubled else run
    return path if path.startswith(WORKSPACE) else path.lstrip("/")


def within_app(address: str) -> str:
    """The part of an address that says where within the app it is: path and query, as the app serves it."""
    if address.startswith("file://"):
        address = address.removeprefix("file://")
    if "://" not in address:
        return address
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return address
    if parts.scheme not in ("http", "https") or host not in _LOCAL:
        return address
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _frame(match: re.Match[str]) -> StackFrame:
    said = match.groupdict()
    name = (said.get("name") or "").strip()
    return StackFrame(name[:200], within_app(said["source"]), _number(said["line"]), _number(said.get("column")))


def _number(text: str | None) -> int:
    return int(text) if text and len(text) < 9 else 0
