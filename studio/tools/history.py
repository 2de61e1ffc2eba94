"""Tools that look at the Git history of the run's own clone: log, show, blame, diff.

Git runs inside the container, never through a shell, with options of its own that no argument can change: what names a
commit is first made an id, paths stand behind `--` and are taken letter by letter.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.base.text import plain, shorten, shown
from studio.contracts.guest import GuestOutput
from studio.domain.errors import EngineError, UserError
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands
from studio.tools.look import relative
from studio.workspace.git import is_commit_id
from studio.workspace.opening import path_parts

ANSWER_CHARACTERS = 30_000
ANSWER_BYTES = 4 * ANSWER_CHARACTERS
SECONDS = 30.0
COMMITS = 100
BLAME_LINES = 400
FILES_LISTED = 300
NAME_CHARACTERS = 200
PATH_CHARACTERS = 4096

_GIT = (
    *("git", "--no-pager", "--no-optional-locks", "--literal-pathspecs", "--no-replace-objects"),
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"),
    *("-c", "color.ui=false", "-c", "log.showSignature=false", "-c", "blame.ignoreRevsFile="),
)
_DIFF = (
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--ignore-submodules=all",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)
_LINE = "--format=%h%x09%ad%x09%an%x09%s"
_WHOLE = "--format=commit %H%nAuthor: %an <%ae>%nDate: %ad%n%n%B"
_STAT = ("--stat=160,120", f"--stat-count={FILES_LISTED}")

Path = Annotated[
    str,
    Field(description="Only this file or folder, below the project's root. Empty: all.", max_length=PATH_CHARACTERS),
]
Commit = Annotated[
    str, Field(description="An id, a branch, or a form such as HEAD~2.", min_length=1, max_length=NAME_CHARACTERS)
]


async def git_log(
    hands: Hands,
    path: Path = "",
    commit: Commit = "HEAD",
    count: Annotated[int, Field(description="How many commits to show.", ge=1, le=COMMITS)] = 20,
    skip: Annotated[int, Field(description="How many of the newest to leave out.", ge=0, le=1_000_000)] = 0,
) -> ToolOutcome:
    """Lists commits, newest first: short id, date, author and subject, with tabs between.

    Use it to find when something changed; git_show shows one commit. HEAD is where your own branch stands.
    """
    top = await _commit_id(hands, commit)
    options = (f"--max-count={count}", f"--skip={skip}", "--date=short", "--no-decorate", _LINE)
    text = _text(await _git(hands, "log", *options, top, *_behind(path)))
    lines = text.count("\n") + 1 if text else 0
    return ToolOutcome(True, text or "No commit.", f"{lines} commits")


async def git_show(hands: Hands, commit: Commit, path: Path = "") -> ToolOutcome:
    """Shows one commit: author, date, message and its difference to the commit before.

    What is too long is cut in the middle; a difference that is much too long is given as a list of its files.
    Narrow it with path.
    """
    one = await _commit_id(hands, commit)
    options = ("--date=iso", "--no-decorate", "--diff-merges=first-parent", *_DIFF, _WHOLE)
    text = await _difference(hands, ("show", *options), (one, *_behind(path)))
    return ToolOutcome(True, text, f"commit {one[:10]}")


async def git_blame(
    hands: Hands,
    path: Annotated[
        str, Field(description="File, below the project's root.", min_length=1, max_length=PATH_CHARACTERS)
    ],
    start_line: Annotated[int, Field(description="First line to show, from 1.", ge=1, le=10_000_000)] = 1,
    lines: Annotated[int, Field(description="How many lines to show.", ge=1, le=BLAME_LINES)] = 100,
) -> ToolOutcome:
    """Shows which commit each line of a file comes from, with author and date.

    The file is taken as it lies in the workspace; lines that are in no commit have an id of zeros.
    """
    wanted = ("--no-textconv", "--date=short", "-L", f"{start_line},+{lines}")
    text = _text(await _git(hands, "blame", *wanted, *_behind(path)))
    return ToolOutcome(True, text or "(empty file)", f"{text.count(chr(10)) + 1 if text else 0} lines")


async def git_diff(
    hands: Hands,
    base: Commit = "HEAD",
    commit: Annotated[
        str,
        Field(description="The commit to compare with. Empty: the files as they are now.", max_length=NAME_CHARACTERS),
    ] = "",
    path: Path = "",
) -> ToolOutcome:
    """Shows what changed from one commit to another, or to the files as they are now.

    Without arguments it shows what you changed and did not commit yourself; files that Git does not know yet
    are named below it. What is too long is cut in the middle; a difference that is much too long is given as
    a list of its files. Narrow it with path.
    """
    ids = [await _commit_id(hands, base)]
    if commit:
        ids.append(await _commit_id(hands, commit))
    text = await _difference(hands, ("diff", *_DIFF), (*ids, *_behind(path)))
    fresh = "" if commit else await _unknown(hands, path)
    return ToolOutcome(True, "\n".join(part for part in (text, fresh) if part) or "No difference.", "difference")


async def _commit_id(hands: Hands, name: str) -> str:
    """The id of a commit; raises UserError when there is none of that name."""
    if not name.isprintable():
        raise UserError(f"“{shown(name)}” is no name of a commit.", "git_log shows the commits there are.")
    wanted = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    found = await _run(hands, *wanted)
    said = found.stdout.decode("ascii", "replace").strip()
    if found.exit_code != 0 or not is_commit_id(said):
        raise UserError(f"There is no commit “{name}”.", "git_log shows the commits there are.")
    return said


def _behind(path: str) -> tuple[str, ...]:
    """A path as git takes it, behind what ends its options. Raises UserError for one that leads out."""
    inside = relative(path)
    path_parts(inside)
    return ("--", inside) if inside else ("--",)


async def _difference(hands: Hands, command: tuple[str, ...], what: tuple[str, ...]) -> str:
    """A difference, or the list of its files when it is too long to be brought out of the container."""
    try:
        return _text(await _git(hands, *command, *what))
    except EngineError:
        if hands.sandbox.broken:
            raise
    listed = _text(await _git(hands, *command, *_STAT, *what))
    return f"{listed}\n[The difference is too long to show; these are its files. Narrow it with path.]"


async def _unknown(hands: Hands, path: str) -> str:
    """The files that git does not know yet, in words; empty when there are none."""
    try:
        found = await _git(hands, "ls-files", "--others", "--exclude-standard", "--directory", "-z", *_behind(path))
    except EngineError:
        if hands.sandbox.broken:
            raise
        return "[There are too many files that Git does not know yet to name them.]"
    names = [shown(name) for name in found.stdout.decode(errors="replace").split("\0") if name]
    more = f" and {len(names) - FILES_LISTED} more" if len(names) > FILES_LISTED else ""
    listed = shorten(", ".join(names[:FILES_LISTED]), ANSWER_CHARACTERS)
    return f"[Files that Git does not know yet: {listed}{more}]" if names else ""


async def _git(hands: Hands, *arguments: str) -> GuestOutput:
    """Runs git; raises UserError with its own words when it fails."""
    found = await _run(hands, *arguments)
    if found.exit_code != 0:
        said = shorten(plain(found.stderr.decode(errors="replace")).strip(), 500)
        raise UserError(f"Git says: {said or f'exit code {found.exit_code}'}")
    return found


async def _run(hands: Hands, *arguments: str) -> GuestOutput:
    seconds = min(SECONDS, hands.seconds_left)
    return await hands.sandbox.run((*_GIT, *arguments), timeout=seconds, max_bytes=ANSWER_BYTES)


def _text(found: GuestOutput) -> str:
    return shorten(plain(found.stdout.decode(errors="replace")), ANSWER_CHARACTERS).rstrip("\n")
