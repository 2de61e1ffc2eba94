"""The project's private bare repository, `project.git`: the only place where the host looks at an agent's work."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from studio.base.aio import in_thread
from studio.domain.errors import GitError, PolicyRefused
from studio.domain.ids import RunId
from studio.workspace.bundle import Header, read_header
from studio.workspace.git import Git, is_commit_id
from studio.workspace.own_git import OwnGit

OBJECTS_MAX = 200_000
"""How many objects one bundle may bring."""

FILES_MAX = 2_000_000
"""How many files a run's commit may have in all."""

NAMED_MAX = 500
"""How many of the files that a commit changes are named; the rest are counted."""

LARGEST = 256
"""How many MiB one object may have, once unpacked, that has to be in memory for it."""

_LOOSE_BELOW = 100
_STALE_SECONDS = 120.0
# One thread: each has objects of its own in memory.
_CHECKED = ("index-pack", "--stdin", "--fix-thin", "--strict", "--threads=1")
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")


Identity = tuple[str, str]
"""Whose name and address a commit bears."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A run's commit that was taken in: the first `NAMED_MAX` files it changes, and how many more there are."""

    commit: str
    files: tuple[str, ...]
    left_out: int


class ProjectRepository:
    """`project.git` and the few ways in which commits enter it.

    Its refs: `refs/checkout/…` is what was last seen in the person's checkout, `refs/runs/<run>` a run's
    newest snapshot, `refs/snapshots/<run>/<commit>` every snapshot, so that none is ever lost;
    `refs/kept/<run>/<commit>` is what no snapshot held and a restore put something else in the place of.
    """

    def __init__(self, git_binary: str, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "project.git"
        self.incoming = folder / "incoming"
        self._home = folder / "empty"
        self.git = Git(git_binary, self.path, self._home)

    @property
    def objects(self) -> Path:
        """The object store, which containers see read-only."""
        return self.path / "objects"

    async def create(self, object_format: str) -> None:
        """Makes the repository, or makes sure of it when it is there already."""
        for folder in (self.folder, self.incoming, self._home):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A container's user is another one when the person is root, and must be able to read the objects.
        await self.git.run(
            "init", "--quiet", "--bare", "--template=", "--shared=0644", f"--object-format={object_format}"
        )

    def require(self) -> None:
        """Raises GitError when the repository is missing."""
        if not (self.path / "HEAD").is_file():
            raise GitError(
                f"The project's private repository {self.path} is missing.", "Add the project again: studio project add"
            )

    async def read_branches(self, own: OwnGit) -> None:
        """Fetches the person's branches to `refs/checkout/heads/`."""
        await self._read_checkout(own, "refs/heads/*", "refs/checkout/heads/*")

    async def read_head(self, own: OwnGit, target: str) -> None:
        """Fetches what the person's checkout stands on to `target`."""
        await self._read_checkout(own, "HEAD", target)

    async def _read_checkout(self, own: OwnGit, source: str, target: str) -> None:
        # The person's history is taken as it is: old commits often fail today's checks.
        await self.git.run(
            *(*_FETCH, "--update-shallow", "--prune", f"--upload-pack={own.upload_pack()}"),
            *("--end-of-options", str(own.folder), f"+{source}:{target}"),
            protocols="file",
            settings=("transfer.fsckObjects=false", "fetch.unpackLimit=1"),
            timeout=1800.0,
            largest="0",
        )

    async def commit_at(self, reference: str) -> str | None:
        """The commit a full ref name or id stands for, or None when there is none."""
        found = await self.git.run(
            "rev-parse", "--quiet", "--verify", "--end-of-options", f"{reference}^{{commit}}", accept=(0, 1, 128)
        )
        commit = found.stdout.decode("ascii", "replace").strip()
        return commit if found.exit_code == 0 and is_commit_id(commit) else None

    async def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `newer` contains `older`."""
        finished = await self.git.run("merge-base", "--is-ancestor", older, newer, accept=(0, 1))
        return finished.exit_code == 0

    def new_bundle(self, run: RunId) -> Path:
        """A fresh host file name for a bundle; whoever asks removes the file."""
        return self.incoming / f"{run}-{secrets.token_hex(4)}.bundle"

    async def take_bundle(
        self, bundle: Path, reference: str, run: RunId, previous: str, *, kept: bool = False
    ) -> Taken:
        """Takes a run's new commit out of a bundle and returns its id and the files it changes.

        With `kept` it is none of the run's branch, and only what was kept beside that.

        No ref moves unless the bundle holds exactly `reference`, passes git's object checks, stays within
        the caps and continues `previous`. Raises PolicyRefused or GitError.
        """
        header = read_header(bundle, reference, OBJECTS_MAX)
        await self._unpack(bundle, header)
        checks = (self._require_whole(header.commit), self._require_next(previous, header.commit))
        for verdict in await asyncio.gather(*checks, self._require_sane_size(header.commit), return_exceptions=True):
            if verdict is not None:
                raise verdict
        taken = await self._taken(previous, header.commit)
        await self._move(run, header.commit, kept=kept)
        return taken

    async def follow_with(self, run: RunId, previous: str, target: str, message: str, who: Identity) -> Taken:
        """Makes a commit on `previous` with the tree of `target`, the run's newest snapshot from now on."""
        names = {f"GIT_{part}_NAME": who[0] for part in ("AUTHOR", "COMMITTER")}
        emails = {f"GIT_{part}_EMAIL": who[1] for part in ("AUTHOR", "COMMITTER")}
        made = await self.git.run(
            "commit-tree", "-p", previous, f"{target}^{{tree}}", stdin=message.encode(), variables={**names, **emails}
        )
        taken = await self._taken(previous, made.stdout.decode("ascii").strip())
        await self._move(run, taken.commit, kept=False)
        return taken

    async def _taken(self, previous: str, commit: str) -> Taken:
        listed = await self.git.run(
            "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", previous, commit
        )
        return await in_thread(_taken, commit, listed.stdout)

    async def _move(self, run: RunId, commit: str, *, kept: bool) -> None:
        moves = f"update refs/runs/{run} {commit}\nupdate refs/snapshots/{run}/{commit} {commit}\n"
        if kept:
            moves = f"update refs/kept/{run}/{commit} {commit}\n"
        await self.git.run("update-ref", "--stdin", stdin=moves.encode())

    async def _unpack(self, bundle: Path, header: Header) -> None:
        # `git fetch` checks no object of a bundle before Git 2.46, whatever transfer.fsckObjects says.
        if header.objects >= _LOOSE_BELOW:
            await self._take_pack(bundle, header.pack_at, *_CHECKED)
            return
        # `unpack-objects --strict` holds every object in memory until it has seen all of them, so something
        # else checks them first.
        checked = bundle.with_suffix(".pack")
        try:
            await self._take_pack(bundle, header.pack_at, *_CHECKED, str(checked), settings=("core.fsync=none",))
            await self._take_pack(checked, 0, "unpack-objects", "-q")
        finally:
            for suffix in (".pack", ".idx", ".rev"):
                bundle.with_suffix(suffix).unlink(missing_ok=True)

    async def _take_pack(self, file: Path, at: int, *command: str, settings: tuple[str, ...] = ()) -> None:
        limits = ("core.bigFileThreshold=32m", *settings)
        with file.open("rb", buffering=0) as pack:
            pack.seek(at)
            try:
                await self.git.run(*command, stdin=pack, settings=limits, timeout=300.0, largest=f"{LARGEST}m")
            except GitError as error:
                raise _too_large() if "over limit" in error.stderr else _unsound(error) from error

    async def _require_whole(self, commit: str) -> None:
        """Raises unless every object behind `commit` is there."""
        try:
            await self.git.run("rev-list", "--objects", "--quiet", commit, "--not", "--all", timeout=300.0)
        except GitError as error:
            raise _unsound(error) from error

    async def _require_next(self, previous: str, commit: str) -> None:
        try:
            continues = await self.is_ancestor(previous, commit)
        except GitError as error:
            raise _unsound(error) from error
        if not continues:
            raise PolicyRefused("The run's commit does not continue its branch and was not taken.")

    async def _require_sane_size(self, commit: str) -> None:
        """Raises when `commit` stands for too many files.

        A few small trees that name each other can stand for billions of files. This listing meets them one by one, so
        the cap ends it; whatever works on the tree later would hold them all in memory.
        """
        try:
            listed = await self.git.run(
                "ls-tree", "-r", "--format=", "-z", commit, max_bytes=FILES_MAX, may_cut=True, timeout=120.0
            )
        except GitError as error:
            raise _unsound(error) from error
        if listed.cut:
            raise PolicyRefused(f"The run's commit has more than {FILES_MAX} files and was not taken.")

    async def start_run(self, run: RunId, commit: str) -> None:
        """Makes a run's ref at `commit` unless the run has one; clears what a power cut left in the way."""
        self.require()
        await in_thread(self._clear_stale_locks, run)
        if await self.commit_at(f"refs/runs/{run}") is None:
            await self.git.run("update-ref", f"refs/runs/{run}", commit)

    def _clear_stale_locks(self, run: RunId) -> None:
        names = (f"refs/runs/{run}.lock", f"refs/merges/{run}.lock", "packed-refs.lock", "shallow.lock")
        for lock in (*(self.path / name for name in names), *(self.path / "refs/checkout").rglob("*.lock")):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - lock.stat().st_mtime > _STALE_SECONDS:
                    lock.unlink()

    def shallow(self) -> bytes:
        """The list of commits whose parents the person's own shallow clone lacks; empty for a whole one."""
        file = self.path / "shallow"
        return file.read_bytes() if file.is_file() else b""


def _taken(commit: str, listing: bytes) -> Taken:
    # A few small trees can stand for millions of names.
    names = listing.split(b"\0", NAMED_MAX)
    left_out = names.pop().count(b"\0") if len(names) > NAMED_MAX else 0
    return Taken(commit, tuple(name.decode("utf-8", "surrogateescape") for name in names if name), left_out)


def _unsound(error: GitError) -> GitError:
    return GitError(
        "The run's commit did not pass Git's checks and was not taken.",
        "Look at the run's last commands; its files are still in its workspace.",
        stderr=error.stderr,
        exit_code=error.exit_code,
    )


def _too_large() -> PolicyRefused:
    return PolicyRefused(
        f"The run's commit holds an object that takes more than {LARGEST} MiB of memory to unpack and was not taken.",
        "Look at the run's last commands; its files are still in its workspace.",
    )
