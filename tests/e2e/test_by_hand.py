"""What a person changes in a run's workspace is part of its branch."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.app.studio import Studio
from studio.domain.errors import UserError
from studio.domain.files import Place
from studio.domain.projects import Project
from studio.domain.runs import RunState
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import turn_ended
from tests.fixtures.handed import HANDED
from tests.fixtures.scripts import Script, call

pytestmark = pytest.mark.docker


@pytest.fixture
def project_files() -> dict[str, str]:
    return {"a.txt": "one\n", "b.txt": "x\r\ny\r\n"}


@pytest.fixture
async def place(studio_here: Studio, project: Project, script: Script) -> Place:
    """The workspace of a run that has written a file and replied."""
    model = script(call("write", path="a.txt", content="two\n"), HANDED)
    sent = await studio_here.chats.send(project.id, "Go", model=model, approval=ApprovalMode.AUTO)
    await turn_ended(studio_here, sent)
    return Place(project.id, sent.run)


async def test_a_file_saved_in_the_editor_is_in_the_diff_and_in_the_merge(
    studio_here: Studio, project: Project, place: Place
) -> None:
    assert place.run is not None
    opened = await studio_here.files.read(place, "b.txt")
    assert (opened.text, opened.newline) == ("x\ny\n", "\r\n")
    await studio_here.files.write(place, "b.txt", "x\nz\n", opened.etag)
    changed = await studio_here.review.diff(place.run)
    assert sorted(file.path for file in changed.files) == ["a.txt", "b.txt"]

    await studio_here.review.merge(place.run)

    assert (project.path / "a.txt").read_text() == "two\n"
    assert (project.path / "b.txt").read_bytes() == b"x\r\nz\r\n"


async def test_a_change_after_the_merge_makes_the_run_mergeable_again(
    studio_here: Studio, project: Project, place: Place
) -> None:
    assert place.run is not None
    await studio_here.review.merge(place.run)
    opened = await studio_here.files.read(place, "a.txt")
    await studio_here.files.write(place, "a.txt", "three\n", opened.etag)
    assert (await studio_here.chats.run(place.run)).state is RunState.IDLE
    await studio_here.review.merge(place.run)
    assert (project.path / "a.txt").read_text() == "three\n"


async def test_what_a_program_writes_after_the_look_is_not_merged_before_it_was_seen(
    studio_here: Studio, project: Project, place: Place, tmp_path: Path
) -> None:
    assert place.run is not None
    seen = (await studio_here.review.diff(place.run)).head
    file = tmp_path / "home/workspaces" / place.run / "files/a.txt"
    file.write_text("evil\n")

    with pytest.raises(UserError, match=r"changed since you looked\. Nothing was merged"):
        await studio_here.review.merge(place.run)
    with pytest.raises(UserError, match="changed since you looked"):
        await studio_here.review.merge(place.run, head=seen)
    assert (project.path / "a.txt").read_text() == "one\n"

    newer = await studio_here.review.diff(place.run)
    assert "+evil" in newer.files[0].patch
    file.write_text("worse\n")
    await studio_here.review.merge(place.run, head=newer.head, newest=False)
    assert (project.path / "a.txt").read_text() == "evil\n"


async def test_a_terminal_that_is_opened_leaves_a_snapshot_under_way_alone(
    studio_here: Studio, place: Place, tmp_path: Path
) -> None:
    assert place.run is not None
    run = await studio_here.chats.run(place.run)
    under_way = tmp_path / "home/workspaces" / place.run / "files/.git/refs/studio/head"
    under_way.write_text(f"{run.base_commit}\n")

    await studio_here.terminals.command(place.run)

    assert under_way.read_text() == f"{run.base_commit}\n"


async def test_a_file_that_changed_meanwhile_is_not_overwritten(studio_here: Studio, place: Place) -> None:
    opened = await studio_here.files.read(place, "a.txt")
    await studio_here.files.write(place, "a.txt", "mine\n", opened.etag)
    with pytest.raises(UserError, match="changed"):
        await studio_here.files.write(place, "a.txt", "theirs\n", opened.etag)
    assert (await studio_here.files.read(place, "a.txt")).text == "mine\n"
