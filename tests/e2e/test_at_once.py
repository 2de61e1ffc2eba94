"""Several wishes for one run at once: each is done or refused, and none undoes another."""

from __future__ import annotations

import asyncio

import pytest

from studio.app.chats import Sent
from studio.app.studio import Studio
from studio.domain.errors import UserError
from studio.domain.files import Place
from studio.domain.ids import RunId
from studio.domain.projects import Project
from studio.domain.runs import Outcome, RunState
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import turn_ended
from tests.fixtures.handed import HANDED
from tests.fixtures.scripts import Script, call, shell

pytestmark = pytest.mark.docker

WRITE = call("write", path="a.txt", content="two\n")


@pytest.fixture
def project_files() -> dict[str, str]:
    return {"a.txt": "one\n", "b.txt": "x\n"}


@pytest.fixture
async def run(studio_here: Studio, project: Project, script: Script) -> RunId:
    """A run that has written a file and replied; each further message is answered at once."""
    sent = await studio_here.chats.send(
        project.id, "Go", model=script(WRITE, HANDED, HANDED, HANDED), approval=ApprovalMode.AUTO
    )
    await turn_ended(studio_here, sent)
    return sent.run


async def test_of_two_messages_sent_at_once_one_is_refused(studio_here: Studio, project: Project, run: RunId) -> None:
    tries = (studio_here.chats.send(project.id, text, run) for text in ("One", "Two"))
    taken, refused = sorted(
        await asyncio.gather(*tries, return_exceptions=True), key=lambda each: isinstance(each, UserError)
    )
    assert isinstance(taken, Sent)
    assert isinstance(refused, UserError)
    assert (await turn_ended(studio_here, taken)).outcome is Outcome.HANDED_OFF


async def test_a_file_saved_beside_a_message_takes_nothing_from_the_turn(
    studio_here: Studio, project: Project, run: RunId
) -> None:
    place = Place(project.id, run)
    opened = await studio_here.files.read(place, "b.txt")
    saved, sent = await asyncio.gather(
        studio_here.files.write(place, "b.txt", "mine\n", opened.etag), studio_here.chats.send(project.id, "More", run)
    )
    assert saved
    assert (await turn_ended(studio_here, sent)).outcome is Outcome.HANDED_OFF
    diff = await studio_here.review.diff(run)
    assert sorted(file.path for file in diff.files) == ["a.txt", "b.txt"]


async def test_a_merge_beside_a_message_leaves_the_turn_its_state(
    studio_here: Studio, project: Project, run: RunId
) -> None:
    merged, sent = await asyncio.gather(studio_here.review.merge(run), studio_here.chats.send(project.id, "More", run))
    assert merged.into == "main"
    assert (await turn_ended(studio_here, sent)).outcome is Outcome.HANDED_OFF
    assert (await studio_here.chats.run(run)).state in (RunState.IDLE, RunState.MERGED)


async def test_a_discarded_run_stays_discarded(studio_here: Studio, project: Project, run: RunId) -> None:
    results = await asyncio.gather(
        studio_here.review.discard(run), studio_here.chats.send(project.id, "More", run), return_exceptions=True
    )
    refused = [each for each in results if isinstance(each, UserError)]
    assert len(refused) == 1
    state = (await studio_here.chats.run(run)).state
    assert state is (RunState.DISCARDED if refused[0] is results[1] else state)
    if isinstance(results[1], Sent):
        await turn_ended(studio_here, results[1])


async def test_what_a_step_wrote_before_its_question_can_be_seen(
    studio_here: Studio, project: Project, script: Script
) -> None:
    both = {"calls": WRITE["calls"] + shell("touch b.txt")["calls"]}
    sent = await studio_here.chats.send(project.id, "Go", model=script(both, HANDED))
    assert (await turn_ended(studio_here, sent)).outcome is Outcome.WAITING
    assert [file.path for file in (await studio_here.review.diff(sent.run)).files] == ["a.txt"]


async def test_a_workspace_that_cannot_be_made_ends_the_turn_with_the_reason(
    studio_here: Studio, project: Project, script: Script
) -> None:
    studio_here.paths.workspaces.rmdir()
    studio_here.paths.workspaces.write_text("in the way")
    sent = await studio_here.chats.send(project.id, "Go", model=script(HANDED), approval=ApprovalMode.AUTO)
    ended = await turn_ended(studio_here, sent)
    assert ended.outcome is Outcome.FAILED
    assert ended.reason
    assert ended.action
