"""Tools that only look: read a file, list a folder, search text."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.base.aio import in_thread
from studio.base.text import plain, shorten, shown
from studio.domain.errors import NotFound, UserError
from studio.domain.files import Entry, EntryKind
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands
from studio.tools.pictures import shown_image
from studio.workspace.files import Folder

READ_BYTES = 2 << 20
READ_LINES = 1000
ANSWER_CHARACTERS = 60_000
LIST_ENTRIES = 500
SEARCH_SECONDS = 30.0
SEARCH_BYTES = 4 * ANSWER_CHARACTERS
RIPGREP = (
    *("rg", "--line-number", "--no-heading", "--color=never", "--sort=path"),
    *("--max-count=20", "--max-columns=300"),
)

_NOT_SEARCHED = 90
_BOUNDED = (
    f"[[ ! -h $3 && ( -f $3 || -d $3 ) ]] || exit {_NOT_SEARCHED}; "
    'timeout --kill-after=2 "$1" "${@:4}" | head --bytes="$2"; exit "${PIPESTATUS[0]}"'
)
"""Ends a search that takes too long or finds too much, and keeps what it found until then.

A pipe or a device that is named would be read until the time is over.
"""
_TIMED_OUT = (124, 137)
_NARROW = "Narrow it with path or glob, or with a stricter pattern."


async def read(
    hands: Hands,
    path: Annotated[str, Field(description="File to read, relative to the project's root.")],
    start_line: Annotated[int, Field(description="First line to show, from 1.", ge=1)] = 1,
    lines: Annotated[int, Field(description="How many lines to show.", ge=1, le=READ_LINES)] = READ_LINES,
) -> ToolOutcome:
    """Shows lines of a text file with their numbers, or an image (PNG, JPEG, GIF, WebP) as you see it.

    Use it before changing a file. Files up to 2 MiB, images up to 3.5 MB; longer texts are best searched first. The
    number and tab before each line are not part of the file.
    """
    pictured = await in_thread(shown_image, hands, relative(path))
    if pictured is not None:
        return pictured
    every = (await read_text(hands, path)).splitlines()
    seen = every[start_line - 1 : start_line - 1 + lines]
    if every and not seen:
        raise UserError(f"{path} has only {len(every)} lines.", "Ask for an earlier start_line.")
    body = "\n".join(f"{number}\t{line}" for number, line in enumerate(seen, start_line))
    last = start_line - 1 + len(seen)
    more = f"\n… {len(every) - last} more lines; ask with start_line={last + 1}" if last < len(every) else ""
    shown_text = shorten(body, ANSWER_CHARACTERS) + more if every else "(empty file)"
    return ToolOutcome(True, shown_text, f"{len(seen)} lines", paged=True)


async def list_(
    hands: Hands,
    path: Annotated[str, Field(description="Folder to list, relative to the project's root.")] = ".",
) -> ToolOutcome:
    """Lists the files and folders directly inside a folder, folders with a slash, files with their size in bytes.

    At most 500 names are shown. Links are named but never followed.
    """
    listing = await in_thread(hands.folder.list, relative(path))
    lines = [_line(entry) for entry in listing.entries[:LIST_ENTRIES] if entry.path != ".git"]
    if listing.total > LIST_ENTRIES:
        lines.append(f"… {listing.total - LIST_ENTRIES} more; list a folder below, or search")
    return ToolOutcome(True, "\n".join(lines) or "(empty folder)", f"{len(lines)} entries")


async def search(
    hands: Hands,
    pattern: Annotated[str, Field(description="Regular expression (ripgrep's syntax).", min_length=1, max_length=1000)],
    path: Annotated[str, Field(description="File or folder to search in.")] = ".",
    glob: Annotated[str, Field(description="Only files whose path matches, such as *.py. Empty: all.")] = "",
) -> ToolOutcome:
    """Finds lines matching a regular expression, as path:line:text, honouring .gitignore.

    At most 20 matches a file and 60,000 characters in all; a long list is shown by its ends, read_output has the rest.
    """
    place = _searchable(path)
    seconds = min(SEARCH_SECONDS, hands.seconds_left)
    only = ("--glob", glob) if glob else ()
    bounds = ("bash", "-c", _BOUNDED, "search", f"{seconds:.3f}", str(SEARCH_BYTES), place)
    found = await hands.sandbox.run((*bounds, *RIPGREP, *only, "--regexp", pattern, "--", place), timeout=seconds + 10)
    if found.exit_code == _NOT_SEARCHED:
        raise NotFound(f"There is no file or folder {shown(path)} to search in.", "Links and devices are not searched.")
    text = plain(found.stdout.decode(errors="replace"))
    trouble = shorten(plain(found.stderr.decode(errors="replace")).strip(), 500)
    if len(text) > ANSWER_CHARACTERS or len(found.stdout) >= SEARCH_BYTES:
        return _cut_search(text)
    if found.exit_code in _TIMED_OUT:
        return ToolOutcome(False, f"{text}[The search did not end within {seconds:g} seconds. {_NARROW}]", "stopped")
    if text and found.exit_code in (0, 2):
        note = f"[Not everything could be searched: {trouble}]" if trouble else ""
        return ToolOutcome(True, f"{text}{note}".rstrip("\n"), f"{text.count(chr(10))} matches")
    if found.exit_code == 1:
        return ToolOutcome(True, "No line matches.", "no match")
    raise UserError(f"The search failed: {trouble}")


def _searchable(path: str) -> str:
    """The path as ripgrep is given it, below the project's root."""
    inside = relative(path)
    if ".." in inside.split("/"):
        raise UserError(f"{shown(path)} is outside the project.", "Name a path below the project's root.")
    return inside or "."


def _cut_search(text: str) -> ToolOutcome:
    """The first matches of a search that found more than can be shown."""
    kept = text[: ANSWER_CHARACTERS - 1000].rpartition("\n")[0]
    count = kept.count("\n") + 1
    note = f"[More lines match; these are the first {count}, by path. {_NARROW}]"
    return ToolOutcome(True, f"{kept}\n{note}", f"the first {count} matches")


async def read_text(hands: Hands, path: str) -> str:
    """The text of a file of the workspace; raises UserError for a large one or one that is not UTF-8 text."""
    return await in_thread(text_of, hands.folder, path)


def text_of(folder: Folder, path: str) -> str:
    """As `read_text`, on a thread where waiting is no harm."""
    found = folder.read(relative(path), 0, READ_BYTES)
    if not found.whole:
        raise UserError(f"{path} has {found.size} bytes, too many to read whole.", "Search in it, or use shell.")
    return _decode(found.data, path)


def relative(path: str) -> str:
    """A path as models write it, below the project's root: `./src`, `/workspace/src` and `src/` are all `src`."""
    inside = path.removeprefix("/workspace") if path == "/workspace" or path.startswith("/workspace/") else path
    if inside.startswith("/") and inside == path:
        raise UserError(f"{path} is outside the project.", "Name a path below the project's root.")
    return "/".join(part for part in inside.split("/") if part not in ("", "."))


def _decode(content: bytes, path: str) -> str:
    if b"\0" in content[:8192]:
        raise UserError(f"{path} is a binary file.", "Use shell with a program that understands it.")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text.", "Use shell, for example with iconv, to look at it.") from error


def _line(entry: Entry) -> str:
    match entry.kind:
        case EntryKind.FOLDER:
            return f"{plain(entry.name)}/"
        case EntryKind.FILE:
            return f"{plain(entry.name)}\t{entry.size}"
        case EntryKind.LINK | EntryKind.OTHER:
            return f"{plain(entry.name)}\t({entry.kind.value})"
