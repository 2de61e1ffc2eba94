"""A sandbox that its own background programs have filled gives way to a new one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from studio.app.bootstrap import open_studio
from studio.app.chats import Sent
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.domain.events import Recorded, TurnEnded
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.docker

FILL = """cat > /tmp/fill.py <<'END'
import os, time
while True:
    try:
        if os.fork() == 0:
            time.sleep(10000)
    except OSError:
        os._exit(0)
END
setsid python3 /tmp/fill.py > /dev/null 2>&1 < /dev/null"""


async def test_work_in_a_full_sandbox_is_brought_home_by_the_next_message(tmp_path: Path) -> None:
    commands = [FILL, "echo new > b.txt"]
    replies = [{"calls": [{"name": "shell", "arguments": {"command": command}}]} for command in commands]
    script = tmp_path / "replies.json"
    script.write_text(json.dumps({"replies": [*replies, {"text": "Done."}, {"text": "Again."}]}))
    studio = await open_studio({**os.environ, "STUDIO_HOME": str(tmp_path / "home")}, Access.ENGINE)
    try:
        project = await studio.projects.add(make_repository(tmp_path / "shop", {"a.txt": "one\n"}))
        sent = await studio.chats.send(project.id, "Go", model=f"scripted/{script}", approval=ApprovalMode.AUTO)
        full = await _end(studio, sent)
        assert full.outcome is Outcome.FAILED
        assert "sandbox is full" in full.reason
        assert full.action == "Send the message again: the sandbox starts anew."

        again = await _end(studio, await studio.chats.send(project.id, "Go on", run=sent.run))

        assert again.outcome is Outcome.REPLIED
        assert [file.path for file in (await studio.review.diff(sent.run)).files] == ["b.txt"]
    finally:
        await studio.close()


async def _end(studio: Studio, sent: Sent) -> TurnEnded:
    async for item in studio.feed.follow(sent.since, run=sent.run):
        if isinstance(item, Recorded) and isinstance(item.event, TurnEnded):
            return item.event
    raise AssertionError
