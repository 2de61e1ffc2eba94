"""A message is tried again with another model, which does not see the try before."""

from __future__ import annotations

import asyncio

import pytest

from studio.app.chats import Sent
from studio.app.studio import Studio
from studio.domain.errors import UserError
from studio.domain.events import ChatRestored, MessagePosted, StepStarted
from studio.domain.messages import Speaker
from studio.domain.projects import Project
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import events_of, turn_ended
from tests.fixtures.handed import HANDED, handed
from tests.fixtures.scripts import Script, call

pytestmark = pytest.mark.docker

WRITE = {"text": "My way.", "calls": [{"name": "write", "arguments": {"path": "b.txt", "content": "wrong\n"}}]}


@pytest.fixture
async def failed_try(studio_here: Studio, project: Project, script: Script) -> Sent:
    """A run whose second message was answered badly."""
    model = script({"text": "Hello."}, WRITE, handed("Done, badly."), name="first")
    sent = await studio_here.chats.send(project.id, "Hello", model=model, approval=ApprovalMode.AUTO)
    await turn_ended(studio_here, sent)
    again = await studio_here.chats.send(project.id, "Mend it", sent.run)
    await turn_ended(studio_here, again)
    return again


async def test_the_other_model_is_shown_the_message_and_nothing_of_the_try_before(
    studio_here: Studio, failed_try: Sent, script: Script
) -> None:
    # Its reply comes second, after one agent message, and to a chat whose newest text is the person's.
    other = script({}, {"contains": "Mend it", "text": "Better."}, name="other")
    sent = await studio_here.retries.retry(failed_try.run, other)
    assert (await turn_ended(studio_here, sent)).reason == ""
    log = await events_of(studio_here, failed_try.run)
    said = [event.text for event in log if isinstance(event, MessagePosted) and event.text]
    assert said == ["Hello", "Hello.", "Mend it", "My way.", "Done, badly.", "Mend it", "Better."]
    assert any(isinstance(event, ChatRestored) for event in log)
    assert [event.model for event in log if isinstance(event, StepStarted)][-1] == other


@pytest.mark.parametrize(("files", "left"), [(False, ["b.txt"]), (True, [])])
async def test_what_was_changed_in_the_files_stays_or_goes_as_the_person_chooses(
    studio_here: Studio, failed_try: Sent, script: Script, files: bool, left: list[str]
) -> None:
    other = script({}, {"text": "Better."}, name="other")
    await turn_ended(studio_here, await studio_here.retries.retry(failed_try.run, other, files=files))
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
    other = script({}, {"text": "Better."}, name="other")
    wish = studio_here.retries.retry
    twice = (wish(failed_try.run, other, turn=failed_try.turn, files=files) for _ in range(2))
    first, second = await asyncio.gather(*twice)
    await turn_ended(studio_here, first)
    assert second.turn == first.turn
    assert await _said(studio_here, failed_try) == ["Hello", "Mend it", "Mend it"]


async def test_a_message_that_the_chat_has_gone_on_from_is_not_tried_again(
    studio_here: Studio, project: Project, failed_try: Sent, script: Script
) -> None:
    model = script({}, {}, {}, {"text": "More."}, name="next")
    await turn_ended(studio_here, await studio_here.chats.send(project.id, "And this", failed_try.run, model=model))
    before = len(await studio_here.chats.log(failed_try.run))
    with pytest.raises(UserError, match="has gone on since this message, so it was not tried again"):
        await studio_here.retries.retry(failed_try.run, model, turn=failed_try.turn)
    assert len(await studio_here.chats.log(failed_try.run)) == before


async def test_the_message_is_sent_with_what_it_referred_to_then(
    studio_here: Studio, project: Project, script: Script
) -> None:
    model = script(call("write", path="a.txt", content="two\n"), HANDED, name="first")
    sent = await studio_here.chats.send(project.id, "Look at @file:a.txt", model=model, approval=ApprovalMode.AUTO)
    await turn_ended(studio_here, sent)
    again = await studio_here.retries.retry(sent.run, script({"text": "Better."}, name="other"), turn=sent.turn)
    await turn_ended(studio_here, again)
    events = await events_of(studio_here, sent.run)
    first, second = (event for event in events if isinstance(event, MessagePosted) and event.speaker is Speaker.HUMAN)
    assert "one" in str(first.references)
    assert second.references == first.references


async def test_a_run_that_was_tried_again_is_replayed(studio_here: Studio, failed_try: Sent, script: Script) -> None:
    sent = await studio_here.retries.retry(failed_try.run, script({}, {"text": "Better."}, name="other"), files=True)
    await turn_ended(studio_here, sent)
    assert (await studio_here.replays.replay(failed_try.run)).difference == ""


async def _said(studio: Studio, sent: Sent) -> list[str]:
    """Everything that the person said, also what is not in the chat any more."""
    log = await events_of(studio, sent.run)
    return [event.text for event in log if isinstance(event, MessagePosted) and event.speaker is Speaker.HUMAN]
