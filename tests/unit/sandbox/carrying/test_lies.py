"""Whatever a sandbox says of its files, nothing of this machine but the run's own folder is read or written."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import cast

import pytest

from studio.domain.errors import EngineError
from studio.sandbox.carrying.far_tree import FarTree
from studio.sandbox.carrying.said import is_plain
from studio.sandbox.carrying.tree import Tree
from studio.sandbox.inside.pages import PIECE
from studio.sandbox.speaking import Speaking

FILE = ["f", 0o644, 3, 1, 1, ""]


class Liar:
    """A program in a sandbox that says this."""

    complaint = "it ended"

    def __init__(self, said: bytes) -> None:
        self._said = said

    async def write(self, data: bytes) -> None:
        """Hears nothing."""

    async def read(self) -> bytes:
        said, self._said = self._said[:PIECE], self._said[PIECE:]
        return said


def message(value: object) -> bytes:
    value = {"unread": [], "over": True, **value} if isinstance(value, dict) else value
    data = json.dumps(value).encode()
    pieces = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
    return b"".join(len(piece).to_bytes(4, "big") + piece for piece in (*pieces, b""))


def far(said: bytes) -> FarTree:
    return FarTree(cast(Speaking, Liar(said)))


@pytest.mark.parametrize(
    "path",
    [
        *("", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", ".git", ".git/config", "a\0b", "x" * 300),
        *("/".join("a" * 70), ".studio-0123456789abcdef.tmp", 7, None),
    ],
)
async def test_a_path_that_is_not_one_of_a_workspace_is_not_heard(path: object) -> None:
    changed = {path: FILE} if isinstance(path, str) else {}
    changed["good"] = FILE

    told = await far(message({"changed": changed, "gone": [path, "good"], "whole": True})).look()

    assert (list(told.changed), told.gone) == (["good"], ["good"])
    assert not is_plain(path)


async def test_what_finds_no_room_says_so() -> None:
    said = message({"changed": {}, "gone": [], "full": True})

    with pytest.raises(EngineError, match="disk of the container engine's machine is full"):
        await far(said).take([], {"made": ["d", 0o755, 0, 0, 0, ""]}, [], io.BytesIO(), {})


@pytest.mark.parametrize(
    "said",
    [
        *([], "text", {"changed": [], "gone": []}, {"changed": {}, "gone": "x"}, {"gone": []}),
        {"changed": {"a": FILE}, "gone": {}},
    ],
)
async def test_what_says_nothing_is_an_error_and_not_an_empty_workspace(said: object) -> None:
    with pytest.raises(EngineError, match="cannot be carried"):
        await far(message(said)).look()


@pytest.mark.parametrize(
    "sign",
    [
        *(["x", 0, 0, 0, 0, ""], ["f"], {}, ["f", -1, 0, 0, 0, ""], ["f", 0, 1 << 80, 0, 0, ""], ["l", 0, 0, 0, 0, ""]),
        *(["l", 0, 0, 0, 0, "a\0b"], ["l", 0, 0, 0, 0, "x" * 5000], ["f", "0", 0, 0, 0, ""]),
    ],
)
async def test_a_sign_that_is_none_is_not_heard(sign: object) -> None:
    told = await far(message({"changed": {"a": sign}, "gone": [], "whole": True})).look()

    assert told.changed == {}


async def test_a_mode_brings_no_set_user_id_bit_home() -> None:
    told = await far(message({"changed": {"a": ["f", 0o4777, 0, 0, 0, ""]}, "gone": [], "whole": True})).look()

    assert told.changed["a"][1] == 0o777


@pytest.mark.parametrize(
    ("said", "why"),
    [((1 << 30).to_bytes(4, "big"), "too large"), (b"", "ended"), (b"\0\0\0\7not json"[:11] + bytes(4), "cannot be")],
)
async def test_what_is_no_message_is_an_error(said: bytes, why: str) -> None:
    with pytest.raises(EngineError, match=why):
        await far(said).look()


async def test_more_than_was_asked_for_is_not_taken() -> None:
    piece = len(b"x" * 1000).to_bytes(4, "big") + b"x" * 1000

    with pytest.raises(EngineError, match="more than it was asked for"):
        await far(piece * 3).give(["a"], io.BytesIO(), 2000)


def archive(*members: tuple[str, bytes, bytes]) -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as made:
        for name, kind, data in members:
            member = tarfile.TarInfo(name)
            member.type, member.size, member.linkname = kind, len(data), "/etc/passwd"
            member.pax_headers = {"STUDIO.sign": json.dumps(FILE)}
            made.addfile(member, io.BytesIO(data))
    packed.seek(0)
    return packed


def test_of_a_tar_only_the_files_that_were_asked_for_are_taken(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    tree = Tree(tmp_path / "home", None, 10)
    hostile = archive(
        *(("1", tarfile.REGTYPE, b"one"), ("../evil", tarfile.REGTYPE, b"x"), ("/evil", tarfile.REGTYPE, b"x")),
        *(("7", tarfile.REGTYPE, b"unasked"), ("-1", tarfile.REGTYPE, b"x"), ("0", tarfile.SYMTYPE, b"")),
        *(("0", tarfile.LNKTYPE, b""), ("0", tarfile.CHRTYPE, b""), ("0", tarfile.FIFOTYPE, b"")),
        ("2", tarfile.REGTYPE, b"longer than anything may be"),
    )

    taken = tree.unpack(hostile, [("zero", None, 3), ("one", None, 3), ("two", None, 3)], largest=10, spare=0)

    assert list(taken) == ["one"]
    assert [path.name for path in tmp_path.rglob("*")] == ["home", "one"]


def test_a_file_that_somebody_saved_meanwhile_is_left_alone(tmp_path: Path) -> None:
    tree = Tree(tmp_path, None, 10)
    (tmp_path / "a").write_text("saved just now")

    taken = tree.unpack(archive(("0", tarfile.REGTYPE, b"old")), [("a", None, 3)], largest=10, spare=0)

    assert (taken, (tmp_path / "a").read_text()) == ({}, "saved just now")


def test_what_is_no_tar_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Tree(tmp_path, None, 10).unpack(io.BytesIO(b"no tar" * 500), [("a", None, 3)], largest=10, spare=0)


def sparse(size: int) -> io.BytesIO:
    """A few bytes of a tar that stand for a file of that size, all of it holes."""
    member = tarfile.TarInfo("0")
    member.pax_headers = {"STUDIO.sign": json.dumps(["f", 0o644, size, 1, 1, ""])}
    packed = bytearray(member.tobuf(tarfile.PAX_FORMAT))
    header = packed[-512:]
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[386:483] = bytes(97)
    header[483:495] = b"%011o\0" % size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return io.BytesIO(packed[:-512] + header + bytes(1024))


def test_a_file_of_holes_that_the_archive_does_not_hold_is_not_taken(tmp_path: Path) -> None:
    tree = Tree(tmp_path, None, 10)

    taken = tree.unpack(sparse(1 << 20), [("a", None, 1 << 20)], largest=1 << 30, spare=1 << 30)

    assert (taken, list(tmp_path.iterdir())) == ({}, [])


def test_files_grow_by_no_more_than_there_is_room_for(tmp_path: Path) -> None:
    members = [(str(place), tarfile.REGTYPE, b"one") for place in range(3)]

    taken = Tree(tmp_path, None, 10).unpack(archive(*members), [(name, None, 1) for name in "abc"], 10, spare=4)

    assert list(taken) == ["a", "b"]


def test_a_file_that_is_not_as_long_as_its_sign_says_is_not_taken(tmp_path: Path) -> None:
    packed = archive(("0", tarfile.REGTYPE, b"longer"))

    assert Tree(tmp_path, None, 10).unpack(packed, [("a", None, 6)], largest=10, spare=10) == {}


class Saving(io.BytesIO):
    """An archive in whose middle somebody saves a file here."""

    save: Path

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 1 << 16:
            self.save.write_text("the person's")
        return super().read(size)


def test_a_file_that_somebody_saves_while_it_is_being_copied_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    tree, size = Tree(tmp_path, None, 10), 1 << 18
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as made:
        member = tarfile.TarInfo("0")
        member.size, member.pax_headers = size, {"STUDIO.sign": json.dumps(["f", 0o644, size, 1, 1, ""])}
        made.addfile(member, io.BytesIO(bytes(size)))
    source = Saving(packed.getvalue())
    source.save = tmp_path / "a"

    taken = tree.unpack(source, [("a", tree.sign("a"), size)], largest=size, spare=0)

    assert (taken, (tmp_path / "a").read_text()) == ({}, "the person's")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("sign", ["[" * 20_000, "[" + "1," * 100_000 + "1]"])
def test_a_sign_without_end_is_none(tmp_path: Path, sign: str) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as made:
        member = tarfile.TarInfo("0")
        member.pax_headers = {"STUDIO.sign": sign}
        made.addfile(member)
    packed.seek(0)

    assert Tree(tmp_path, None, 10).unpack(packed, [("a", None, 0)], largest=10, spare=0) == {}


async def test_a_page_that_is_not_read_in_one_breath_is_not_read() -> None:
    page = message({"changed": {}, "gone": ["a"] * 100_000, "whole": True})

    with pytest.raises(EngineError, match="more than anybody could read"):
        await far(page).look()


async def test_pages_without_end_are_not_read() -> None:
    page = message({"changed": {}, "gone": ["a"] * 20_000, "whole": True, "over": False})

    with pytest.raises(EngineError, match="more files than"):
        await far(page * 11).look()
