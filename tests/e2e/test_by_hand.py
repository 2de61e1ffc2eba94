"""What a person changes in a run's workspace is part of its branch."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.domain.errors import UserError
from studio.domain.events import Recorded, TurnEnded
from studio.domain.files import Place
from studio.domain.projects import Project
from studio.domain.runs import RunState
from studio.domain.tools import ApprovalMode
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.docker


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    opened = await open_studio({**os.environ, "STUDIO_HOME": str(tmp_path / "home")}, Access.ENGINE)
    yield opened
    await opened.close()


@pytest.fixture
async def project(studio: Studio, tmp_path: Path) -> Project:
    return await studio.projects.add(make_repository(tmp_path / "shop", {"a.txt": "one\n", "b.txt": "x\r\ny\r\n"}))


@pytest.fixture
async def place(studio: Studio, project: Project, tmp_path: Path) -> Place:
    """The workspace of a run that has written a file and replied."""
    replies = [{"calls": [{"name": "write", "arguments": {"path": "a.txt", "content": "two\n"}}]}, {"text": "Done."}]
    script = tmp_path / "replies.json"
    script.write_text(json.dumps({"replies": replies}))
    sent = await studio.chats.send(project.id, "Go", model=f"scripted/{script}", approval=ApprovalMode.AUTO)
    async for item in studio.feed.follow(sent.since, run=sent.run):
        if isinstance(item, Recorded) and isinstance(item.event, TurnEnded):
            break
    return Place(project.id, sent.run)


async def test_a_file_saved_in_the_editor_is_in_the_diff_and_in_the_merge(
    studio: Studio, project: Project, place: Place
) -> None:
    assert place.run is not None
    opened = await studio.files.read(place, "b.txt")
    assert (opened.text, opened.newline) == ("x\ny\n", "\r\n")
    await studio.files.write(place, "b.txt", "x\nz\n", opened.etag)
    changed = await studio.review.diff(place.run)
    assert sorted(file.path for file in changed.files) == ["a.txt", "b.txt"]

    await studio.review.merge(place.run)

    assert (project.path / "a.txt").read_text() == "two\n"
    assert (project.path / "b.txt").read_bytes() == b"x\r\nz\r\n"


async def test_a_change_after_the_merge_makes_the_run_mergeable_again(
    studio: Studio, project: Project, place: Place
) -> None:
    assert place.run is not None
    await studio.review.merge(place.run)
    opened = await studio.files.read(place, "a.txt")
    await studio.files.write(place, "a.txt", "three\n", opened.etag)
    assert (await studio.chats.run(place.run)).state is RunState.IDLE
    await studio.review.merge(place.run)
    assert (project.path / "a.txt").read_text() == "three\n"


async def test_what_a_program_writes_after_the_look_is_not_merged_before_it_was_seen(
    studio: Studio, project: Project, place: Place, tmp_path: Path
) -> None:
    assert place.run is not None
    seen = (await studio.review.diff(place.run)).head
    file = tmp_path / "home/workspaces" / place.run / "files/a.txt"
    file.write_text("evil\n")

    with pytest.raises(UserError, match=r"changed since you looked\. Nothing was merged"):
        await studio.review.merge(place.run)
    with pytest.raises(UserError, match="changed since you looked"):
        await studio.review.merge(place.run, head=seen)
    assert (project.path / "a.txt").read_text() == "one\n"

    newer = await studio.review.diff(place.run)
    assert "+evil" in newer.files[0].patch
    file.write_text("worse\n")
    await studio.review.merge(place.run, head=newer.head, newest=False)
    assert (project.path / "a.txt").read_text() == "evil\n"


async def test_a_terminal_that_is_opened_leaves_a_snapshot_under_way_alone(
    studio: Studio, place: Place, tmp_path: Path
) -> None:
    assert place.run is not None
    run = await studio.chats.run(place.run)
    under_way = tmp_path / "home/workspaces" / place.run / "files/.git/refs/studio/head"
    under_way.write_text(f"{run.base_commit}\n")

    await studio.terminals.command(place.run)

    assert under_way.read_text() == f"{run.base_commit}\n"


async def test_a_file_that_changed_meanwhile_is_not_overwritten(studio: Studio, place: Place) -> None:
    opened = await studio.files.read(place, "a.txt")
    await studio.files.write(place, "a.txt", "mine\n", opened.etag)
    with pytest.raises(UserError, match="changed"):
        await studio.files.write(place, "a.txt", "theirs\n", opened.etag)
    assert (await studio.files.read(place, "a.txt")).text == "mine\n"
