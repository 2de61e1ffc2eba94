"""Log lines: what a process or service of the app writes, as console entries; what belongs to one error is one."""

from __future__ import annotations

import re
from datetime import datetime

from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.domain.stacks import frames_of, named_place, python_frames

_LINE_CHARACTERS = 2000
_BLOCK_LINES = 200
_TRACEBACK = re.compile(r"^[\s|+-]*(?:Exception Group )?Traceback \(most recent call last\):$")
_CHAINED = re.compile(r"^(?:During handling of the above exception|The above exception was the direct cause)")
_NODE_FRAME = re.compile(r"^\s+at \S")
# Possessive, as what is read is hostile: of parts that can take the same characters, each taken is given back by none.
_BEFORE = r"^\W*+(?:\d(?:[\d:.,/ -]|(?<=\d)[TZ](?![^\W\d_]))*+)?+\W*+"
_ERROR = re.compile(
    rf"{_BEFORE}(?:error|fatal|critical|panic|uncaught|unhandled|exception|traceback)\b"
    r"|^[A-Za-z_.]*(?:Error|Exception): |\[(?:error|fatal)\]|\bInternal server error\b|\berror TS\d+"
    r"|\[\d{1,9}\] (?:error|fatal|panic): ",
    re.IGNORECASE,
)
_WARNING = re.compile(rf"{_BEFORE}warn(?:ing)?\b|\[warn(?:ing)?\]|\[\d{{1,9}}\] warning: |deprecat", re.IGNORECASE)
_DETAIL = re.compile(r"^.{0,80}?\b(?:DETAIL|HINT|CONTEXT|STATEMENT|QUERY):  ")
_PREFIX = re.compile(
    r"(?:(?:INFO: {1,8})?[0-9a-f.:]{2,45} - (?:\S{1,40} \[[^\]]{10,40}\] )?(?=\"))|"
    r"(?:\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d[\d.,]{0,10}(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?\]?:? )"
)
_OWN = re.compile(r'"GET (\S{1,2000}) HTTP/1\.0"')
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def uncoloured(text: str) -> str:
    """`text` without what tells a terminal to colour it, or to move."""
    return _COLOURS.sub("", text)


def telling(line: str) -> str:
    """A line without the address and the time that it begins with, where it says more: for a list that has a time."""
    found = _PREFIX.match(line[:_LINE_CHARACTERS])
    return line[found.end() :] if found and found.end() < len(line) else line


def asked_plainly(line: str) -> str:
    """The path that an access log says was asked for in HTTP 1.0, as Studio and some proxies do; else empty."""
    found = _OWN.search(line[:_LINE_CHARACTERS])
    return found[1] if found else ""


class LogReader:
    """Reads the output of one program piece by piece; `kind` says what `name` is the name of, `title` its title."""

    def __init__(self, name: str, kind: ConsoleKind = ConsoleKind.LOG, title: str = "") -> None:
        self._name, self._title = name, title
        self._kind = kind
        self._rest = ""
        self._block: list[str] = []
        self._began: datetime | None = None
        self._is_python = self._is_error = False

    @property
    def is_waiting(self) -> bool:
        """Whether something was read that may not be whole yet: `finish` gives it when nothing more comes."""
        return bool(self._rest or self._block)

    def feed(self, text: str, now: datetime) -> tuple[ConsoleEntry, ...]:
        """The entries that are whole with this piece, which came at `now`; an entry began with its first line."""
        *lines, self._rest = (self._rest + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest = self._rest[-_LINE_CHARACTERS:]
        found = []
        for line in lines:
            clean = uncoloured(line[:_LINE_CHARACTERS]).rstrip()
            if self._block and not self._goes_on(clean):
                found += self._end()
            if not self._block:
                self._began = now
            self._begin_or_go_on(clean)
        return tuple(found)

    def finish(self, now: datetime) -> tuple[ConsoleEntry, ...]:
        """What was read and is not given yet."""
        if self._rest:
            rest, self._rest = self._rest, ""
            return (*self.feed(f"{rest}\n", now), *self._end())
        return tuple(self._end())

    def _begin_or_go_on(self, line: str) -> None:
        # Told once for each line: a block is not read again for every line that may belong to it.
        self._is_error = self._is_error if self._block else level_of(line) is ConsoleLevel.ERROR
        self._is_python = (self._is_python and bool(self._block)) or bool(_TRACEBACK.match(line))
        self._block.append(line)

    def _goes_on(self, line: str) -> bool:
        """Whether the line belongs to what was read before it."""
        block = self._block
        if len(block) >= _BLOCK_LINES:
            return False
        if self._is_python:
            last = next((one for one in reversed(block) if one), "")
            inside = last.startswith((" ", "\t")) or bool(_TRACEBACK.match(last)) or bool(_CHAINED.match(last))
            return inside or not line or bool(_CHAINED.match(line)) or (not block[-1] and bool(_TRACEBACK.match(line)))
        # Compilers and Node say below an error, indented, where it is; databases, what they were asked.
        is_below = line.startswith((" ", "\t")) and self._is_error
        is_more = self._is_error and bool(_DETAIL.match(line))
        return is_below or is_more or bool(_NODE_FRAME.match(line))

    def _end(self) -> list[ConsoleEntry]:
        block, self._block = self._block, []
        lines = [line for line in block if line]
        return [self._entry(lines)] if lines else []

    def _entry(self, lines: list[str]) -> ConsoleEntry:
        whole = "\n".join(lines)
        python = any(map(_TRACEBACK.match, lines))
        stack = python_frames(whole) if python else frames_of(whole)
        # The end of a group of exceptions is a rule below it.
        last = next((line for line in reversed(lines) if any(map(str.isalnum, line))), "").lstrip(" |+-")
        text = last if python else "\n".join(line for line in lines if not _NODE_FRAME.match(line))
        level = level_of(lines[0], failed=bool(stack))
        if not stack and level is ConsoleLevel.ERROR:
            place = named_place(whole)
            stack = (place,) if place is not None else ()
        source = stack[0].place if stack else ""
        text, began, title = text.strip(), self._began, self._title
        return ConsoleEntry(level, text, source, self._kind, self._name, stack, time=began, title=title)


def level_of(line: str, *, failed: bool = False) -> ConsoleLevel:
    """How grave a line is by its words; `failed` says that it is known to be an error."""
    if failed or _ERROR.search(line):
        return ConsoleLevel.ERROR
    return ConsoleLevel.WARNING if _WARNING.search(line) else ConsoleLevel.INFO
