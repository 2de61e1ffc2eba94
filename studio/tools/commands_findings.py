"""What is found in one command line, gathered into its class."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from studio.domain.tools import RISKS, CommandClass, Part, Sorted
from studio.tools.commands import MOVES
from studio.tools.commands_words import Word

HARMLESS_VARIABLES = frozenset(
    {"LC_ALL", "LANG", "LC_CTYPE", "TZ", "NO_COLOR", "COLUMNS", "LINES", "TERM", "GIT_PAGER_IN_USE"}
)
READER_VARIABLES = frozenset(
    {
        "PATH",
        "IFS",
        "ENV",
        "BASH_ENV",
        "SHELLOPTS",
        "BASHOPTS",
        "PROMPT_COMMAND",
        "PS4",
        "CDPATH",
        "GLOBIGNORE",
        "SHELL",
    }
)
"""Variables that change what the words of a line mean."""

_ROOTS = ("/workspace", "/tmp")
_NOWHERE = ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/fd/1", "/dev/fd/2", "/dev/tty")
_NETWORK = ("/dev/tcp/", "/dev/udp/")
OUTSIDE = "it changes files outside the project's folder, or may do so"


class Unclear(Exception):
    """Nothing more can be told about a line; the text says why."""


class Findings:
    """Gathers what the parts of one line do; the most risky counts."""

    def __init__(self) -> None:
        self.nodes = 0
        self._kind = CommandClass.READ
        self._reason = ""
        self._doubt = ""
        self._moved = False
        self._loose = ""
        self._parts: list[Part] = []
        self._judged: list[Part] = []

    @contextmanager
    def part(self, known: Part) -> Iterator[None]:
        """What is found within the block belongs to this one command."""
        self._judged.append(known)
        try:
            yield
        finally:
            self._parts.append(self._judged.pop())

    def add(self, kind: CommandClass, reason: str = "") -> None:
        """A part of this class; the reason is kept for the first unknown one."""
        if kind is CommandClass.UNKNOWN and not self._reason:
            self._reason = reason
        self._kind = max(self._kind, kind, key=RISKS.index)
        if self._judged:
            part = self._judged[-1]
            self._judged[-1] = replace(part, kind=max(part.kind, kind, key=RISKS.index))
        elif kind is not CommandClass.READ:
            self._parts.append(Part(kind))

    def loosen(self, reason: str) -> None:
        """Something that no rule may let through, whatever the parts of the line are."""
        self._loose = self._loose or reason

    def assign(self, name: str) -> None:
        """A variable is set: harmless, or enough to doubt that what only reads only reads."""
        if name in READER_VARIABLES or name.startswith("LD_"):
            self.add(CommandClass.UNKNOWN, f"it sets {name}, which changes what commands mean")
            return
        if name not in HARMLESS_VARIABLES:
            self.loosen("it sets a variable")
        if name not in HARMLESS_VARIABLES and name != name.lower():
            self._doubt = self._doubt or "it sets a variable that other programs heed"

    def move(self, target: Word) -> None:
        """The line goes to another folder: relative names mean other files from here on."""
        self._moved = self._moved or target.text is None or target.text in ("", "-") or self.is_outside(target)
        if self._moved:
            self._loose = MOVES

    def is_outside(self, path: Word) -> bool:
        """Whether a path leads, or may lead, out of the project's folder; links are not followed."""
        if path.text is None and not path.start:
            return False
        known = posixpath.normpath(path.text if path.text is not None else path.start + "x")
        if known.startswith("/"):
            return known not in _NOWHERE and not any(known == root or known.startswith(f"{root}/") for root in _ROOTS)
        return self._moved or known == ".." or known.startswith("../")

    def redirect(self, mark: str, target: Word) -> None:
        """Input or output goes to a file."""
        if target.option and target.text is None:
            self.add(CommandClass.UNKNOWN, "the file it reads or writes is known only when it runs")
        elif target.start.startswith(_NETWORK):
            self.add(CommandClass.NETWORK)
        elif (
            mark in ("<", "<&")
            or (mark == ">&" and (target.text or "").rstrip("-").isdigit())
            or target.text in _NOWHERE
        ):
            return
        elif self.is_outside(target):
            self.add(CommandClass.UNKNOWN, OUTSIDE)
        else:
            with self.part(Part(CommandClass.WRITE, (">",), words=(target.text,) if target.text else ())):
                self.add(CommandClass.WRITE)

    def doubt(self, reason: str) -> None:
        """Something that makes a line unknown when all else in it only reads."""
        self._doubt = self._doubt or reason

    def result(self) -> Sorted:
        """The class of the whole line."""
        if self._kind is CommandClass.READ and self._doubt:
            return Sorted(CommandClass.UNKNOWN, self._doubt, tuple(self._parts), self._doubt)
        reason = self._reason if self._kind is CommandClass.UNKNOWN else ""
        return Sorted(self._kind, reason, tuple(self._parts), self._loose or self._doubt)
