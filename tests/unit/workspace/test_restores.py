"""The files of a run go back to an earlier snapshot, and nothing that stood there is lost."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from studio.domain.changes import PutBack
from studio.domain.errors import GitError
from studio.workspace.workspaces import Workspaces
from tests.fixtures.git_stories import StartWork, Work


async def put_back(work: Work, target: str, again: str = "") -> PutBack:
    """Puts the files back and, as the caller of the room does, moves the run's head."""
    done = await work.workspaces.put_back(work.run, work.guest, target, again)
    work.run = replace(work.run, head=done.commit)
    return done


def write(work: Work, path: str, text: str) -> None:
    file = work.guest.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def read(work: Work, path: str) -> str:
    return (work.guest.folder / path).read_text()


async def git(work: Work, *arguments: str) -> str:
    """What git says of the project's private repository."""
    return await work.workspaces._repository(work.project.id).git.text(*arguments)


async def test_the_files_are_those_of_the_snapshot_and_later_ones_stay_in_the_branch(start_work: StartWork) -> None:
    work = await start_work()
    write(work, "one.txt", "1\n")
    first = await work.must_snapshot()
    write(work, "one.txt", "2\n")
    write(work, "two/deep.txt", "2\n")
    second = await work.must_snapshot()

    done = await put_back(work, first.commit)

    assert read(work, "one.txt") == "1\n"
    assert not (work.guest.folder / "two").exists()
    assert done.files == ("one.txt", "two/deep.txt")
    assert (done.kept, done.parent) == ("", second.commit)
    assert await git(work, "rev-parse", f"{done.commit}^") == second.commit
    assert await git(work, "rev-parse", f"{done.commit}^{{tree}}") == await git(
        work, "rev-parse", f"{first.commit}^{{tree}}"
    )
    assert not await work.changed()


async def test_an_ignored_file_that_is_in_no_ones_way_is_not_touched(start_work: StartWork) -> None:
    work = await start_work()
    write(work, ".gitignore", "*.log\nnode_modules/\n")
    first = await work.must_snapshot()
    write(work, "run.log", "seen\n")
    write(work, "node_modules/x/index.js", "x\n")
    write(work, "new.txt", "new\n")
    await work.must_snapshot()

    done = await put_back(work, first.commit)

    assert (read(work, "run.log"), read(work, "node_modules/x/index.js")) == ("seen\n", "x\n")
    assert done.kept == ""


async def test_an_ignored_file_in_the_way_is_kept_beside_the_branch_and_comes_back(start_work: StartWork) -> None:
    work = await start_work()
    write(work, "secret.env", "from the repository\n")
    os.chmod(work.guest.folder / "secret.env", 0o755)
    first = await work.must_snapshot()
    (work.guest.folder / "secret.env").unlink()
    write(work, ".gitignore", "*.env\n")
    second = await work.must_snapshot()
    write(work, "secret.env", "KEY=1\r\n")

    done = await put_back(work, first.commit)

    assert read(work, "secret.env") == "from the repository\n"
    assert done.kept_files == ("secret.env",)
    assert await git(work, "cat-file", "blob", f"{done.kept}:secret.env") == "KEY=1"
    assert await git(work, "for-each-ref", "--format=%(objectname)", f"refs/kept/{work.run.id}/") == done.kept
    assert done.kept not in await git(work, "rev-list", done.commit)

    await put_back(work, second.commit, done.kept)

    assert (work.guest.folder / "secret.env").read_bytes() == b"KEY=1\r\n"
    assert not await work.changed()


async def test_whatever_stands_where_a_folder_or_file_is_needed_is_kept(start_work: StartWork) -> None:
    work = await start_work()
    for path in ("out/page.html", "cache/index", "link/inside.txt", "plain"):
        write(work, path, "of the snapshot\n")
    first = await work.must_snapshot()
    await work.guest.shell("rm -rf out cache link plain; printf 'out\\ncache\\nlink\\nplain\\n' > .gitignore")
    await work.must_snapshot()
    await work.guest.shell("echo a file > out; mkdir -p cache/index/deep; echo x > cache/index/deep/x")
    await work.guest.shell("ln -s /nowhere link; ln -s target plain; echo 'é\n' > $'cache/index/new\\nline'")

    done = await put_back(work, first.commit)

    for path in ("out/page.html", "cache/index", "link/inside.txt", "plain"):
        assert read(work, path) == "of the snapshot\n"
    assert sorted(done.kept_files) == [r"cache/index/deep/x", r"cache/index/new\nline", "link", "out", "plain"]
    assert await git(work, "cat-file", "blob", f"{done.kept}:link") == "/nowhere"

    await put_back(work, done.parent, done.kept)

    assert read(work, "out") == "a file\n"
    assert read(work, "cache/index/deep/x") == "x\n"
    assert os.readlink(work.guest.folder / "link") == "/nowhere"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        ("mkdir -p sub && git init -q sub && echo x > sub/file", "'sub' is in the way and holds a Git repository"),
        ("mkfifo sub", "'sub' is in the way and is no file that can be kept"),
    ],
)
async def test_what_cannot_be_kept_is_not_overwritten(start_work: StartWork, make: str, sentence: str) -> None:
    work = await start_work()
    write(work, "sub", "x\n")
    write(work, "other.txt", "1\n")
    first = await work.must_snapshot()
    await work.guest.shell("rm sub; echo sub > .gitignore; echo 2 > other.txt")
    await work.must_snapshot()
    await work.guest.shell(make)

    with pytest.raises(GitError, match=sentence) as told:
        await put_back(work, first.commit)

    assert told.value.action == "Nothing was changed. Move it away, then restore again."
    assert read(work, "other.txt") == "2\n"
    assert os.path.lexists(work.guest.folder / "sub")


async def test_a_file_that_was_changed_since_the_snapshot_stops_the_restore(start_work: StartWork) -> None:
    work = await start_work()
    write(work, "one.txt", "1\n")
    first = await work.must_snapshot()
    write(work, "one.txt", "2\n")
    write(work, ".gitignore", "kept.log\n")
    await work.must_snapshot()
    write(work, "one.txt", "unsaved\n")

    with pytest.raises(GitError, match="could not be put back"):
        await put_back(work, first.commit)

    assert read(work, "one.txt") == "unsaved\n"
    assert await work.workspaces.is_touched(work.guest)


async def test_the_agents_own_index_and_branches_stay_as_they_are(start_work: StartWork) -> None:
    work = await start_work()
    first = await work.must_snapshot_of("echo 1 > one.txt")
    await work.guest.shell("git add -A && git commit -qm mine && git branch side && echo 2 > one.txt && git add -A")
    await work.must_snapshot()
    before = (await work.guest.shell("git for-each-ref refs/heads; git rev-parse HEAD; git ls-files --stage")).stdout

    await put_back(work, first.commit)

    after = (await work.guest.shell("git for-each-ref refs/heads; git rev-parse HEAD; git ls-files --stage")).stdout
    assert after == before
    assert not await work.changed()


async def test_the_next_snapshot_follows_the_restore(start_work: StartWork, workspaces: Workspaces) -> None:
    work = await start_work()
    first = await work.must_snapshot_of("echo 1 > one.txt")
    await work.must_snapshot_of("echo 2 > one.txt")
    done = await put_back(work, first.commit)
    third = await work.must_snapshot_of("echo 3 > three.txt")
    assert third.parent == done.commit
    assert third.files == ("three.txt",)
