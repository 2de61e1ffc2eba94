"""A unified diff, read as models write it: counts may be wrong, but no line is guessed or left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from studio.base.text import shorten
from studio.domain.errors import UserError
from studio.tools.look import relative

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_MODES = {"new file mode": ("100644",), "deleted file mode": ("100644", "100755")}
_FORM = "Send a unified diff: lines `--- a/path` and `+++ b/path`, then `@@ -1,3 +1,4 @@` and lines with ' ', '-', '+'."
_SIGNATURE = "-- "


@dataclass(frozen=True, slots=True)
class Hunk:
    """One passage to replace, with the lines around it that stay.

    `old_line` and `new_line` are where it is said to begin (before the patch, and after), None when nothing is
    said; `added` and `removed` count its lines with a '+' and a '-'.
    """

    header: str
    old: str
    new: str
    old_line: int | None = None
    new_line: int | None = None
    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class FilePatch:
    """What a patch does to one file: no `old` path adds it, no `new` one deletes it, two of them rename it."""

    old: str | None
    new: str | None
    hunks: tuple[Hunk, ...]

    @property
    def path(self) -> str:
        """What the file is called in words for the model."""
        return self.new or self.old or ""


def read_patch(text: str) -> tuple[FilePatch, ...]:
    """The files of a patch, in order. Raises UserError, worded for the model, for what is no unified diff."""
    return _Reader(text).files()


class _Lines(NamedTuple):
    """How many lines of a hunk there are before the patch, and after."""

    before: int
    after: int

    def with_one(self, sign: str, count: int) -> _Lines:
        """As many, and one more (or less) with this sign."""
        return _Lines(self.before + count * (sign != "+"), self.after + count * (sign != "-"))


class _Reader:
    """Reads one patch from its first line to its last."""

    def __init__(self, text: str) -> None:
        self._lines = text.removesuffix("\n").split("\n")
        self._at = 0

    def files(self) -> tuple[FilePatch, ...]:
        found: list[FilePatch] = []
        while self._at < len(self._lines):
            line = self._line()
            if self._begins_file():
                found.append(self._file())
            elif line.startswith(("@@", "*** ")):
                raise self._wrong("belongs to no file")
            else:
                self._at += 1  # words before the first file, or between two
        if not found:
            raise UserError("The patch names no file.", _FORM)
        return tuple(found)

    def _file(self) -> FilePatch:
        header = self._line()
        said: dict[str, str] = {}
        if header.startswith("diff --git "):
            self._at += 1
            said = self._extended()
        old, new = said.get("rename from"), said.get("rename to")
        if self._line().startswith("--- ") and self._line(1).startswith("+++ "):
            before, after = _names(self._line()[4:], self._line(1)[4:])
            self._at += 2
            if old is None or new is None:
                old, new = before, after
                if before is not None and after is not None and before != after:
                    raise self._wrong(f"gives {_brief(before)} another name", "Say so: `rename from`, `rename to`.")
        elif old is None or new is None:
            old, new = self._without_lines(header, said)
        hunks: list[Hunk] = []
        while self._line().startswith("@@"):
            hunks.append(self._hunk())
        if old is None and new is None:
            raise self._wrong("names no file")
        if not hunks and old == new:
            raise UserError(f"The patch changes nothing in {_brief(old or '')}.", _FORM)
        return FilePatch(old, new, tuple(hunks))

    def _extended(self) -> dict[str, str]:
        """The lines git writes between `diff --git` and the hunks."""
        said: dict[str, str] = {}
        while self._at < len(self._lines) and not self._begins_file() and not self._line().startswith("@@"):
            line = self._line().rstrip("\r")
            if line.startswith(("Binary files", "GIT binary patch", "copy ", "old mode ", "new mode ")):
                raise self._wrong("asks for what apply_patch cannot do", "Use shell for copies, modes, binary files.")
            for key in ("rename from", "rename to"):
                if line.startswith(f"{key} "):
                    said[key] = _path(line[len(key) + 1 :])
            for key, ordinary in _MODES.items():
                if line.startswith(f"{key} "):
                    said[key] = line[len(key) + 1 :]
                    if said[key] not in ordinary:
                        raise self._wrong("asks for what apply_patch cannot do", "Use shell for links and modes.")
            self._at += 1
        return said

    def _without_lines(self, header: str, said: dict[str, str]) -> tuple[str | None, str | None]:
        """Both names of an empty file that is added or deleted: only the first line has them, twice."""
        rest = header.removeprefix("diff --git ").rstrip("\r")
        half = rest[2 : 2 + (len(rest) - 5) // 2]
        if rest != f"a/{half} b/{half}" or not _MODES.keys() & said.keys():
            raise self._wrong("should be `--- a/path` with `+++ b/path` below it")
        return (None, _path(half)) if "new file mode" in said else (_path(half), None)

    def _hunk(self) -> Hunk:
        header = self._line().rstrip("\r")
        stated = _HUNK.match(header)
        said = _Lines(int(stated[2] or 1), int(stated[4] or 1)) if stated else None
        self._at += 1
        body: list[tuple[str, str]] = []
        seen = _Lines(0, 0)
        while self._at < len(self._lines) and not self._begins_file() and not self._line().startswith("@@"):
            line = self._line()
            if seen == said and (line == _SIGNATURE or not self._goes_on()):
                break
            sign = line[:1]
            if sign == "\\" and body:
                body[-1] = (body[-1][0], body[-1][1].removesuffix("\n"))
            elif sign in ("+", "-", " ", ""):  # of an empty line the space at its beginning is often lost
                body.append((sign, f"{line[1:]}\n"))
                seen = seen.with_one(sign, 1)
            else:
                raise self._wrong("begins with none of ' ', '-' and '+'", "Every line of a hunk begins with one.")
            self._at += 1
        while body and not body[-1][0] and seen != said:
            body.pop()  # an empty line between two hunks
            seen = seen.with_one("", -1)
        old = "".join(line for sign, line in body if sign != "+")
        new = "".join(line for sign, line in body if sign != "-")
        signs = [sign for sign, _ in body]
        first, then = (int(stated[1]), int(stated[3])) if stated else (None, None)
        return Hunk(shorten(header, 100), old, new, first, then, signs.count("+"), signs.count("-"))

    def _goes_on(self) -> bool:
        """Whether the hunk has more lines than it says: an empty line may be of it, or stand after it."""
        following = next((line for line in self._lines[self._at : self._at + 100] if line.strip()), "")
        return following[:1] in ("+", "-", " ", "\\") and not self._begins_file(self._lines.index(following, self._at))

    def _begins_file(self, at: int | None = None) -> bool:
        here = self._at if at is None else at
        line = self._lines[here]
        after = self._lines[here + 1] if here + 1 < len(self._lines) else ""
        return line.startswith("diff --git ") or (line.startswith("--- ") and after.startswith("+++ "))

    def _line(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._lines[at] if at < len(self._lines) else ""

    def _wrong(self, what: str, action: str = _FORM) -> UserError:
        return UserError(f"Line {self._at + 1} of the patch {what}: {_brief(self._line())}", action)


def _names(before: str, after: str) -> tuple[str | None, str | None]:
    """The two names of a header, without git's a/ and b/ and without the time that diff adds."""
    old, new = (name.rstrip("\r").split("\t")[0] for name in (before, after))
    marked = all(name == "/dev/null" or name.startswith(mark) for name, mark in ((old, "a/"), (new, "b/")))
    cut = 2 if marked else 0
    return (
        None if old == "/dev/null" else _path(old[cut:]),
        None if new == "/dev/null" else _path(new[cut:]),
    )


def _path(name: str) -> str:
    if name.startswith('"'):
        raise UserError(f"The name {_brief(name)} is quoted.", "Write it as it is, without quotes and escapes.")
    if not relative(name):
        raise UserError("The patch names a file without a name.", _FORM)
    return relative(name)


def _brief(line: str) -> str:
    return shorten(line, 150)
