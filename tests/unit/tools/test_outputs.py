"""A long output is shown by its ends, and every part of it can be read again."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.errors import UserError
from studio.tools.hands import Hands
from studio.tools.outputs import SHOWN_CHARACTERS, read_output, shown_of

LOG = "\n".join(f"line {number} of the build" for number in range(1, 5001))


@pytest.fixture
def holding(hands: Hands) -> Hands:
    async def output(handle: str) -> str | None:
        return {"abc": LOG, "wide": "x" * 50_000 + "END"}.get(handle)

    return replace(hands, output=output)


def test_the_first_and_the_last_lines_are_shown_with_the_way_to_those_between() -> None:
    shown = shown_of(LOG, "abc")
    assert len(shown) <= SHOWN_CHARACTERS
    assert shown.startswith("line 1 of")
    assert shown.endswith("line 5000 of the build")
    left, start = re.search(r"\[… (\d+) of 5000 lines left out here.*output:abc\", start_line=(\d+)", shown).groups()  # type: ignore[union-attr]
    lines = shown.split("\n")
    assert int(left) == 5000 - (len(lines) - 1)
    assert lines[int(start) - 2] == f"line {int(start) - 1} of the build"


@given(st.lists(st.text(max_size=3000), max_size=60))
def test_whatever_the_output_it_is_shown_within_bounds(lines: list[str]) -> None:
    assert len(shown_of("\n".join(lines), "abc")) <= SHOWN_CHARACTERS


async def test_the_lines_left_out_are_read_by_their_numbers(holding: Hands) -> None:
    read = await read_output(holding, "output:abc", start_line=2500, lines=2)
    assert read.text == (
        "2500\tline 2500 of the build\n2501\tline 2501 of the build\n… 2499 more lines; ask with start_line=2502"
    )


async def test_a_page_is_never_longer_than_any_answer(holding: Hands) -> None:
    for handle in ("abc", "wide"):
        assert len((await read_output(holding, f"output:{handle}", lines=400)).text) <= SHOWN_CHARACTERS


async def test_the_end_of_one_endless_line_is_reached(holding: Hands) -> None:
    assert (await read_output(holding, "output:wide", start_line=26)).text == f"26\t{'END'}"


async def test_lines_are_found_by_what_they_hold(holding: Hands) -> None:
    found = await read_output(holding, "output:abc", containing="LINE 499")
    assert [line.split("\t")[0] for line in found.text.split("\n")] == ["499", *map(str, range(4990, 5000))]
    assert (
        await read_output(holding, "output:abc", containing="no such")
    ).text == "None of its 5000 lines holds that text."


async def test_the_same_search_goes_on_where_its_page_ended(holding: Hands) -> None:
    first = await read_output(holding, "output:abc", containing="LINE 499", lines=3)
    assert first.text.endswith("… 8 more lines; ask with start_line=4992")
    rest = await read_output(holding, "output:abc", containing="LINE 499", start_line=4992)
    assert rest.text.count("\n") == 7


@pytest.mark.parametrize(
    ("handle", "start", "said"),
    [("output:zzz", 1, "There is no output:zzz in this run."), ("output:abc", 5001, "It has only 5000 lines.")],
)
async def test_what_is_not_there_is_said_with_the_next_step(holding: Hands, handle: str, start: int, said: str) -> None:
    with pytest.raises(UserError) as caught:
        await read_output(holding, handle, start_line=start)
    assert caught.value.sentence == said
    assert caught.value.action
