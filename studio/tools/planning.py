"""Planning: what a patch does to each file, known in full before the first of them is touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.domain.errors import NotFound, OutsideError, StudioError, UserError
from studio.domain.files import EntryKind
from studio.tools.change import changeable, encoded, make_folders
from studio.tools.fitting import already_patched, patched
from studio.tools.look import text_of
from studio.tools.patch import FilePatch
from studio.workspace.files import Folder, etag_of

FILES = 100
HUNKS = 500


@dataclass(frozen=True, slots=True)
class Write:
    """A file gets other content; `before` is None for one that is added."""

    path: str
    before: bytes | None
    after: bytes

    def do(self, folder: Folder) -> None:
        """Writes it, in whole or not at all. Raises UserError when somebody changed it meanwhile."""
        make_folders(folder, self.path)
        folder.write(self.path, self.after, None if self.before is None else etag_of(self.before))

    def undo(self, folder: Folder) -> None:
        """Puts the old content back."""
        if self.before is None:
            folder.remove(self.path)
        else:
            folder.write(self.path, self.before)


@dataclass(frozen=True, slots=True)
class Rename:
    """A file gets another name, and keeps its mode."""

    path: str
    new_path: str

    def do(self, folder: Folder) -> None:
        """Renames it, unless the name is taken: UserError."""
        make_folders(folder, self.new_path)
        folder.rename(self.path, self.new_path)

    def undo(self, folder: Folder) -> None:
        """Gives the old name back."""
        folder.rename(self.new_path, self.path)


@dataclass(frozen=True, slots=True)
class Remove:
    """A file goes; `before` is what it held."""

    path: str
    before: bytes

    def do(self, folder: Folder) -> None:
        """Deletes it."""
        folder.remove(self.path)

    def undo(self, folder: Folder) -> None:
        """Writes it again."""
        folder.write(self.path, self.before)


Act = Write | Rename | Remove


@dataclass(frozen=True, slots=True)
class FileChange:
    """What is done to one file, in words for the model and as acts; without acts it was done before."""

    words: str
    acts: tuple[Act, ...]
    added: int
    removed: int


def plan(folder: Folder, patches: Sequence[FilePatch], again: bool) -> tuple[FileChange, ...]:
    """What is to be done, nothing of it done yet. Raises UserError, worded for the model, when any of it cannot be.

    `again` says that a dead process may have done some of it: a file that is as the patch leaves it is left alone.
    """
    _require_bounds(patches)
    _require_apart(patches)
    return tuple(_plan_file(folder, patch, again) for patch in patches)


def do_all(folder: Folder, changes: Sequence[FileChange]) -> None:
    """Does everything, deletions last. When an act fails, those before it are undone and its error is raised."""
    acts = [act for change in changes for act in change.acts]
    acts.sort(key=lambda act: isinstance(act, Remove))
    done: list[Act] = []
    try:
        for act in acts:
            act.do(folder)
            done.append(act)
    except StudioError as error:
        left = [act.path for act in reversed(done) if not _undone(folder, act)]
        if left:
            raise OutsideError(f"{error.sentence} These could not be put back: {', '.join(left)}.") from error
        raise


def _undone(folder: Folder, act: Act) -> bool:
    try:
        act.undo(folder)
    except StudioError:
        return False
    return True


def _require_bounds(patches: Sequence[FilePatch]) -> None:
    hunks = sum(len(patch.hunks) for patch in patches)
    if len(patches) > FILES or hunks > HUNKS:
        raise UserError(
            f"The patch has {hunks} hunks in {len(patches)} files; {HUNKS} in {FILES} are the most.",
            "Send it in parts.",
        )


def _require_apart(patches: Sequence[FilePatch]) -> None:
    """Each file once, and none above another: what is planned for one must not change what holds for the next."""
    seen: set[str] = set()
    for patch in patches:
        for path in {patch.old, patch.new} - {None}:
            changeable(str(path))
            if path in seen:
                raise UserError(f"The patch has {path} more than once.", "Put its hunks under one header.")
            seen.add(str(path))
    for path in seen:
        parts = path.split("/")
        for depth in range(1, len(parts)):
            if (above := "/".join(parts[:depth])) in seen:
                raise UserError(f"The patch has {above} both as a file and as a folder.", "Send two patches.")


def _plan_file(folder: Folder, patch: FilePatch, again: bool) -> FileChange:
    if patch.old is None and patch.new is not None:
        return _plan_added(folder, patch, patch.new, again)
    if patch.old is not None and patch.new is None:
        return _plan_deleted(folder, patch, patch.old, again)
    assert patch.old is not None
    assert patch.new is not None
    return _plan_changed(folder, patch, patch.old, patch.new, again)


def _plan_added(folder: Folder, patch: FilePatch, path: str, again: bool) -> FileChange:
    if any(hunk.old for hunk in patch.hunks):
        raise UserError(f"The patch adds {path}, but has lines without '+' for it.", "Give every line a '+'.")
    content = encoded("".join(hunk.new for hunk in patch.hunks))
    if _is_there(folder, path):
        if again and encoded(text_of(folder, path)) == content:
            return _change(f"{path} was added already.", patch)
        raise UserError(f"{path} exists already, so it cannot be added.", "Read it, and change it with a hunk.")
    return _change(f"Added {path}.", patch, Write(path, None, content))


def _plan_deleted(folder: Folder, patch: FilePatch, path: str, again: bool) -> FileChange:
    if again and not _is_there(folder, path):
        return _change(f"{path} was deleted already.", patch)
    text = text_of(folder, path)
    if patched(text, path, patch.hunks):
        raise UserError(
            f"The patch deletes {path}, but does not take out all of its lines.",
            "Give all of them with '-', or use the tool delete.",
        )
    return _change(f"Deleted {path}.", patch, Remove(path, encoded(text)))


def _plan_changed(folder: Folder, patch: FilePatch, old: str, new: str, again: bool) -> FileChange:
    moved = old != new
    if moved and again and not _is_there(folder, old) and _is_there(folder, new):
        moved, old = False, new
    if moved and _is_there(folder, new):
        raise UserError(f"{new} exists already, so {old} cannot be renamed to it.", "Choose another name.")
    if folder.stat(old).kind is not EntryKind.FILE:
        raise UserError(f"{old} is not an ordinary file.", "Use the tool move for folders and links.")
    acts: list[Act] = [Rename(old, new)] if moved else []
    if patch.hunks:
        text = text_of(folder, old)
        if not (again and already_patched(text, new, patch.hunks)):
            acts.append(Write(new, encoded(text), encoded(patched(text, new, patch.hunks))))
    if not acts:
        return _change(f"{new} was changed already.", patch)
    return _change(f"Renamed {old} to {new}." if moved else f"Changed {new}.", patch, *acts)


def _is_there(folder: Folder, path: str) -> bool:
    """Whether a name is taken. Raises UserError when the way to it leads through a link or a file."""
    try:
        folder.stat(path)
    except NotFound:
        return False
    return True


def _change(words: str, patch: FilePatch, *acts: Act) -> FileChange:
    added, removed = sum(hunk.added for hunk in patch.hunks), sum(hunk.removed for hunk in patch.hunks)
    return FileChange(f"{words[:-1]} (+{added} −{removed})." if acts else words, acts, added, removed)
