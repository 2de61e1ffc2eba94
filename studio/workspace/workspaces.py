"""Workspaces: what other rooms ask of the git boundary."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.paths import Paths
from studio.contracts.containers import Mount
from studio.contracts.guest import Guest
from studio.domain.changes import Base, Diff, Merged, PutBack, Snapshot
from studio.domain.errors import GitError
from studio.domain.ids import ProjectId, RunId
from studio.domain.projects import Project
from studio.domain.runs import Run
from studio.workspace import base_files, checkout, clone, intact
from studio.workspace.commits import Commits
from studio.workspace.diff import make_diff
from studio.workspace.files import Folder
from studio.workspace.including import Included, include
from studio.workspace.merge import merge
from studio.workspace.names import shown
from studio.workspace.own_git import OwnGit
from studio.workspace.pictures import Pictures
from studio.workspace.project_repository import ProjectRepository
from studio.workspace.putting_back import put_back
from studio.workspace.removal import remove_tree
from studio.workspace.setups import Setups

PREPARED = "prepared"
"""The name of the file beside a run's files that says what was done to make them ready."""

CARRIED = "carried.json"
"""The name of the file beside them that says what of them was the same at a container engine elsewhere."""

Owner = tuple[int, int]
"""User and group id."""

_SLOTS = ".slots"
"""Where homes lie that no run has yet."""


class Workspaces:
    """Takes commits in from people's checkouts, gives runs their files, brings commits back and merges them.

    `git_binary` is what `find_git` returns, `environment` the process's own (for the person's git),
    `owner` the user that containers run as, when it is not the user of this process. `commits` reads files of commits.
    """

    def __init__(
        self, paths: Paths, git_binary: str, environment: Mapping[str, str], owner: Owner | None = None
    ) -> None:
        self.paths = paths
        self._git_binary = git_binary
        self._environment = environment
        self._owner = owner
        self.commits = Commits(self._repository)
        self._person: defaultdict[ProjectId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._seen: dict[RunId, str] = {}
        self._laid_out: set[RunId] = set()
        self._setups: dict[ProjectId, Setups] = {}

    async def register(self, project: Project) -> None:
        """Makes the project's private repository and imports the person's branches; safe to repeat.

        Raises UserError when the project's path is not the top of a Git repository.
        """
        own, repository = self._own(project), self._repository(project.id)
        await checkout.require_repository(own)
        async with self._person[project.id]:
            await repository.create(await checkout.object_format(own))
            await repository.read_branches(own)

    async def forget(self, project: ProjectId) -> None:
        """Deletes the private repository with all snapshots in it; the person's checkout is not touched."""
        await remove_tree(self._repository(project).folder)
        self._person.pop(project, None)

    async def branches(self, project: Project) -> tuple[str, ...]:
        """The person's local branches. Raises UserError as `register` does."""
        own = self._own(project)
        await checkout.require_repository(own)
        return await checkout.branches(own)

    async def base(self, project: Project, branch: str | None = None) -> Base:
        """Where a new run starts: on `branch`, or on what is checked out, as it stands now.

        The branch is empty when the person's HEAD is detached. Raises UserError for a repository without
        a commit, NotFound for an unknown branch.
        """
        own, repository = self._own(project), self._repository(project.id)
        await checkout.require_repository(own)
        where = checkout.Head(branch, await checkout.tip(own, branch)) if branch else await checkout.head(own)
        target = f"refs/checkout/heads/{where.branch}" if where.branch else f"refs/checkout/detached/{where.commit}"
        async with self._person[project.id]:
            repository.require()
            commit = await repository.commit_at(target)
            if commit != where.commit:
                await (repository.read_branches(own) if where.branch else repository.read_head(own, target))
                commit = await repository.commit_at(target)
        if commit is None:
            raise GitError(f"The newest commit of {own.folder} could not be read.")
        return Base(where.branch, commit)

    async def include(
        self, project: Project, run: Run, patterns: bytes, guest: Guest, agreed: bytes | None = None
    ) -> Included:
        """Puts files that no commit holds from the person's checkout into the run's workspace; see `including`."""
        return await include(self._own(project), patterns, guest, self.files(run.id), agreed)

    def setups(self, project: ProjectId) -> Setups:
        """What setups of the project's runs made; it goes with its private repository."""
        if project not in self._setups:
            self._setups[project] = Setups(self._repository(project).folder / "setups")
        return self._setups[project]

    def folder(self, run: RunId) -> Path:
        """The host folder that the run's container sees as `/workspace`."""
        return self._home(run) / "files"

    def files(self, run: RunId) -> Folder:
        """The run's files, safe to read and write while the agent is at work."""
        return Folder(self.folder(run), self._owner)

    def pictures(self, project: ProjectId) -> Pictures:
        """The images of the project's chats; they go with its private repository."""
        return Pictures(self._repository(project).folder / "pictures")

    async def prepare(self, run: Run) -> tuple[Path, tuple[Mount, ...]]:
        """Makes the run's folder and returns it with the mounts its container needs besides; safe to repeat."""
        await self._repository(run.project).start_run(run.id, run.head)
        return await self._furnished(run.project, self._home(run.id))

    async def prepare_slot(self, project: ProjectId, name: str) -> tuple[Path, Path, tuple[Mount, ...]]:
        """Makes a home that no run has yet, and returns it with what `prepare` returns. Raises GitError."""
        self._repository(project).require()
        home = self.paths.workspaces / _SLOTS / name
        return home, *await self._furnished(project, home)

    async def _furnished(self, project: ProjectId, home: Path) -> tuple[Path, tuple[Mount, ...]]:
        folder = home / "files"
        await in_thread(_make_folder, folder, home / "populated", self._owner)
        base = await in_thread(base_files.mount_of, home)
        setups = await in_thread(self.setups(project).mount)
        objects = Mount(self._repository(project).objects, clone.OBJECTS, read_only=True)
        return folder, (objects, base, setups)

    async def has_home(self, run: RunId) -> bool:
        """Whether the run has a folder already."""
        return await in_thread(self._home(run).exists)

    async def is_laid_out(self, run: RunId) -> bool:
        """Whether the run's files were put into its folder, which is done when its sandbox starts."""
        return await in_thread(self._mark(run).exists)

    async def adopt(self, run: RunId, home: Path) -> bool:
        """Makes a home that was prepared the run's own; False, and nothing done, when it has one."""
        return await in_thread(_moved, home, self._home(run))

    async def lay_out_base(self, run: Run) -> str:
        """Lays out the files of the run's base commit for its container, which cannot change them; returns where.

        Once in the life of this process, however often it is asked for: what another process left half done, or a
        disk lost, is never taken for whole. Raises GitError or OutsideError.
        """
        home = self._home(run.id)
        if run.id not in self._laid_out or not await in_thread(base_files.is_laid_out, home):
            await base_files.lay_out(self._repository(run.project).git, run.base_commit, home)
            self._laid_out.add(run.id)
        return base_files.FILES

    def base_folder(self, run: RunId) -> Path:
        """Where the files of the run's base commit lie on this machine, once they are laid out."""
        return base_files.folder_of(self._home(run))

    async def lay_out_to_read(self, run: Run) -> Folder:
        """The files of the run's newest snapshot, where no container sees them. Raises GitError or OutsideError."""
        git = self._repository(run.project).git
        return Folder(await base_files.lay_out_apart(git, run.head, self._home(run.id) / "reading"))

    async def populate(self, run: Run, guest: Guest) -> None:
        """Makes the run's clone at its head; in a workspace that was in use, not one file is touched.

        Raises GitError.
        """
        mark = self._mark(run.id)
        shallow = await in_thread(self._repository(run.project).shallow)
        self._seen[run.id] = await clone.populate(run, guest, fresh=not mark.exists(), shallow=shallow)
        mark.touch(mode=0o600)

    async def changed(self, run: Run, guest: Guest) -> bool:
        """Whether a snapshot is due: files differ from the newest one, or the agent made a commit."""
        status = await clone.status(guest)
        return status.dirty or status.seen != self._seen.get(run.id)

    async def snapshot(self, run: Run, guest: Guest, message: str) -> Snapshot | None:
        """Commits all files on top of `run.head` and brings the commit home; None when nothing changed.

        The caller saves the commit as the run's new head. Raises GitError, PolicyRefused for a commit that
        fails the checks; nothing is lost then, the files stay where they are.
        """
        started = time.monotonic()
        commit, seen = await clone.commit(run, guest, message)
        if commit == run.head:
            self._seen[run.id] = seen
            return None
        repository = self._repository(run.project)
        bundle = repository.new_bundle(run.id)
        try:
            await clone.bundle(run, guest, bundle)
            taken = await repository.take_bundle(bundle, clone.SNAPSHOT_REF, run.id, run.head)
        finally:
            with contextlib.suppress(FileNotFoundError):
                bundle.unlink()
        self._seen[run.id] = seen
        names = tuple(shown(name) for name in taken.files)
        return Snapshot(taken.commit, run.head, names, (time.monotonic() - started) * 1000, taken.left_out)

    async def put_back(self, run: Run, guest: Guest, target: str, again: str = "") -> PutBack:
        """Makes the run's files those of `target`, a commit of the private repository, as a new commit on `run.head`.

        To be called right after a snapshot. `again` is what an earlier one kept: it comes back as well, where nothing
        stands in its place. Raises GitError or PolicyRefused; nothing is lost then.
        """
        return await put_back(run, guest, self._repository(run.project), target, again)

    async def is_touched(self, guest: Guest) -> bool:
        """Whether a file that the run's newest snapshot holds is not as it was."""
        return (await clone.status(guest)).touched

    async def diff(self, run: Run, *, patches: bool = True, base: str | None = None, head: str | None = None) -> Diff:
        """What the run's newest snapshot (or `head`) changes against its base (or `base`).

        Without `patches` names and counts only.
        """
        repository = self._repository(run.project)
        repository.require()
        return await make_diff(repository.git, base or run.base_commit, head or run.head, patches=patches)

    async def damaged(self, project: ProjectId, base: str, commits: Sequence[str]) -> tuple[str, ...]:
        """What these snapshots added to `base` and is not kept as it was; see `intact.damaged`."""
        repository = self._repository(project)
        repository.require()
        return await intact.damaged(repository.git, base, commits)

    async def merge(self, project: Project, run: Run, into: str | None = None) -> Merged:
        """Merges the run's newest snapshot into the person's branch `into`, or where the run started.

        Raises UserError or PolicyRefused, with nothing changed, when that cannot be done.
        """
        async with self._person[project.id]:
            return await merge(self._repository(project.id), self._own(project), run, into)

    async def remove(self, run: RunId) -> None:
        """Deletes the run's files, once its container is gone; its snapshots stay in the private repository."""
        await remove_tree(self._home(run))
        self._seen.pop(run, None)
        self._laid_out.discard(run)

    async def on_disk(self) -> frozenset[RunId]:
        """The runs whose files lie on this disk."""
        return frozenset(map(RunId, await in_thread(os.listdir, self.paths.workspaces)))

    def _own(self, project: Project) -> OwnGit:
        return OwnGit(self._git_binary, self._environment, project.path)

    def _repository(self, project: ProjectId) -> ProjectRepository:
        return ProjectRepository(self._git_binary, self.paths.projects / project)

    def _home(self, run: RunId) -> Path:
        return self.paths.workspaces / run

    def _mark(self, run: RunId) -> Path:
        return self._home(run) / "populated"


def _moved(home: Path, place: Path) -> bool:
    try:
        home.rename(place)
    except OSError:
        return False
    return True


def _make_folder(folder: Path, mark: Path, owner: Owner | None) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not folder.exists():
        # Files that somebody deleted as a whole are made anew, instead of being taken for the agent's deletions.
        for old in (mark, mark.with_name(PREPARED), mark.with_name(CARRIED)):
            old.unlink(missing_ok=True)
        folder.mkdir(mode=0o755)
    if owner is not None and os.stat(folder).st_uid != owner[0]:
        os.chown(folder, *owner)
