"""What one turn changed, told apart from the turns before it."""

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
from studio.domain.tools import ApprovalMode
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.docker


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    opened = await open_studio({**os.environ, "STUDIO_HOME": str(tmp_path / "home")}, Access.ENGINE)
    yield opened
    await opened.close()


async def test_a_turn_is_shown_without_what_other_turns_changed(studio: Studio, tmp_path: Path) -> None:
    project = await studio.projects.add(make_repository(tmp_path / "shop", {"a.txt": "one\n"}))
    writes = [{"calls": [{"name": "write", "arguments": {"path": f"{n}.txt", "content": f"{n}\n"}}]} for n in "xyz"]
    replies = [writes[0], {"text": "Done."}, writes[1], writes[2], {"text": "Done."}, {"text": "Nothing to do."}]
    (tmp_path / "replies.json").write_text(json.dumps({"replies": replies}))
    turns = []
    run = None
    for text in ("Write x", "Write y and z", "Rest"):
        sent = await studio.chats.send(
            project.id, text, run, model=f"scripted/{tmp_path / 'replies.json'}", approval=ApprovalMode.AUTO
        )
        async for item in studio.feed.follow(sent.since, run=sent.run):
            if isinstance(item, Recorded) and isinstance(item.event, TurnEnded) and item.event.turn == sent.turn:
                break
        run = sent.run
        turns.append(sent.turn)

    assert run is not None
    assert [file.path for file in (await studio.review.of_turn(run, turns[0])).diff.files] == ["x.txt"]
    assert [file.path for file in (await studio.review.of_turn(run, turns[1])).diff.files] == ["y.txt", "z.txt"]
    with pytest.raises(UserError, match="changed no files"):
        await studio.review.of_turn(run, turns[2])
