"""Links that agents write lead to files, to the web, or nowhere."""

from __future__ import annotations

import pytest

from studio.ui.chat.markdown import Markdown
from studio.ui.chat.spots import Spot, SpotKind, spot_at
from studio.ui.theme import Theme


@pytest.mark.parametrize(
    ("written", "path", "line"),
    [
        ("src/cart.py", "src/cart.py", 0),
        ("./src/cart.py", "src/cart.py", 0),
        ("<my files/größe.py>", "my files/größe.py", 0),
        ("my%20files/cart.py", "my files/cart.py", 0),
        ("cart.py:12", "cart.py", 12),
        ("cart.py:12:5", "cart.py", 12),
        ("src/cart.py#L12-L20", "src/cart.py", 12),
        ("docs/a%23b.md", "docs/a#b.md", 0),
        ("Makefile", "Makefile", 0),
    ],
)
def test_a_link_to_a_file_knows_its_name_and_line(theme: Theme, written: str, path: str, line: int) -> None:
    [link] = Markdown(theme).render(f"[x]({written})").links
    assert spot_at(link, ()) == Spot(SpotKind.FILE, path, line)


@pytest.mark.parametrize(
    "written", ["localhost:3000", "tel:112", "vnc:5900", "/etc/passwd:1", "#top", "javascript:1", "file.x:y"]
)
def test_what_is_neither_a_file_nor_of_the_web_is_no_link(theme: Theme, written: str) -> None:
    rendered = Markdown(theme).render(f"[x]({written})")
    assert "href" not in rendered.html
    assert rendered.links == ()


def test_a_name_that_no_file_can_have_leads_nowhere(theme: Theme) -> None:
    assert [spot_at(link, ()) for link in Markdown(theme).render("[x](a%00b)").links] == [None]


def test_a_link_of_the_web_stays_as_it_was_written(theme: Theme) -> None:
    [link] = Markdown(theme).render("[x](https://example.org/a%20b?c=1&d)").links
    assert spot_at(link, ()) == Spot(SpotKind.LINK, "https://example.org/a%20b?c=1&d")


def test_a_copy_button_stands_for_its_own_block() -> None:
    assert spot_at("copy:1", ("first", "second")) == Spot(SpotKind.COPY, "second")
