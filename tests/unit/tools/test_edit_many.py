"""Several edits of one file at once: all of them or none, on real files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.domain.ids import CallId
from studio.domain.messages import ToolCall
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands
from studio.tools.runner import FAILED_CHARACTERS, run_call
from studio.tools.table import TOOLS

TEXT = "x = 1\ny = 2\nz = 3\n"


async def edit_many(hands: Hands, path: str, *edits: tuple[str, str]) -> ToolOutcome:
    arguments = {"path": path, "edits": [{"old": old, "new": new} for old, new in edits]}
    return await run_call(TOOLS, ToolCall(CallId.new(), "edit_many", arguments), hands)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "a.py"
    file.write_text(TEXT)
    return file


async def test_every_edit_is_made_and_counted(hands: Hands, file: Path) -> None:
    outcome = await edit_many(hands, "a.py", ("x = 1", "x = 10\nw = 0"), ("z = 3", "z = 30"))
    assert file.read_text() == "x = 10\nw = 0\ny = 2\nz = 30\n"
    assert (outcome.ok, outcome.changed, outcome.summary) == (True, True, "+3 −2")
    assert outcome.text == "Changed a.py at lines 1, 4."


async def test_a_later_edit_may_build_on_an_earlier_one(hands: Hands, file: Path) -> None:
    assert (await edit_many(hands, "a.py", ("x = 1", "a = 1"), ("a = 1\ny = 2", "b = 3"))).ok
    assert file.read_text() == "b = 3\nz = 3\n"


async def test_one_that_does_not_fit_is_named_with_the_nearest_text_and_none_is_made(hands: Hands, file: Path) -> None:
    outcome = await edit_many(hands, "a.py", ("x = 1", "x = 10"), ("zz = 3", "z = 30"))
    assert not outcome.ok
    assert outcome.text == (
        "Edit 2 of 2: the text to replace is not in a.py. The nearest text, at line 3, is:\nz = 3\n"
        " No edit was made. Read the file and copy it exactly."
    )
    assert file.read_text() == TEXT


async def test_one_that_fits_twice_is_named_with_its_lines_and_none_is_made(hands: Hands, file: Path) -> None:
    outcome = await edit_many(hands, "a.py", ("x = 1", "y = 2"), ("y = 2", "y = 20"))
    assert "Edit 2 of 2: the text to replace occurs 2 times in a.py, at lines 1, 2" in outcome.text
    assert "No edit was made" in outcome.text
    assert file.read_text() == TEXT


@pytest.mark.parametrize(
    "edits",
    [
        [("x = 1\n", "x = 1\nw = 0\n"), ("z = 3", "z = 30")],
        [("x = 1", "a = 1"), ("a = 1\ny = 2", "b = 3")],
        [("x = 1\n", "x = 1\nw = 0\n"), ("w = 0", "v = 0")],
    ],
    ids=["an insertion", "one on another", "an insertion that is changed"],
)
async def test_edits_that_a_dead_process_made_are_not_made_again(
    hands: Hands, file: Path, edits: list[tuple[str, str]]
) -> None:
    assert (await edit_many(hands, "a.py", *edits)).changed
    made = file.read_text()

    again = await edit_many(replace(hands, again=True), "a.py", *edits)

    assert (again.ok, again.changed, again.summary) == (True, False, "already there")
    assert file.read_text() == made


async def test_edits_that_a_dead_process_did_not_make_are_made(hands: Hands, file: Path) -> None:
    assert (await edit_many(replace(hands, again=True), "a.py", ("x = 1\n", "x = 1\nw = 0\n"))).changed
    assert file.read_text() == "x = 1\nw = 0\ny = 2\nz = 3\n"


async def test_a_deletion_that_a_dead_process_made_changes_nothing_and_says_what_may_have_happened(
    hands: Hands, file: Path
) -> None:
    edits = (("y = 2\n", ""), ("x = 1\n", "x = 1\nw = 0\n"))
    await edit_many(hands, "a.py", *edits)
    made = file.read_text()
    outcome = await edit_many(replace(hands, again=True), "a.py", *edits)
    assert "may have been run before Studio stopped" in outcome.text
    assert file.read_text() == made


async def test_edits_that_are_too_long_together_are_refused(hands: Hands, file: Path) -> None:
    outcome = await edit_many(hands, "a.py", ("x = 1", "x" * 600_000), ("y = 2", "y" * 600_000))
    assert "more than 1,000,000 characters in all; no edit was made" in outcome.text
    assert file.read_text() == TEXT


@pytest.mark.parametrize(
    "arguments",
    [
        {"path": "/" + "x" * 10_000_000, "edits": [{"old": "a", "new": "b"}]},
        {"path": "a.py", "edits": [{"old": "a" * 10_000_000, "new": "b"}]},
        {"path": "a.py", "edits": [{"old": "a", "new": "b", "n" * 10_000_000: 1}]},
        {"path": "a.py", "edits": [{"old": "a", "new": "b"}] * 100_000},
        {"path": "a.py", "edits": "x" * 10_000_000},
    ],
    ids=["path", "passage", "name", "many", "no list"],
)
async def test_ten_megabytes_of_arguments_are_answered_in_few_words(
    hands: Hands, file: Path, arguments: dict[str, object]
) -> None:
    outcome = await run_call(TOOLS, ToolCall(CallId.new(), "edit_many", arguments), hands)
    assert not outcome.ok
    assert len(outcome.text) <= FAILED_CHARACTERS
    assert file.read_text() == TEXT


async def test_a_wrong_edit_is_named_by_its_place(hands: Hands, file: Path) -> None:
    call = ToolCall(CallId.new(), "edit_many", {"path": "a.py", "edits": [{"old": "x", "new": "y"}, {"old": "z"}]})
    assert "- edits.1.new: Field required" in (await run_call(TOOLS, call, hands)).text
