"""The read tool on image files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.domain.ids import CallId
from studio.domain.images import AGENTS_BYTES, IMAGE_BYTES, image_of
from studio.domain.messages import ToolCall
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands
from studio.tools.runner import run_call
from studio.tools.table import TOOLS
from studio.workspace.pictures import Pictures
from tests.fixtures.images import png


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    return Pictures(tmp_path.parent / "pictures")


@pytest.fixture
def seeing(hands: Hands, pictures: Pictures) -> Hands:
    return replace(hands, pictures=pictures)


async def read(hands: Hands, path: str) -> ToolOutcome:
    return await run_call(TOOLS, ToolCall(CallId.new(), "read", {"path": path}), hands)


async def test_an_image_is_shown_whatever_its_file_is_called(seeing: Hands, tmp_path: Path, pictures: Pictures) -> None:
    (tmp_path / "notes.txt").write_bytes(png())
    outcome = await read(seeing, "./notes.txt")
    assert outcome.images == (image_of(png()),)
    assert outcome.text.startswith("notes.txt is a PNG image, 3×2 pixels")
    assert pictures.read(outcome.images[0]) == png()


async def test_what_was_shown_stays_when_the_file_changes(seeing: Hands, tmp_path: Path, pictures: Pictures) -> None:
    (tmp_path / "a.png").write_bytes(png())
    (image,) = (await read(seeing, "a.png")).images
    (tmp_path / "a.png").write_bytes(png(9, 9))
    assert pictures.read(image) == png()


async def test_a_text_called_like_an_image_is_read_as_text(seeing: Hands, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("not yet drawn\n")
    assert (await read(seeing, "a.png")).text == "1\tnot yet drawn"


async def test_an_image_that_is_too_large_is_refused_with_what_to_do(seeing: Hands, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png() + bytes(IMAGE_BYTES))
    outcome = await read(seeing, "a.png")
    assert not outcome.ok
    assert outcome.text == (
        "a.png has more than 3,500,000 bytes; 3.5 MB are the most a model is shown. Make a smaller copy of it."
    )


async def test_agents_cannot_fill_the_data_folder_with_images(
    seeing: Hands, tmp_path: Path, pictures: Pictures
) -> None:
    known = pictures.keep(png())
    with (tmp_path.parent / "pictures" / "0").open("wb") as file:
        file.truncate(AGENTS_BYTES)
    (tmp_path / "known.png").write_bytes(png())
    (tmp_path / "new.png").write_bytes(png(5, 5))
    assert (await read(seeing, "known.png")).images == (known,)
    refused = await read(seeing, "new.png")
    assert (refused.ok, refused.images) == (False, ())
    assert refused.text.startswith("new.png cannot be shown: the images of this project take 500,000,000 bytes")
    assert pictures.read(pictures.keep(png(5, 5), "A person's image")) == png(5, 5)
