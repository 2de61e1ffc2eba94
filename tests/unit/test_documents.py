"""What the documents of the code name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions"
PLACE = re.compile(r"`([a-z_]+(?:/[a-z0-9_]+)+)(?:\.[A-Za-z_.]+)?(?:\([^`]*\))?`")
IN_A_DATA_FOLDER = "window/"


@pytest.mark.parametrize("name", ["architecture.md", "walks.md"])
def test_every_place_that_a_document_names_is_in_the_tree(name: str) -> None:
    named = set(PLACE.findall((ROOT / "docs" / name).read_text("utf-8")))
    assert named

    gone = [place for place in sorted(named) if not place.startswith(IN_A_DATA_FOLDER) and not _is_there(place)]

    assert gone == []


@pytest.mark.parametrize("name", ["architecture.md", "walks.md"])
def test_every_decision_that_a_document_names_has_its_page(name: str) -> None:
    text = (ROOT / "docs" / name).read_text("utf-8")
    numbers = {number for told in re.findall(r"decisions? ([\d, ]+)", text) for number in re.findall(r"\d+", told)}

    assert [number for number in sorted(numbers) if not list(DECISIONS.glob(f"{int(number):04}-*.md"))] == []


def test_every_page_of_a_decision_is_listed_under_its_title() -> None:
    pages = sorted(DECISIONS.glob("0*.md"))
    titles = {page.name: page.read_text("utf-8").splitlines()[0].removeprefix("# ") for page in pages}

    listed = re.findall(r"^- \[(.+)\]\((.+)\)$", (DECISIONS / "README.md").read_text("utf-8"), re.MULTILINE)

    assert {name: title for title, name in listed} == titles
    assert len(listed) == len(pages)


def _is_there(place: str) -> bool:
    return any((folder / f"{place}{end}").exists() for folder in (ROOT / "studio", ROOT) for end in ("", ".py"))
