"""What one turn changed, told apart from the turns before it."""

from __future__ import annotations

import pytest

from studio.app.studio import Studio
from studio.domain.errors import UserError
from studio.domain.projects import Project
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import turn_ended
from tests.fixtures.handed import HANDED
from tests.fixtures.scripts import Script, call

pytestmark = pytest.mark.docker


async def test_a_turn_is_shown_without_what_other_turns_changed(
    studio_here: Studio, project: Project, script: Script
) -> None:
    x, y, z = (call("write", path=f"{name}.txt", content=f"{name}\n") for name in "xyz")
    model = script(x, HANDED, y, z, HANDED, {"text": "Nothing to do."})
    turns = []
    run = None
    for text in ("Write x", "Write y and z", "Rest"):
        sent = await studio_here.chats.send(project.id, text, run, model=model, approval=ApprovalMode.AUTO)
        await turn_ended(studio_here, sent)
        run = sent.run
        turns.append(sent.turn)

    assert run is not None
    assert [file.path for file in (await studio_here.review.of_turn(run, turns[0])).diff.files] == ["x.txt"]
    assert [file.path for file in (await studio_here.review.of_turn(run, turns[1])).diff.files] == ["y.txt", "z.txt"]
    with pytest.raises(UserError, match="changed no files"):
        await studio_here.review.of_turn(run, turns[2])
