"""A run's own clone: everything that git does on it, all of it inside the run's container."""

from dataclasses import dataclass
from pathlib import Path

from studio.contracts.guest import Guest, GuestOutput
from studio.domain.errors import GitError
from studio.domain.runs import Run
from studio.workspace.clone_scripts import POPULATE, SNAPSHOT
from studio.workspace.git import is_commit_id, reason

OBJECTS = "/studio/objects"
"""Where a container sees the objects of `project.git`, read-only."""

SNAPSHOT_REF = "refs/studio/head"
"""The clone's ref on the newest snapshot; the only one a bundle may carry."""

BUNDLE_MAX = 512 << 20
"""How many bytes one snapshot's bundle may have."""

_STATUS = (
    *("env", "GIT_DIR=.git", "GIT_WORK_TREE=.", "GIT_INDEX_FILE=.git/studio/index"),
    *("git", "-c", "core.fsmonitor=false", "status", "--porcelain=v2", "--branch", "-z", "--no-renames"),
    *("--no-ahead-behind", "--untracked-files=normal", "--ignore-submodules=dirty"),
)


@dataclass(frozen=True, slots=True)
class CloneStatus:
    """What a look at the clone says: `dirty` against the newest snapshot, `seen` is the agent's own HEAD.

    `touched` says that a file which the snapshot holds is not as it was.
    """

    dirty: bool
    seen: str
    touched: bool = False


async def populate(run: Run, guest: Guest, *, fresh: bool, shallow: bytes) -> str:
    """Makes the clone and its files, or, unless `fresh`, makes git work again without touching any file.

    Returns the commit that HEAD stands on. Raises GitError.
    """
    arguments = (*_arguments(run), "yes" if fresh else "no")
    output = await guest.run(("sh", "-c", POPULATE, "sh", *arguments), stdin=shallow, timeout=600.0)
    _require_success(output, "The run's workspace could not be made ready")
    return output.stdout.decode("ascii", "replace").strip()


async def status(guest: Guest) -> CloneStatus:
    """One look, one process. A clone that git cannot read counts as dirty: the next snapshot repairs it."""
    output = await guest.run(_STATUS, timeout=120.0, max_bytes=64 << 20)
    if output.exit_code != 0:
        return CloneStatus(dirty=True, seen="", touched=True)
    return _parse_status(output.stdout)


def _parse_status(text: bytes) -> CloneStatus:
    dirty, touched, seen = False, False, ""
    for record in text.split(b"\0"):
        match record[:1]:
            case b"#" if record.startswith(b"# branch.oid "):
                seen = record[len(b"# branch.oid ") :].decode("ascii", "replace")
            case b"1" | b"2":
                touched = touched or record[3:4] != b"."
            case b"?":
                dirty = True
            case b"u":
                touched = True
            case _:
                pass
    return CloneStatus(dirty or touched, seen, touched)


async def commit(run: Run, guest: Guest, message: str) -> tuple[str, str]:
    """Commits all files on top of `run.head`; returns the commit (`run.head` itself if nothing changed) and HEAD.

    The agent's own commits become part of it. Raises GitError.
    """
    argv = ("sh", "-c", SNAPSHOT, "sh", *_arguments(run))
    output = await guest.run(argv, stdin=message.replace("\0", "").encode("utf-8", "replace"), timeout=300.0)
    _require_success(output, "The run's files could not be saved as a snapshot")
    made, _, seen = output.stdout.decode("ascii", "replace").strip().partition(" ")
    if not is_commit_id(made):
        raise GitError("The run's workspace gave no commit for its snapshot.", stderr=_words(output))
    return made, seen


async def bundle(run: Run, guest: Guest, target: Path, ref: str = SNAPSHOT_REF) -> None:
    """Writes what the newest snapshot, or `ref`, adds to `run.head` to the host file `target`. Raises GitError."""
    # Whoever takes the bundle has a large file in memory only when the bundle holds it as a difference.
    git = ("git", "-c", "core.bigFileThreshold=32m", "--git-dir=.git")
    argv = (*git, "bundle", "create", "--quiet", "-", ref, f"^{run.head}")
    output = await guest.run_to_file(argv, target, max_bytes=BUNDLE_MAX)
    _require_success(output, "The run's snapshot could not be brought out of its container")


def _arguments(run: Run) -> tuple[str, ...]:
    object_format = "sha256" if len(run.head) == 64 else "sha1"
    return OBJECTS, run.branch, run.head, object_format, f"Studio {run.role}", f"{run.role}@studio.invalid"


def _require_success(output: GuestOutput, what: str) -> None:
    if output.exit_code == 0:
        return
    said = _words(output)
    raise GitError(
        f"{what}: {reason(said)}",
        "Its files are untouched; see the run's last commands, or start a new run.",
        stderr=said,
        exit_code=output.exit_code,
    )


def _words(output: GuestOutput) -> str:
    return output.stderr[:64_000].decode("utf-8", "replace").strip()
