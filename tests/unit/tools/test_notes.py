"""The note tool, and the notes as a context holds them."""

from __future__ import annotations

from pathlib import Path

from studio.agents.notes import NOTES_CHARACTERS, notes_in, notes_told
from studio.domain.ids import CallId
from studio.domain.messages import ToolCall
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands
from studio.tools.notes import NOTE_CHARACTERS
from studio.tools.runner import run_call
from studio.tools.table import TOOLS


async def note(hands: Hands, name: str, text: str, **more: object) -> ToolOutcome:
    return await run_call(TOOLS, ToolCall(CallId.new(), "note", {"name": name, "text": text, **more}), hands)


async def test_a_note_is_a_file_of_the_project_and_comes_back_in_the_context(hands: Hands, tmp_path: Path) -> None:
    outcome = await note(hands, "build", "Run `make`.\n")
    assert (outcome.ok, outcome.changed, outcome.text) == (True, True, "Noted in .studio/notes/build.md.")
    assert (tmp_path / ".studio/notes/build.md").read_text() == "Run `make`.\n"
    assert notes_told(notes_in(hands.folder)) == ".studio/notes/build.md:\nRun `make`."


async def test_a_note_is_replaced_or_added_to(hands: Hands, tmp_path: Path) -> None:
    await note(hands, "build", "Run make.")
    await note(hands, "build", "Needs CMake.", add=True)
    assert (tmp_path / ".studio/notes/build.md").read_text() == "Run make.\n\nNeeds CMake.\n"
    await note(hands, "build", "Run cmake.")
    assert (tmp_path / ".studio/notes/build.md").read_text() == "Run cmake.\n"


async def test_what_is_added_twice_by_a_call_that_was_interrupted_stands_once(hands: Hands, tmp_path: Path) -> None:
    for _ in range(2):
        await note(hands, "build", "Needs CMake.", add=True)
    assert (tmp_path / ".studio/notes/build.md").read_text() == "Needs CMake.\n"


async def test_a_note_that_would_grow_too_long_is_refused_with_what_to_do(hands: Hands) -> None:
    await note(hands, "build", "x" * NOTE_CHARACTERS)
    assert (await note(hands, "build", "more", add=True)).text == (
        ".studio/notes/build.md would have 4,006 characters; 4,000 are the most. "
        "Write it shorter without add, or take another name."
    )


async def test_a_call_with_wrong_arguments_says_in_its_one_line_what_is_wrong(hands: Hands) -> None:
    outcome = await run_call(TOOLS, ToolCall(CallId.new(), "note", {"text": "Run make."}), hands)
    assert (outcome.ok, outcome.summary) == (False, "The arguments of note are wrong: name: Field required")


async def test_a_note_cannot_be_put_elsewhere_by_its_name_or_by_a_link(hands: Hands, tmp_path: Path) -> None:
    assert not (await note(hands, "../../etc/x", "mine")).ok
    (tmp_path / ".studio").mkdir()
    (tmp_path / ".studio/notes").symlink_to("/tmp")
    assert "leads through a link" in (await note(hands, "build", "mine")).text


async def test_a_project_without_notes_has_none(hands: Hands) -> None:
    assert notes_told(notes_in(hands.folder)) == ""


async def test_notes_that_are_too_many_are_named_without_their_text(hands: Hands) -> None:
    for number in range(10, 20):
        await note(hands, f"n{number}", "x" * (NOTE_CHARACTERS - 10))
    notes = notes_told(notes_in(hands.folder))
    assert len(notes) < NOTES_CHARACTERS + 1000
    assert notes.endswith(
        "More notes, not shown here: .studio/notes/n16.md, .studio/notes/n17.md, "
        ".studio/notes/n18.md, .studio/notes/n19.md"
    )
