"""The files door: texts as they are saved, and the files that can be found by name."""

from __future__ import annotations

import codecs
import os
import shutil
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.domain.errors import NotFound
from studio.domain.files import Place
from studio.workspace.files import PAGE
from studio.workspace.opening import DEPTH_MAX
from tests.fixtures.repositories import make_repository


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    opened = await open_studio({**os.environ, "STUDIO_HOME": str(tmp_path / "home")}, Access.WRITE)
    yield opened
    await opened.close()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


@pytest.fixture
async def place(studio: Studio, checkout: Path) -> Place:
    return Place((await studio.projects.add(checkout)).id, None)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "latin-1"),
    ],
)
async def test_a_saved_file_differs_only_in_what_was_typed(
    mark: bytes, encoding: str, studio: Studio, checkout: Path, place: Place
) -> None:
    (checkout / "a.txt").write_bytes(mark + "größe\r\nklein\r\n".encode(encoding))
    opened = await studio.files.read(place, "a.txt")
    assert opened.text == "größe\nklein\n"
    etag = await studio.files.write(place, "a.txt", opened.text.replace("klein", "groß"), opened.etag)
    assert (checkout / "a.txt").read_bytes() == mark + "größe\r\ngroß\r\n".encode(encoding)
    await studio.files.write(place, "a.txt", opened.text, etag)
    assert (checkout / "a.txt").read_bytes() == mark + "größe\r\nklein\r\n".encode(encoding)


async def test_every_file_of_a_large_folder_is_found(studio: Studio, checkout: Path, place: Place) -> None:
    for number in range(PAGE + 3):
        (checkout / f"f{number}").touch()
    found = await studio.files.all(place)
    assert set(found) == {"a.txt", *(f"f{number}" for number in range(PAGE + 3))}


async def test_a_folder_that_goes_away_meanwhile_leaves_the_others_to_be_found(
    studio: Studio, checkout: Path, place: Place
) -> None:
    going = checkout / "going"
    stop = threading.Event()

    def come_and_go() -> None:
        while not stop.is_set():
            going.mkdir()
            going.rmdir()

    with ThreadPoolExecutor(1) as pool:
        agent = pool.submit(come_and_go)
        try:
            for _ in range(300):
                assert await studio.files.all(place) == ("a.txt",)
        finally:
            stop.set()
        agent.result()


async def test_a_folder_that_cannot_be_walked_leaves_the_others_to_be_found(
    studio: Studio, checkout: Path, place: Place
) -> None:
    deep = checkout.joinpath(*["d"] * (DEPTH_MAX + 1))
    deep.mkdir(parents=True)
    (deep / "unreachable.txt").touch()
    (deep.parent / "near.txt").touch()
    found = await studio.files.all(place)
    assert found == ("a.txt", f"{'/'.join(['d'] * DEPTH_MAX)}/near.txt")


async def test_a_place_that_is_gone_is_said(studio: Studio, checkout: Path, place: Place) -> None:
    shutil.rmtree(checkout)
    with pytest.raises(NotFound):
        await studio.files.all(place)
