"""Runs in a run's container: puts the files of its workspace back, and keeps what would be overwritten.

Git itself protects what a snapshot holds. What no snapshot holds (ignored files, above all) is in its way only where
the restored tree has a file at the same path, or needs a folder there: exactly that is kept and taken away.

    keep HEAD TARGET NAME EMAIL     prints a commit on HEAD with what is in the way of TARGET's tree, or nothing
    checkout HEAD TARGET KEPT BACK  makes the files TARGET's; KEPT is what `keep` printed, BACK one of an earlier keep

Standard library only, of any Python 3; the current folder is the workspace. Ends with 3 and one sentence on standard
error when something cannot be kept: nothing was changed then.
"""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
from typing import Dict, List, NamedTuple, NoReturn, Optional, Set, Tuple

GIT = ("git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0")
WHOLE = ("-c", "core.sparseCheckout=false", "-c", "submodule.recurse=false")
INDEX = ".git/studio/index"
SCRATCH = ".git/studio/kept-index"
REF = "refs/studio/kept"
GITLINK = "160000"
NOTHING = "000000"


class Change(NamedTuple):
    """One line of `diff-tree --raw`: modes are NOTHING where the path is not there."""

    old: str
    new: str
    blob: str
    path: bytes


def refuse(sentence: str) -> NoReturn:
    """Ends the program; nothing was changed."""
    sys.stderr.write(sentence + "\n")
    sys.exit(3)


def git(*arguments: str, index: str = INDEX, feed: bytes = b"", may_fail: bool = False) -> bytes:
    """What one git command prints; ends the program when it fails."""
    places = {"GIT_DIR": ".git", "GIT_WORK_TREE": ".", "GIT_INDEX_FILE": index, "GIT_NO_REPLACE_OBJECTS": "1"}
    argv = [*GIT, *WHOLE, *arguments]
    done = subprocess.run(argv, input=feed, capture_output=True, env={**os.environ, **places})
    if done.returncode != 0 and not may_fail:
        raise Failed(done.stderr)
    return done.stdout


class Failed(Exception):
    """Git said no; its words are the argument."""


def changes(old: str, new: str) -> List[Change]:
    """Every path that differs between two commits."""
    fields = git("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new).split(b"\0")[:-1]
    found = []
    for about, path in zip(fields[::2], fields[1::2]):  # noqa: B905 - not in every Python
        old_mode, new_mode, _, blob, _ = about.decode("ascii").lstrip(":").split(" ")
        found.append(Change(old_mode, new_mode, blob, path))
    return found


def in_the_way(found: List[Change]) -> List[bytes]:
    """The files that no snapshot holds at, above or below a path that the new tree has."""
    held = {change.path: change.old for change in found if change.old != NOTHING}
    kept: Set[bytes] = set()
    for change in found:
        if change.new == NOTHING:
            continue
        above = _above(change.path, held)
        if above is not None:
            kept.add(above)
        elif change.old == GITLINK:
            _require_empty(change.path)
        elif change.old == NOTHING:
            kept.update(_at(change, held))
    return sorted(kept)


def _above(path: bytes, held: Dict[bytes, str]) -> Optional[bytes]:
    """What stands where the tree needs a folder on the way to `path`, unless a snapshot holds it."""
    at = path.find(b"/")
    while at >= 0:
        folder = path[:at]
        mode = mode_of(folder)
        if mode is None:
            return None
        if not stat.S_ISDIR(mode):
            return None if folder in held else folder
        if held.get(folder) == GITLINK:
            _require_empty(folder)
        at = path.find(b"/", at + 1)
    return None


def _at(change: Change, held: Dict[bytes, str]) -> List[bytes]:
    mode = mode_of(change.path)
    if mode is None:
        return []
    if not stat.S_ISDIR(mode):
        return [change.path]
    return [] if change.new == GITLINK else _below(change.path, held)


def _below(folder: bytes, held: Dict[bytes, str]) -> List[bytes]:
    def fail(error: OSError) -> None:
        refuse("%s is in the way and cannot be read, so it cannot be kept." % shown(error.filename))

    found = []
    for at, folders, files in os.walk(folder, onerror=fail):
        if b".git" in folders or b".git" in files:
            refuse("%s is in the way and holds a Git repository of its own." % shown(at))
        links = [name for name in folders if os.path.islink(os.path.join(at, name))]
        found += [os.path.join(at, name) for name in (*files, *links)]
    return [path for path in found if path not in held]


def _require_empty(folder: bytes) -> None:
    if os.path.isdir(folder) and not os.path.islink(folder) and os.listdir(folder):
        refuse("%s is in the way and holds a Git repository of its own." % shown(folder))


def mode_of(path: bytes) -> Optional[int]:
    """What stands at a path; None when nothing does."""
    try:
        return os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None


def shown(path: object) -> str:
    """A name as it can be printed."""
    return repr(os.fsdecode(path) if isinstance(path, (bytes, str)) else path)


def saved(paths: List[bytes], *, write: bool) -> List[Tuple[str, str, bytes]]:
    """Mode, blob and path of each file with its very bytes, whatever filters the repository names."""
    options = ("-w",) if write else ()
    entries, plain = [], []
    for path in paths:
        mode = mode_of(path)
        if mode is not None and stat.S_ISLNK(mode):
            blob = git("hash-object", *options, "--stdin", feed=os.readlink(path))
            entries.append(("120000", blob.decode("ascii").strip(), path))
        elif mode is not None and stat.S_ISREG(mode):
            plain.append((path, "100755" if mode & stat.S_IXUSR else "100644"))
        else:
            refuse("%s is in the way and is no file that can be kept." % shown(path))
    names = b"".join(b'"' + b"".join(b"\\%03o" % letter for letter in path) + b'"\n' for path, _ in plain)
    try:
        blobs = git("hash-object", *options, "--no-filters", "--stdin-paths", feed=names).decode("ascii").split()
    except Failed as failed:
        refuse("What is in the way cannot be kept: %s" % failed.args[0].decode("utf-8", "replace").strip())
    return entries + [(mode, blob, path) for (path, mode), blob in zip(plain, blobs)]  # noqa: B905


def keep(head: str, target: str, name: str, email: str) -> None:
    """Commits what is in the way on top of HEAD, where nothing but `REF` names it."""
    paths = in_the_way(changes(head, target))
    if not paths:
        return
    entries = saved(paths, write=True)
    for part in ("AUTHOR", "COMMITTER"):
        os.environ["GIT_%s_NAME" % part], os.environ["GIT_%s_EMAIL" % part] = name, email
    git("read-tree", head, index=SCRATCH)
    lines = b"".join(b"%s %s 0\t%s\0" % (mode.encode(), blob.encode(), path) for mode, blob, path in entries)
    git("update-index", "--add", "--replace", "-z", "--index-info", index=SCRATCH, feed=lines)
    tree = git("write-tree", index=SCRATCH).decode("ascii").strip()
    message = b"Files that no snapshot held, kept before others were put in their place\n"
    commit = git("commit-tree", "-p", head, tree, feed=message).decode("ascii").strip()
    git("update-ref", REF, commit)
    print(commit)


def put_back(kept: List[Change]) -> None:
    """Writes kept files where nothing stands in their place."""
    for change in kept:
        if change.new != NOTHING and mode_of(change.path) is None:
            try:
                _write(change, git("cat-file", "blob", change.blob))
            except OSError:
                continue  # something else stands in the way; the bytes stay in their commit


def _write(change: Change, data: bytes) -> None:
    folder = os.path.dirname(change.path)
    if folder:
        os.makedirs(folder, exist_ok=True)
    if change.new == "120000":
        os.symlink(data, change.path)
        return
    mode = int(change.new[-3:], 8)
    with os.fdopen(os.open(change.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)


def checkout(head: str, target: str, kept: str, back: str) -> None:
    """Moves the files from HEAD's tree to TARGET's; raises Failed with all as it was when a file changed meanwhile."""
    taken = [change for change in changes(head, kept) if change.new != NOTHING] if kept else []
    standing = {(mode, blob, path) for mode, blob, path in saved([change.path for change in taken], write=False)}
    if any((change.new, change.blob, change.path) not in standing for change in taken):
        refuse("A file that is in the way was changed at this moment.")
    try:
        for change in taken:
            os.unlink(change.path)
        git("update-index", "-q", "--refresh", may_fail=True)
        git("read-tree", "-m", "-u", head, target)
    except OSError as error:
        put_back(taken)
        refuse("%s is in the way and cannot be removed: %s." % (shown(error.filename), error.strerror))
    except Failed:
        put_back(taken)
        raise
    git("update-ref", "refs/studio/head", target)
    if back:
        put_back(changes(back + "^", back))


def main(verb: str, *arguments: str) -> None:
    """Does what the first word says."""
    os.umask(0o022)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(INDEX + ".lock")
    try:
        (keep if verb == "keep" else checkout)(*arguments)
    except Failed as failed:
        sys.stderr.buffer.write(failed.args[0])
        sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
