"""The diff of two commits of `project.git`, within caps that no commit can break."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.base.aio import in_thread
from studio.domain.changes import Diff, FileChange, FileStatus
from studio.domain.on_machines import NAMED_MAX, on_machines
from studio.workspace.git import Git
from studio.workspace.names import shown

FILES_MAX = 2000
"""How many files a diff lists; the rest are counted."""

PATCH_MAX = 256 * 1024
"""How many bytes of one file's patch are kept."""

PATCHES_MAX = 4 << 20
"""How many bytes of patches one diff keeps in all."""

_READ_MAX = 32 << 20
_LISTING_MAX = 64 << 20
_GITLINK = "160000"

_DIFF = ("diff-tree", "-r", "-M", "-l400", "--no-ext-diff", "--no-textconv")
# Larger files are told apart by their ids only, as binary ones are: no line diff of them is worth its memory.
_SETTINGS = ("core.bigFileThreshold=5m",)
_SECTION = re.compile(rb"^diff --git ", re.MULTILINE)
_HUNKS = re.compile(rb"^@@ ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RawChange:
    """One line of `diff-tree --raw` with its line counts; None counts mean a binary file."""

    old_mode: str
    new_mode: str
    letter: str
    old_path: str
    path: str
    added: int | None = None
    removed: int | None = None

    @property
    def makes_nested_repository(self) -> bool:
        """Whether the change adds or moves a pointer to a commit of another repository."""
        return self.new_mode == _GITLINK


async def make_diff(git: Git, base: str, head: str, *, patches: bool = True) -> Diff:
    """What `head` changes against `base`, files in path order; without `patches` only names and counts."""
    changes = await raw_changes(git, base, head)
    listed = changes[:FILES_MAX]
    bodies = await _patches(git, base, head, changes) if patches and changes else {}
    files: list[FileChange] = []
    room = PATCHES_MAX
    for number, change in enumerate(listed):
        body = bodies.get(number)
        patch, cut = _cut(body or b"", min(PATCH_MAX, room))
        room -= len(patch)
        missing = body is None and patches and change.added is not None and (change.added + (change.removed or 0)) > 0
        files.append(_file_change(change, patch, cut or missing))
    # Of all changes, listed or not: else a thousand files of no matter would hide one that runs.
    running = await in_thread(on_machines, [path for one in changes for path in (one.old_path, one.path)])
    return Diff(
        *(base, head, tuple(files), len(changes) - len(listed)),
        on_machines=running[:NAMED_MAX],
        on_machines_more=len(running[NAMED_MAX:]),
    )


async def raw_changes(git: Git, base: str, head: str) -> tuple[RawChange, ...]:
    """Every file that differs, with its line counts. Raises GitError beyond a listing of 64 MiB."""
    finished = await git.run(
        *_DIFF, "--raw", "--numstat", "-z", base, head, settings=_SETTINGS, max_bytes=_LISTING_MAX, timeout=120.0
    )
    # A listing of millions of names takes seconds.
    return await in_thread(_parse_listing, finished.stdout)


def _parse_listing(listing: bytes) -> tuple[RawChange, ...]:
    changes: list[RawChange] = []
    counts: list[tuple[int | None, int | None]] = []
    rest = iter(listing.decode("utf-8", "surrogateescape").split("\0"))
    for field in rest:
        if field.startswith(":"):
            old_mode, new_mode, _, _, status = field[1:].split(" ")
            old_path = next(rest)
            path = next(rest) if status[0] in "RC" else old_path
            changes.append(RawChange(old_mode, new_mode, status[0], old_path, path))
        elif field:
            added, removed, path = field.split("\t", 2)
            if not path:  # a rename: both names follow as fields of their own
                next(rest)
                next(rest)
            counts.append((_count(added), _count(removed)))
    return tuple(
        RawChange(c.old_mode, c.new_mode, c.letter, c.old_path, c.path, added, removed)
        for c, (added, removed) in zip(changes, counts, strict=True)
    )


def _count(text: str) -> int | None:
    return None if text == "-" else int(text)


async def _patches(git: Git, base: str, head: str, changes: tuple[RawChange, ...]) -> dict[int, bytes]:
    """The hunks of each change by its number, as far as git's output was read."""
    finished = await git.run(
        *_DIFF, "-p", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/", base, head,
        settings=_SETTINGS, max_bytes=_READ_MAX, timeout=120.0, may_cut=True,
    )  # fmt: skip
    return await in_thread(_bodies, finished.stdout, changes)


def _bodies(patches: bytes, changes: tuple[RawChange, ...]) -> dict[int, bytes]:
    starts = [match.start() for match in _SECTION.finditer(patches)]
    sections = [patches[a:b] for a, b in zip(starts, [*starts[1:], len(patches)], strict=True)]
    bodies: dict[int, bytes] = {}
    remaining = iter(sections)
    for number, change in enumerate(changes):
        # A file that becomes a link, or the other way round, is shown as one deletion and one addition.
        parts = [section for _, section in zip(range(2 if change.letter == "T" else 1), remaining, strict=False)]
        if not parts:
            break
        bodies[number] = b"".join(_hunks(part) for part in parts)
    return bodies


def _hunks(section: bytes) -> bytes:
    first = _HUNKS.search(section)
    return section[first.start() :] if first else b""


def _cut(body: bytes, limit: int) -> tuple[str, bool]:
    if len(body) <= limit:
        return body.decode("utf-8", "replace"), False
    end = body.rfind(b"\n", 0, limit) + 1
    return body[:end].decode("utf-8", "replace"), True


def _file_change(change: RawChange, patch: str, cut: bool) -> FileChange:
    binary = change.added is None
    return FileChange(
        path=shown(change.path),
        old_path=shown(change.old_path),
        status=_status(change.letter),
        added=change.added or 0,
        removed=change.removed or 0,
        binary=binary,
        patch=patch,
        cut=cut,
    )


def _status(letter: str) -> FileStatus:
    match letter:
        case "A" | "C":
            return FileStatus.ADDED
        case "D":
            return FileStatus.DELETED
        case "R":
            return FileStatus.RENAMED
        case _:
            return FileStatus.MODIFIED
