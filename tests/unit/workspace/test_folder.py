"""Folder: files are read and written safely, whatever an agent made of its workspace."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.domain.errors import NotFound, StudioError, UserError
from studio.domain.files import EntryKind
from studio.workspace import files as files_module
from studio.workspace.files import Folder, etag_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "sub" / "deeper").mkdir(parents=True)
    (root / "file.txt").write_bytes(b"hello\n")
    (root / "sub" / "inner.txt").write_bytes(b"inner\n")
    (tmp_path / "secret.txt").write_bytes(b"SECRET")
    return root


@pytest.fixture
def folder(root: Path) -> Folder:
    return Folder(root)


def test_a_file_is_read_whole_with_its_size_and_etag(folder: Folder) -> None:
    content = folder.read("sub/inner.txt")
    assert (content.data, content.size, content.whole) == (b"inner\n", 6, True)
    assert content.etag == etag_of(b"inner\n")


def test_a_large_file_is_read_in_windows(folder: Folder, root: Path) -> None:
    with (root / "sparse").open("wb") as file:
        file.truncate(1 << 40)
        file.seek(1000)
        file.write(b"here")
    window = folder.read("sparse", offset=1000, limit=4)
    assert (window.data, window.size, window.whole) == (b"here", 1 << 40, False)
    assert len(folder.read("sparse", limit=1 << 40).data) == files_module.READ_MAX


def test_a_write_replaces_the_whole_file_and_keeps_its_permissions(folder: Folder, root: Path) -> None:
    (root / "file.txt").chmod(0o4755)
    etag = folder.write("file.txt", b"new")
    assert (root / "file.txt").read_bytes() == b"new"
    assert etag == etag_of(b"new")
    assert stat.S_IMODE((root / "file.txt").stat().st_mode) == 0o755
    assert sorted(os.listdir(root)) == ["file.txt", "sub"]


def test_a_new_file_belongs_to_the_owner_of_its_folder(root: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(root / "sub", 4321, 4321)
    Folder(root).write("sub/new", b"x")
    Folder(root, owner=(1234, 1234)).write("sub/given", b"x")
    assert ((root / "sub/new").stat().st_uid, (root / "sub/given").stat().st_uid) == (4321, 1234)


def test_a_file_that_changed_meanwhile_is_not_overwritten(folder: Folder, root: Path) -> None:
    etag = folder.read("file.txt").etag
    (root / "file.txt").write_bytes(b"somebody else")
    with pytest.raises(UserError, match="was changed meanwhile"):
        folder.write("file.txt", b"mine", expected=etag)
    assert (root / "file.txt").read_bytes() == b"somebody else"
    (root / "file.txt").unlink()
    with pytest.raises(UserError, match="was deleted meanwhile"):
        folder.write("file.txt", b"mine", expected=etag)


def test_a_file_that_did_not_change_is_overwritten(folder: Folder) -> None:
    etag = folder.write("file.txt", b"one", expected=folder.read("file.txt").etag)
    folder.write("file.txt", b"two", expected=etag)
    assert folder.read("file.txt").data == b"two"


def test_a_link_is_never_followed(folder: Folder, root: Path, tmp_path: Path) -> None:
    (root / "link").symlink_to(tmp_path / "secret.txt")
    (root / "out").symlink_to(tmp_path, target_is_directory=True)
    for act in (
        lambda: folder.read("link"),
        lambda: folder.read("out/secret.txt"),
        lambda: folder.write("link", b"x"),
        lambda: folder.write("out/new", b"x"),
        lambda: folder.list("out"),
        lambda: folder.make_folder("out/new"),
        lambda: folder.remove("out/secret.txt"),
        lambda: folder.rename("file.txt", "out/file.txt"),
    ):
        with pytest.raises(UserError):
            act()
    assert (tmp_path / "secret.txt").read_bytes() == b"SECRET"
    folder.remove("link")
    assert not (root / "link").is_symlink()


def test_what_is_no_ordinary_file_is_refused_without_waiting(folder: Folder, root: Path) -> None:
    os.mkfifo(root / "pipe")
    for path in ("pipe", "sub"):
        with pytest.raises(UserError):
            folder.read(path)
        with pytest.raises(UserError):
            folder.write(path, b"x")


def test_a_folder_that_is_not_laid_out_yet_is_said_to_come(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="No files are laid out yet") as caught:
        Folder(tmp_path / "later").list("")

    assert "sandbox starts" in caught.value.action


def test_a_missing_file_is_not_found(folder: Folder) -> None:
    for path in ("nowhere", "nowhere/at/all"):
        with pytest.raises(NotFound):
            folder.read(path)
    with pytest.raises(NotFound):
        folder.write("nowhere/file", b"x")


def test_a_listing_shows_folders_first_and_what_each_name_is(folder: Folder, root: Path) -> None:
    (root / "link").symlink_to("file.txt")
    os.mkfifo(root / "pipe")
    (root / "a\u202eb").touch()
    listing = folder.list()
    assert [(entry.name, entry.kind) for entry in listing.entries] == [
        ("sub", EntryKind.FOLDER),
        ("a\\u202eb", EntryKind.FILE),
        ("file.txt", EntryKind.FILE),
        ("link", EntryKind.LINK),
        ("pipe", EntryKind.OTHER),
    ]
    assert listing.entries[2].size == 6
    assert [entry.path for entry in folder.list("sub").entries] == ["sub/deeper", "sub/inner.txt"]


def test_a_name_that_is_no_utf8_can_be_listed_and_read(folder: Folder, root: Path) -> None:
    (root / os.fsdecode(b"odd-\xff")).write_bytes(b"odd")
    entry = next(entry for entry in folder.list().entries if entry.name == "odd-\\xff")
    assert folder.read(entry.path).data == b"odd"


def test_a_crowded_folder_is_listed_in_pages(folder: Folder, root: Path) -> None:
    for number in range(files_module.PAGE + 1):
        (root / "sub" / "deeper" / f"{number:05}").touch()
    first = folder.list("sub/deeper")
    second = folder.list("sub/deeper", offset=files_module.PAGE)
    assert (len(first.entries), first.total) == (files_module.PAGE, files_module.PAGE + 1)
    assert [entry.name for entry in second.entries] == [f"{files_module.PAGE:05}"]


def test_folders_are_made_moved_and_removed(folder: Folder, root: Path) -> None:
    folder.make_folder("new")
    folder.rename("file.txt", "new/moved.txt")
    assert (root / "new/moved.txt").read_bytes() == b"hello\n"
    with pytest.raises(UserError, match="not empty"):
        folder.remove("new")
    with pytest.raises(UserError, match="exists already"):
        folder.rename("new/moved.txt", "sub/inner.txt")
    with pytest.raises(UserError, match="exists already"):
        folder.make_folder("sub")
    folder.remove("new/moved.txt")
    folder.remove("new")
    assert folder.stat("sub").kind is EntryKind.FOLDER
    with pytest.raises(NotFound):
        folder.stat("new")


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "..", "../secret.txt", "sub/../../secret.txt", ".", "./file.txt", "sub//inner.txt", "sub/", "\0",
     "x" * 256, "/".join("d" * 65), "\ud800"],
)  # fmt: skip
def test_a_path_that_is_not_plain_and_relative_is_refused(path: str, folder: Folder) -> None:
    with pytest.raises(UserError, match="is not a path inside"):
        folder.read(path)


parts = st.sampled_from(["..", ".", "", "sub", "file.txt", "link", "up", "secret.txt", "deeper", "\0", "~", "-", "é"])


@settings(max_examples=300)
@given(st.lists(parts, max_size=6).map("/".join) | st.text(max_size=30))
def test_no_path_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, path: str) -> None:
    base = tmp_path_factory.getbasetemp() / "property"
    root = base / "root"
    if not root.exists():
        (root / "sub" / "deeper").mkdir(parents=True)
        (base / "secret.txt").write_bytes(b"SECRET")
        (root / "link").symlink_to(base / "secret.txt")
        (root / "up").symlink_to(base, target_is_directory=True)
        (root / "sub" / "up").symlink_to("../..", target_is_directory=True)
    folder = Folder(root)
    before = sorted(str(found) for found in base.rglob("*") if root not in found.parents)
    for act in (lambda: folder.read(path).data, lambda: folder.write(path, b"w")):
        try:
            assert act() != b"SECRET"
        except StudioError:
            continue
    assert (base / "secret.txt").read_bytes() == b"SECRET"
    assert sorted(str(found) for found in base.rglob("*") if root not in found.parents) == before


def test_swapping_a_folder_for_a_link_while_it_is_read_leaks_nothing(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "inner.txt").write_bytes(b"SECRET")
    stop = threading.Event()

    def swap() -> None:
        target = root / "sub"
        while not stop.is_set():
            target.rename(root / "kept")
            target.symlink_to(outside, target_is_directory=True)
            target.unlink()
            (root / "kept").rename(target)

    folder = Folder(root)
    thread = threading.Thread(target=swap)
    thread.start()
    seen: set[bytes] = set()
    try:
        tries = 0
        while tries < 20_000 or not seen:
            tries += 1
            try:
                seen.add(folder.read("sub/inner.txt").data)
                folder.write("sub/inner.txt", b"inner\n")
            except StudioError:
                continue
    finally:
        stop.set()
        thread.join()
    assert seen == {b"inner\n"}
    assert (outside / "inner.txt").read_bytes() == b"SECRET"
    assert os.listdir(outside) == ["inner.txt"]


def test_no_descriptor_stays_open_after_errors(folder: Folder, root: Path) -> None:
    (root / "link").symlink_to("sub")
    before = len(os.listdir("/proc/self/fd"))
    for path in ("nowhere", "link/inner.txt", "sub/nowhere/x", "sub", "file.txt/x", "../x"):
        with pytest.raises(StudioError):
            folder.read(path)
    assert len(os.listdir("/proc/self/fd")) == before
