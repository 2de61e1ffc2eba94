"""Symbols: where the functions, classes and types of a folder are defined, as far as its lines tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from studio.domain.errors import StudioError
from studio.workspace.files import Folder

FILES_MAX = 3_000
FILE_BYTES = 300_000
SYMBOLS_MAX = 20_000
LINES_MAX = 150
"""How many lines of a definition are told."""

_SUFFIXES = frozenset(
    {
        *(".py", ".pyi", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".go", ".rs", ".rb", ".java", ".kt", ".cs"),
        *(".swift", ".php", ".c", ".h", ".cc", ".cpp", ".hpp", ".scala", ".dart"),
    }
)
_DEFINED = re.compile(
    r"^[ \t]*(?:(?:export|default|async|public|private|protected|internal|static|final|abstract|sealed|open|override|"
    r"pub(?:\([^)\n]*\))?|unsafe|suspend|data)[ \t]+)*"
    r"(?:(?:def|class|function\*?|interface|enum|type|struct|trait|fn|func|fun|module|record)[ \t]+"
    r"(?:\([^)\n]*\)[ \t]*)?(?:self\.)?"
    r"|(?:const|let)[ \t]+(?=\w+[ \t]*=[ \t]*(?:async[ \t]*)?(?:\(|function|\w+[ \t]*=>)))"
    r"(?P<name>[A-Za-z_]\w*)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name and the line where it is defined, counted from 1."""

    name: str
    path: str
    line: int


def find_symbols(folder: Folder, paths: Iterable[str]) -> tuple[Symbol, ...]:
    """The symbols of these files, as many as are worth listing; files that cannot be read are left out."""
    found: list[Symbol] = []
    code = [path for path in paths if PurePosixPath(path).suffix in _SUFFIXES]
    for path in code[:FILES_MAX]:
        try:
            text = folder.read(path, limit=FILE_BYTES).data.decode("utf-8", "replace")
        except StudioError:
            continue
        line, place = 1, 0
        for match in _DEFINED.finditer(text):
            line += text.count("\n", place, match.start("name"))
            place = match.start("name")
            found.append(Symbol(match["name"], path, line))
        if len(found) >= SYMBOLS_MAX:
            break
    return tuple(found[:SYMBOLS_MAX])


def definition(text: str, line: int) -> str:
    """The lines of what is defined at `line`: up to the next line that is not set further in than it."""
    lines = text.split("\n")[line - 1 :]
    depth = _depth(lines[0])
    end = 1
    while end < min(len(lines), LINES_MAX):
        rest = lines[end].strip()
        if rest and _depth(lines[end]) <= depth and rest[0] not in ")]}":
            break
        end += 1
    return "\n".join(lines[:end]).rstrip()


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
