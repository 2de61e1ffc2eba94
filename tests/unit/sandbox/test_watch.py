"""What a watch on the workspace sees. A miss would lose an agent's work until the turn ends, so none is allowed."""

from __future__ import annotations

import mmap
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.sandbox.inside.watch import Watch
from tests.fixtures.repositories import git, make_repository

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="runs inside Linux containers only")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "work", {"a.txt": "a\n", "src/deep/b.txt": "b\n", ".gitignore": "out/\n"})


@pytest.fixture
def watch(folder: Path) -> Iterator[Watch]:
    """A watch that has settled: nothing was touched since its last look."""
    made = Watch(str(folder))
    assert made.touched()
    assert not made.touched()
    yield made
    made.close()


def append(folder: Path) -> None:
    with (folder / "a.txt").open("a") as file:
        file.write("more\n")


def write_in_place(folder: Path) -> None:
    with (folder / "src/deep/b.txt").open("r+b") as file:
        file.write(b"B")


def write_by_a_link(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder / "a.txt")
    link.write_text("by a link\n")


def write_mapped(folder: Path) -> None:
    with (folder / "a.txt").open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        mapped[0:1] = b"M"


def swap_folders(folder: Path) -> None:
    (folder / "src").rename(folder / "other")


def bring_a_folder_in(folder: Path) -> None:
    made = folder.parent / "made elsewhere"
    (made / "x").mkdir(parents=True)
    (made / "x" / "y.txt").write_text("y\n")
    made.rename(folder / "come")


def commit(folder: Path) -> None:
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "the agent's own")


def commit_on_a_branch_with_slashes(folder: Path) -> None:
    git(folder, "switch", "--quiet", "--create", "a/b/c")


CHANGES: list[Callable[[Path], object]] = [
    append,
    write_in_place,
    write_by_a_link,
    write_mapped,
    swap_folders,
    bring_a_folder_in,
    commit,
    commit_on_a_branch_with_slashes,
    lambda folder: (folder / "new.txt").touch(),
    lambda folder: (folder / "a\nb \udcff").touch(),
    lambda folder: (folder / "a.txt").rename(folder / "src" / "a.txt"),
    lambda folder: (folder / "a.txt").unlink(),
    lambda folder: (folder / "a.txt").chmod(0o755),
    lambda folder: os.truncate(folder / "a.txt", 0),
    lambda folder: os.utime(folder / "a.txt", (1, 1)),
    lambda folder: (folder / "hard.txt").hardlink_to(folder / "a.txt"),
    lambda folder: (folder / "soft.txt").symlink_to("nowhere"),
    lambda folder: (folder / "src/deep/er/and/er").mkdir(parents=True),
    lambda folder: shutil.rmtree(folder / "src"),
    lambda folder: (folder / ".git/info/exclude").write_text("a.txt\n"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_every_way_to_change_something_is_seen_once(
    folder: Path, watch: Watch, change: Callable[[Path], object]
) -> None:
    change(folder)

    assert watch.touched()
    assert not watch.touched()


def test_reading_touches_nothing(folder: Path, watch: Watch) -> None:
    subprocess.run(("grep", "-r", "b", "."), cwd=folder, check=True, stdout=subprocess.DEVNULL)
    git(folder, "log", "--oneline")
    os.listdir(folder / "src")

    assert not watch.touched()


def test_looking_with_git_touches_nothing_though_git_writes_its_index(folder: Path, watch: Watch) -> None:
    os.utime(folder / "a.txt", (1, 1))
    assert watch.touched()
    before = (folder / ".git/index").stat().st_mtime_ns

    git(folder, "status")

    assert (folder / ".git/index").stat().st_mtime_ns != before
    assert not watch.touched()


def test_what_is_kept_in_git_for_snapshots_touches_nothing(folder: Path, watch: Watch) -> None:
    git(folder, "update-ref", "refs/studio/first", "HEAD")
    watch.touched()

    git(folder, "update-ref", "refs/studio/head", "HEAD")
    git(folder, "hash-object", "-w", "a.txt")

    assert not watch.touched()


def test_a_folder_made_between_two_looks_is_watched_too(folder: Path, watch: Watch) -> None:
    (folder / "new/deep").mkdir(parents=True)
    assert watch.touched()

    (folder / "new/deep/file.txt").write_text("later\n")

    assert watch.touched()


def test_a_folder_is_watched_at_its_new_place(folder: Path, watch: Watch) -> None:
    swap_folders(folder)
    assert watch.touched()
    (folder / "other/deep/more").mkdir()
    assert watch.touched()

    (folder / "other/deep/more/file.txt").touch()

    assert watch.touched()


def test_more_events_than_the_kernel_keeps_are_no_loss(folder: Path, watch: Watch) -> None:
    kept = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    for number in range(kept // 2 + 100):
        (folder / str(number % 7)).touch()
        (folder / str(number % 7)).unlink()
    (folder / "late/er").mkdir(parents=True)

    assert watch.touched()
    assert not watch.touched()
    (folder / "late/er/file.txt").touch()
    assert watch.touched()


def test_a_tree_with_too_many_folders_is_always_in_doubt(folder: Path) -> None:
    watch = Watch(str(folder), most=3)

    assert [watch.touched() for _ in range(3)] == [True, True, True]


def test_a_tree_that_grows_too_large_is_in_doubt_from_then_on(folder: Path) -> None:
    watch = Watch(str(folder), most=20)
    assert [watch.touched(), watch.touched()] == [True, False]

    for number in range(20):
        (folder / f"folder {number}").mkdir()

    assert [watch.touched() for _ in range(3)] == [True, True, True]


def test_a_closed_watch_is_in_doubt(watch: Watch) -> None:
    watch.close()
    watch.close()

    assert watch.touched()


NAMES = st.sampled_from(["a", "b", "c"])
PLACES = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
ACTS = st.lists(st.tuples(st.sampled_from(["write", "folder", "remove", "move", "look"]), PLACES, PLACES), max_size=30)


@settings(max_examples=150)
@given(ACTS)
def test_whatever_is_done_no_difference_goes_unseen(acts: list[tuple[str, str, str]]) -> None:
    with TemporaryDirectory() as name:
        root = Path(name)
        watch = Watch(name)
        watch.touched()
        seen = picture(root)
        for number, (act, place, other) in enumerate(acts):
            if act == "look":
                now = picture(root)
                assert watch.touched() or now == seen
                seen = now
            else:
                do(act, root / place, root / other, str(number))
        assert watch.touched() or picture(root) == seen
        watch.close()


def do(act: str, place: Path, other: Path, text: str) -> None:
    if act == "write" and place.parent.is_dir() and not place.is_dir():
        place.write_text(text)
    elif act == "folder" and not place.exists() and not any(above.is_file() for above in place.parents):
        place.mkdir(parents=True)
    elif act == "remove" and place.exists():
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    elif act == "move" and place.exists() and may_become(other, place):
        place.rename(other)


def may_become(other: Path, place: Path) -> bool:
    return other.parent.is_dir() and not other.exists() and place not in other.parents


def picture(root: Path) -> dict[str, str]:
    return {str(path): path.read_text() if path.is_file() else "/" for path in root.rglob("*")}
