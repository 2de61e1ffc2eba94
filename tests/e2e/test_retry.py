"""A message is tried again with another model, which does not see the try before."""

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
from studio.domain.events import ChatRestored, MessagePosted, Recorded, StepStarted, TurnEnded
from studio.domain.messages import Speaker
from studio.domain.projects import Project
from studio.domain.tools import ApprovalMode
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.docker

WRITE = {"text": "My way.", "calls": [{"name": "write", "arguments": {"path": "b.txt", "content": "wrong\n"}}]}
Script = Callable[..., str]


@pytest.fixture
async def studio_here(tmp_path: Path) -> AsyncIterator[Studio]:
    opened = await open_studio({**os.environ, "STUDIO_HOME": str(tmp_path / "home")}, Access.ENGINE)
    yield opened
    await opened.close()


@pytest.fixture
async def project(studio_here: Studio, tmp_path: Path) -> Project:
    return await studio_here.projects.add(make_repository(tmp_path / "shop", {"a.txt": "one\n"}))


@pytest.fixture
def script(tmp_path: Path) -> Script:
    def write(name: str, *replies: object) -> str:
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({"replies": replies}))
        return f"scripted/{path}"

    return write


@pytest.fixture
async def failed_try(studio_here: Studio, project: Project, script: Script) -> Sent:
    """A run whose second message was answered badly."""
    model = script("first", {"text": "Hello."}, WRITE, {"text": "Done, badly."})
    sent = await studio_here.chats.send(project.id, "Hello", model=model, approval=ApprovalMode.AUTO)
    await _ended(studio_here, sent)
    again = await studio_here.chats.send(project.id, "Mend it", sent.run)
    await _ended(studio_here, again)
    return again


async def test_the_other_model_is_shown_the_message_and_nothing_of_the_try_before(
    studio_here: Studio, failed_try: Sent, script: Script
) -> None:
    # Its reply comes second, after one agent message, and to a chat whose newest text is the person's.
    other = script("other", {}, {"contains": "Mend it", "text": "Better."})
    sent = await studio_here.retries.retry(failed_try.run, other)
    assert (await _ended(studio_here, sent)).reason == ""
    log = [item.event for item in await studio_here.chats.log(failed_try.run)]
    said = [event.text for event in log if isinstance(event, MessagePosted) and event.text]
    assert said == ["Hello", "Hello.", "Mend it", "My way.", "Done, badly.", "Mend it", "Better."]
    assert any(isinstance(event, ChatRestored) for event in log)
    assert [event.model for event in log if isinstance(event, StepStarted)][-1] == other


@pytest.mark.parametrize(("files", "left"), [(False, ["b.txt"]), (True, [])])
async def test_what_was_changed_in_the_files_stays_or_goes_as_the_person_chooses(
    studio_here: Studio, failed_try: Sent, script: Script, files: bool, left: list[str]
) -> None:
    other = script("other", {}, {"text": "Better."})
    await _ended(studio_here, await studio_here.retries.retry(failed_try.run, other, files=files))
    assert [file.path for file in (await studio_here.review.diff(failed_try.run)).files] == left


async def test_a_model_that_cannot_be_used_leaves_the_chat_as_it_is(studio_here: Studio, failed_try: Sent) -> None:
    before = len(await studio_here.chats.log(failed_try.run))
    with pytest.raises(UserError, match="no key for openai"):
        await studio_here.retries.retry(failed_try.run, "openai/gpt-5")
    assert len(await studio_here.chats.log(failed_try.run)) == before


@pytest.mark.parametrize("files", [False, True])
async def test_asked_for_twice_at_once_a_message_is_tried_once(
    studio_here: Studio, failed_try: Sent, script: Script, files: bool
) -> None:
    other = script("other", {}, {"text": "Better."})
    wish = studio_here.retries.retry
    twice = (wish(failed_try.run, other, turn=failed_try.turn, files=files) for _ in range(2))
    first, second = await asyncio.gather(*twice)
    await _ended(studio_here, first)
    assert second.turn == first.turn
    assert await _said(studio_here, failed_try) == ["Hello", "Mend it", "Mend it"]


async def test_a_message_that_the_chat_has_gone_on_from_is_not_tried_again(
    studio_here: Studio, project: Project, failed_try: Sent, script: Script
) -> None:
    model = script("next", {}, {}, {}, {"text": "More."})
    await _ended(studio_here, await studio_here.chats.send(project.id, "And this", failed_try.run, model=model))
    before = len(await studio_here.chats.log(failed_try.run))
    with pytest.raises(UserError, match="has gone on since this message, so it was not tried again"):
        await studio_here.retries.retry(failed_try.run, model, turn=failed_try.turn)
    assert len(await studio_here.chats.log(failed_try.run)) == before


async def test_the_message_is_sent_with_what_it_referred_to_then(
    studio_here: Studio, project: Project, script: Script
) -> None:
    write = {"calls": [{"name": "write", "arguments": {"path": "a.txt", "content": "two\n"}}]}
    model = script("first", write, {"text": "Done."})
    sent = await studio_here.chats.send(project.id, "Look at @file:a.txt", model=model, approval=ApprovalMode.AUTO)
    await _ended(studio_here, sent)
    again = await studio_here.retries.retry(sent.run, script("other", {"text": "Better."}), turn=sent.turn)
    await _ended(studio_here, again)
    events = [item.event for item in await studio_here.chats.log(sent.run)]
    first, second = (event for event in events if isinstance(event, MessagePosted) and event.speaker is Speaker.HUMAN)
    assert "one" in str(first.references)
    assert second.references == first.references


async def test_a_run_that_was_tried_again_is_replayed(studio_here: Studio, failed_try: Sent, script: Script) -> None:
    sent = await studio_here.retries.retry(failed_try.run, script("other", {}, {"text": "Better."}), files=True)
    await _ended(studio_here, sent)
    assert (await studio_here.replays.replay(failed_try.run)).difference == ""


async def _said(studio: Studio, sent: Sent) -> list[str]:
    """Everything that the person said, also what is not in the chat any more."""
    log = [item.event for item in await studio.chats.log(sent.run)]
    return [event.text for event in log if isinstance(event, MessagePosted) and event.speaker is Speaker.HUMAN]


async def _ended(studio: Studio, sent: Sent) -> TurnEnded:
    async for item in studio.feed.follow(sent.since, run=sent.run):
        if isinstance(item, Recorded) and isinstance(item.event, TurnEnded) and item.event.turn == sent.turn:
            return item.event
    raise AssertionError("the feed ended")
