from __future__ import annotations

import codecs
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.app.bootstrap import Access, open_studio
from studio.app.studio import Studio
from studio.domain.files import Place
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
