"""Several wishes for one run at once: each is done or refused, and none undoes another."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from studio.app.bootstrap import open_studio
from studio.app.chats import Sent
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.domain.errors import UserError
from studio.domain.events import Recorded, TurnEnded
from studio.domain.files import Place
from studio.domain.ids import RunId
from studio.domain.projects import Project
from studio.domain.runs import Outcome, RunState
from studio.domain.tools import ApprovalMode
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.docker

WRITE = {"calls": [{"name": "write", "arguments": {"path": "a.txt", "content": "two\n"}}]}
DONE = {"text": "Done."}


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    opened = await open_studio({**os.environ, "STUDIO_HOME": str(tmp_path / "home")}, Access.ENGINE)
    yield opened
    await opened.close()


@pytest.fixture
async def project(studio: Studio, tmp_path: Path) -> Project:
    return await studio.projects.add(make_repository(tmp_path / "shop", {"a.txt": "one\n", "b.txt": "x\n"}))


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., str]:
    def write(*replies: object) -> str:
        path = tmp_path / "replies.json"
        path.write_text(json.dumps({"replies": replies}))
        return f"scripted/{path}"

    return write


@pytest.fixture
async def run(studio: Studio, project: Project, script: Callable[..., str]) -> RunId:
    """A run that has written a file and replied; each further message is answered at once."""
    sent = await studio.chats.send(project.id, "Go", model=script(WRITE, DONE, DONE, DONE), approval=ApprovalMode.AUTO)
    await _ended(studio, sent)
    return sent.run


async def test_of_two_messages_sent_at_once_one_is_refused(studio: Studio, project: Project, run: RunId) -> None:
    tries = (studio.chats.send(project.id, text, run) for text in ("One", "Two"))
    taken, refused = sorted(
        await asyncio.gather(*tries, return_exceptions=True), key=lambda each: isinstance(each, UserError)
    )
    assert isinstance(taken, Sent)
    assert isinstance(refused, UserError)
    assert (await _ended(studio, taken)).outcome is Outcome.REPLIED


async def test_a_file_saved_beside_a_message_takes_nothing_from_the_turn(
    studio: Studio, project: Project, run: RunId
) -> None:
    place = Place(project.id, run)
    opened = await studio.files.read(place, "b.txt")
    saved, sent = await asyncio.gather(
        studio.files.write(place, "b.txt", "mine\n", opened.etag), studio.chats.send(project.id, "More", run)
    )
    assert saved
    assert (await _ended(studio, sent)).outcome is Outcome.REPLIED
    diff = await studio.review.diff(run)
    assert sorted(file.path for file in diff.files) == ["a.txt", "b.txt"]


async def test_a_merge_beside_a_message_leaves_the_turn_its_state(studio: Studio, project: Project, run: RunId) -> None:
    merged, sent = await asyncio.gather(studio.review.merge(run), studio.chats.send(project.id, "More", run))
    assert merged.into == "main"
    assert (await _ended(studio, sent)).outcome is Outcome.REPLIED
    assert (await studio.chats.run(run)).state in (RunState.IDLE, RunState.MERGED)


async def test_a_discarded_run_stays_discarded(studio: Studio, project: Project, run: RunId) -> None:
    results = await asyncio.gather(
        studio.review.discard(run), studio.chats.send(project.id, "More", run), return_exceptions=True
    )
    refused = [each for each in results if isinstance(each, UserError)]
    assert len(refused) == 1
    state = (await studio.chats.run(run)).state
    assert state is (RunState.DISCARDED if refused[0] is results[1] else state)
    if isinstance(results[1], Sent):
        await _ended(studio, results[1])


async def test_what_a_step_wrote_before_its_question_can_be_seen(
    studio: Studio, project: Project, script: Callable[..., str]
) -> None:
    write, shell = WRITE["calls"][0], {"name": "shell", "arguments": {"command": "touch b.txt"}}
    sent = await studio.chats.send(project.id, "Go", model=script({"calls": [write, shell]}, DONE))
    assert (await _ended(studio, sent)).outcome is Outcome.WAITING
    assert [file.path for file in (await studio.review.diff(sent.run)).files] == ["a.txt"]


async def test_a_workspace_that_cannot_be_made_ends_the_turn_with_the_reason(
    studio: Studio, project: Project, script: Callable[..., str]
) -> None:
    studio.paths.workspaces.rmdir()
    studio.paths.workspaces.write_text("in the way")
    sent = await studio.chats.send(project.id, "Go", model=script(DONE), approval=ApprovalMode.AUTO)
    ended = await _ended(studio, sent)
    assert ended.outcome is Outcome.FAILED
    assert ended.reason
    assert ended.action


async def _ended(studio: Studio, sent: Sent) -> TurnEnded:
    async for item in studio.feed.follow(sent.since, run=sent.run):
        if isinstance(item, Recorded) and isinstance(item.event, TurnEnded) and item.event.turn == sent.turn:
            return item.event
    raise AssertionError("the feed ended")
