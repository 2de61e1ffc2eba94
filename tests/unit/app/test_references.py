"""What a message refers to is offered while it is typed, and given to the model when it is sent."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.app import references
from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.domain.errors import UserError
from studio.domain.ids import ProjectId
from tests.fixtures.repositories import make_repository

CART = '''"""The cart."""


class Cart:
    """What one buys."""

    def total(self) -> int:
        net = 1
        return net

    def empty(self) -> None:
        pass
'''
TILL = """export const pay = async (cart) => {
  return cart.total;
};
export function refund(cart) {
  return -cart.total;
}
"""


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    opened = await open_studio({**os.environ, "STUDIO_HOME": str(tmp_path / "home")}, Access.WRITE)
    yield opened
    await opened.close()


@pytest.fixture
async def project(studio: Studio, tmp_path: Path) -> ProjectId:
    files = {"shop/cart.py": CART, "web/till.js": TILL, "my notes.txt": "x" * 50_000, "README.md": "Read me.\n"}
    return (await studio.projects.add(make_repository(tmp_path / "shop", files))).id


async def _offered(studio: Studio, project: ProjectId, typed: str) -> list[str]:
    return [offer.typed for offer in await studio.references.offers(project, None, typed)]


async def test_an_at_offers_the_kinds_and_letters_the_files_they_fit(studio: Studio, project: ProjectId) -> None:
    assert await _offered(studio, project, "") == ["@file:", "@symbol:", "@run:", "@diff", "@console"]
    assert await _offered(studio, project, "cart") == ["@file:shop/cart.py"]
    assert (await _offered(studio, project, "file:notes"))[0] == '@file:"my notes.txt"'
    assert (await _offered(studio, project, "di"))[0] == "@diff"


async def test_symbols_are_offered_with_the_place_they_are_defined_at(studio: Studio, project: ProjectId) -> None:
    [offer, *_] = await studio.references.offers(project, None, "symbol:total")
    assert (offer.typed, offer.about) == ("@symbol:total", "shop/cart.py:7")
    assert "@symbol:pay" in await _offered(studio, project, "symbol:pay")


async def test_what_is_referred_to_is_given_as_text(studio: Studio, project: ProjectId) -> None:
    text = "Compare @symbol:total, @symbol:refund and @file:README.md with @diff"
    found = await studio.references.resolve(project, None, text)
    assert found == {
        "symbol:total": "shop/cart.py:7\n    def total(self) -> int:\n        net = 1\n        return net",
        "symbol:refund": "web/till.js:4\nexport function refund(cart) {\n  return -cart.total;\n}",
        "file:README.md": "Read me.\n",
        "diff": "Nothing is changed yet: this message begins the run.",
    }


async def test_a_long_file_is_given_by_its_ends(studio: Studio, project: ProjectId) -> None:
    found = await studio.references.resolve(project, None, '@file:"my notes.txt"')
    assert len(found["file:my notes.txt"]) <= references.CHARACTERS
    assert "left out" in found["file:my notes.txt"]


@pytest.mark.parametrize("wanted", ["@file:gone.py", "@symbol:nothing", "@run:r9999999"])
async def test_what_is_not_there_is_said_before_anything_is_sent(
    studio: Studio, project: ProjectId, wanted: str
) -> None:
    with pytest.raises(UserError, match=f"^{wanted} refers to nothing"):
        await studio.chats.send(project, f"Mend {wanted}")
    assert await studio.chats.runs(project) == ()


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/passwd", "link.txt"])
async def test_no_file_outside_the_project_can_be_referred_to(
    studio: Studio, project: ProjectId, tmp_path: Path, path: str
) -> None:
    (tmp_path / "outside.txt").write_text("secret")
    (tmp_path / "shop" / "link.txt").symlink_to(tmp_path / "outside.txt")
    with pytest.raises(UserError):
        await studio.references.resolve(project, None, f"@file:{path}")
