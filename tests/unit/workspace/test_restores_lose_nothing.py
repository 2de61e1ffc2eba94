"""Over any history of edits, commits, ignored files, restores and redos, no byte that was ever there is lost."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from studio.base.paths import Paths
from studio.domain.projects import Project
from studio.workspace.git import find_git
from studio.workspace.workspaces import Workspaces
from tests.fixtures.git_stories import Work, make_person, make_project, make_run
from tests.fixtures.local_guest import LocalGuest

# Few names, so that files, folders and ignored things often want the same place.
PATHS = ("a", "a/b", "a/b/c", "a/x.log", "build", "build/out", "build/deep/out", "d.log", "e", "e/f", "é \n.txt")
IGNORES = ("", "*.log\n", "build\n", "*.log\nbuild\na\n", "e/\n", "*\n")

paths = st.sampled_from(PATHS)

Files = dict[str, tuple[str, str]]
"""Kind of every file, and the id that git gives its bytes, by its path."""


def on_disk(folder: Path) -> Files:
    """All files of a workspace but git's own."""
    found: Files = {}
    for at, folders, files in os.walk(folder):
        if Path(at) == folder:
            folders.remove(".git")
        for name in (*files, *(one for one in folders if os.path.islink(os.path.join(at, one)))):
            path = Path(at, name)
            mode = path.lstat().st_mode
            content = os.fsencode(os.readlink(path)) if stat.S_ISLNK(mode) else path.read_bytes()
            kind = "link" if stat.S_ISLNK(mode) else ("program" if mode & stat.S_IXUSR else "file")
            found[str(path.relative_to(folder))] = kind, blob(content)
    return found


def blob(content: bytes) -> str:
    """The id that git gives a content."""
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


class Restores(RuleBasedStateMachine):
    """An agent and a person at work in one workspace, with snapshots, restores and redos at any moment."""

    unproven = False

    @initialize()
    def start(self) -> None:
        self.home = Path(tempfile.mkdtemp())
        self.loop = asyncio.Runner()
        person = make_person(self.home / "person")
        paths = Paths(self.home / "data")
        paths.make()
        workspaces = Workspaces(paths, find_git(os.environ["PATH"]), person.environment)
        project = make_project(person.folder)
        self.work = self.loop.run(self._work(workspaces, project))
        self.files = self.work.guest.folder
        self.written = 0
        self.commits = [self.work.run.head]
        self.held: set[str] = set()
        self.undo: tuple[str, str, Files] | None = None
        self.git = workspaces._repository(project.id).git

    async def _work(self, workspaces: Workspaces, project: Project) -> Work:
        await workspaces.register(project)
        run = make_run(project, await workspaces.base(project))
        folder, mounts = await workspaces.prepare(run)
        guest = LocalGuest(folder, mounts, self.home)
        await workspaces.populate(run, guest)
        return Work(workspaces, project, run, guest)

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.close()
            shutil.rmtree(self.home)

    @rule(path=paths, kind=st.sampled_from(("file", "file", "program", "link")))
    def write(self, path: str, kind: str) -> None:
        """Somebody writes new bytes, over whatever stands in the way."""
        self.undo, self.written = None, self.written + 1
        place = self.files / path
        for above in reversed(place.relative_to(self.files).parents):
            if (self.files / above).is_symlink() or (self.files / above).is_file():
                self._snapshot()
                (self.files / above).unlink()
        self._clear(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        if kind == "link":
            place.symlink_to(f"nowhere{self.written}")
            return
        place.write_bytes(f"{self.written}\r\n".encode())
        place.chmod(0o755 if kind == "program" else 0o644)

    @rule(ignored=st.sampled_from(IGNORES))
    def ignore(self, ignored: str) -> None:
        """Somebody says what git is to leave alone."""
        self.undo = None
        (self.files / ".gitignore").write_text(ignored)

    @rule(path=paths)
    def delete(self, path: str) -> None:
        """Somebody deletes a file or folder; what no snapshot has seen is theirs to lose."""
        self.undo = None
        self._clear(self.files / path)

    @rule(old=paths, new=paths)
    def rename(self, old: str, new: str) -> None:
        """Somebody moves a file or folder to a free place."""
        source, target = self.files / old, self.files / new
        if os.path.lexists(source) and not os.path.lexists(target) and target.parent.is_dir() and old not in new:
            self.undo = None
            source.rename(target)

    @rule(add=st.sampled_from(("--all", "--all --force", "-u")))
    def commit(self, add: str) -> None:
        """The agent commits in its own way, ignored files too."""
        self.undo = None
        self.loop.run(self.work.guest.shell(f"git add {add} . && git commit -q --allow-empty -m agent"))

    @rule()
    def snapshot(self) -> None:
        """A step ends."""
        if self._snapshot():
            self.undo = None

    @rule(data=st.data(), redo_at_once=st.booleans())
    def restore(self, data: st.DataObject, redo_at_once: bool) -> None:
        """A person takes the files back, or forth."""
        self._snapshot()
        before, target = on_disk(self.files), data.draw(st.sampled_from(self.commits))
        head = self.work.run.head
        kept = self._put_back(target, "")
        self.undo = (head, kept, before)
        after = on_disk(self.files)
        tree = self._tree(target)
        assert {path: after.get(path) for path in tree} == tree
        left = after.keys() - tree.keys()
        assert {path: after[path] for path in left} == {path: before[path] for path in left}
        assert left <= before.keys() - self._tree(head).keys()
        self.held |= {file[1] for path, file in before.items() if after.get(path) != file}
        if redo_at_once:
            self.redo()

    @precondition(lambda self: self.undo is not None)
    @rule()
    def redo(self) -> None:
        """A person takes the restore back before anything else happens: every file is again as it was."""
        assert self.undo is not None
        head, kept, before = self.undo
        self.undo = None
        self._put_back(head, kept)
        assert on_disk(self.files) == before

    @invariant()
    def all_is_reachable(self) -> None:
        """Everything that a snapshot saw, or a restore overwrote, is in the private repository."""
        if not self.unproven:
            return
        self.unproven = False
        listed = self.loop.run(self.git.text("rev-list", "--objects", "--all", "--no-object-names"))
        assert self.held <= set(listed.splitlines())
        # A restore goes on from what was there: no later commit is cut off.
        branch = self.loop.run(self.git.text("rev-list", self.work.run.head))
        assert set(self.commits) <= set(branch.splitlines())

    def _snapshot(self) -> bool:
        taken = self.loop.run(self.work.snapshot())
        if taken is not None:
            self.commits.append(taken.commit)
            self.unproven = True
            self.held |= {name for _, name in self._tree(taken.commit).values()}
        return taken is not None

    def _put_back(self, target: str, again: str) -> str:
        done = self.loop.run(self.work.workspaces.put_back(self.work.run, self.work.guest, target, again))
        self.work.run = replace(self.work.run, head=done.commit)
        self.unproven = True
        if done.commit not in self.commits:
            self.commits.append(done.commit)
        return done.kept

    def _tree(self, commit: str) -> Files:
        """The files of a commit."""
        kinds = {"100644": "file", "100755": "program", "120000": "link"}
        found: Files = {}
        for line in self.loop.run(self.git.text("ls-tree", "-r", "-z", commit)).split("\0"):
            if line:
                about, _, path = line.partition("\t")
                mode, _, name = about.split(" ")
                found[path] = kinds[mode], name
        return found

    def _clear(self, place: Path) -> None:
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        elif os.path.lexists(place):
            place.unlink()


Restores.TestCase.settings = settings(
    max_examples=int(os.environ.get("RESTORE_EXAMPLES", "12")),
    stateful_step_count=15,
    suppress_health_check=list(HealthCheck),
)
TestRestoresLoseNothing = pytest.mark.timeout(600)(Restores.TestCase)
