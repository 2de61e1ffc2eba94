"""Whatever is done on either side, both end up the same, and nothing that is new is lost."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures.carried import Story, tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the inner half runs inside Linux containers only")

NAMES = st.sampled_from(["a", "ä\udcff"])
PATHS = st.lists(NAMES, min_size=1, max_size=2).map("/".join)
"""So few that one path is often changed on both sides."""


def _write(side: Path, path: str, data: bytes) -> None:
    place = side / path
    if any(above.is_symlink() or above.is_file() for above in place.parents if side in above.parents):
        return
    if not place.is_dir() or place.is_symlink():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.write_bytes(data)


def _folder(side: Path, path: str, _: bytes) -> None:
    if not any(each.is_symlink() or each.is_file() for each in (side / path, *(side / path).parents)):
        (side / path).mkdir(parents=True, exist_ok=True)


def _link(side: Path, path: str, data: bytes) -> None:
    _delete(side, path, data)
    if not any(each.is_symlink() or each.exists() for each in (side / path,)) and (side / path).parent.is_dir():
        (side / path).symlink_to(f"to-{len(data)}")


def _delete(side: Path, path: str, _: bytes) -> None:
    if any(above.is_symlink() for above in (side / path).parents if side in above.parents):
        return
    if (side / path).is_dir() and not (side / path).is_symlink():
        shutil.rmtree(side / path)
    else:
        (side / path).unlink(missing_ok=True)


ACTS: list[Callable[[Path, str, bytes], None]] = [_write, _folder, _link, _delete]
CHANGES = st.lists(st.tuples(st.booleans(), st.sampled_from(ACTS), PATHS), max_size=8)
ROUNDS = st.lists(CHANGES, min_size=1, max_size=3)
Rounds = list[list[tuple[bool, Callable[[Path, str, bytes], None], str]]]


def contents(*sides: Path) -> set[object]:
    """What files hold."""
    return {found[0] for side in sides for found in tree(side).values() if isinstance(found, tuple)}


def lived(rounds: Rounds, look: Callable[[Story, set[object]], None]) -> None:
    """Does all that on either side; `look` comes after each round, with what files hold that did not before."""

    async def story_of(folder: Path) -> None:
        story, number = Story(folder), 0
        async with story.carried() as carrier:
            for changes in rounds:
                before = contents(story.here)
                for is_here, act, path in changes:
                    number += 1
                    try:
                        act(story.here if is_here else story.there, path, str(number).encode())
                    except NotADirectoryError:
                        continue
                new = contents(story.here, story.there) - before
                for _ in range(4):
                    await carrier.bring_home()
                look(story, new)

    with TemporaryDirectory() as folder:
        asyncio.run(story_of(Path(folder)))


def _is_the_same(story: Story, new: set[object]) -> None:
    assert tree(story.here) == tree(story.there)


def _is_all_there(story: Story, new: set[object]) -> None:
    assert new <= contents(story.here)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(rounds=ROUNDS)
def test_whatever_was_changed_on_either_side_both_sides_end_up_the_same(rounds: Rounds) -> None:
    lived(rounds, _is_the_same)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(rounds=ROUNDS)
def test_whatever_was_changed_on_either_side_nothing_new_is_lost(rounds: Rounds) -> None:
    lived(rounds, _is_all_there)
