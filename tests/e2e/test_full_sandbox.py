"""A sandbox that its own background programs have filled gives way to a new one."""

from __future__ import annotations

import pytest

from studio.app.studio import Studio
from studio.domain.projects import Project
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import turn_ended
from tests.fixtures.handed import HANDED, handed
from tests.fixtures.scripts import Script, shell

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


async def test_work_in_a_full_sandbox_is_brought_home_by_the_next_message(
    studio_here: Studio, project: Project, script: Script
) -> None:
    model = script(shell(FILL), shell("echo new > b.txt"), HANDED, handed("Again."))
    sent = await studio_here.chats.send(project.id, "Go", model=model, approval=ApprovalMode.AUTO)
    full = await turn_ended(studio_here, sent)
    assert full.outcome is Outcome.FAILED
    assert "sandbox is full" in full.reason
    assert full.action == "Send the message again: the sandbox starts anew."

    again = await turn_ended(studio_here, await studio_here.chats.send(project.id, "Go on", run=sent.run))

    assert again.outcome is Outcome.HANDED_OFF
    assert [file.path for file in (await studio_here.review.diff(sent.run)).files] == ["b.txt"]
