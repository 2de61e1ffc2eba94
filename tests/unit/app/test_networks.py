"""What a person says of a project's network answers the questions that it leaves nothing to ask about."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from studio.adapters.clock import SystemClock
from studio.app.networks import ProjectNetworks
from studio.domain.checkpoints import CheckpointState
from studio.domain.errors import UserError
from studio.domain.network import NetworkMode
from studio.sandbox.egress.clients import KnownClients
from studio.sandbox.egress.egress import Egress
from studio.sandbox.egress.ledger import ConnectionLedger
from studio.sandbox.sandboxes import Sandboxes
from tests.fixtures.acts import HereAndNow
from tests.fixtures.memory import database, hub, recorder
from tests.fixtures.outside import PUBLIC, PlainJudge, ScriptedOutside
from tests.unit.agents.test_reaching import FILES, OTHER, Desk, desk

__all__ = ["database", "desk", "hub", "recorder"]


class NoSandboxes:
    """None is up."""

    def get(self, run: str) -> None:
        """Not this one either."""


def door(desk: Desk, outside: ScriptedOutside | None = None) -> ProjectNetworks:
    outside = outside or ScriptedOutside()
    egress = Egress(PlainJudge(), ConnectionLedger(desk.database, SystemClock()), outside, SystemClock(), 0)
    return ProjectNetworks(
        *(HereAndNow(), desk.database, desk.recorder, desk.networks, KnownClients({"PATH": str(desk.path)}), egress),
        *(cast("Sandboxes", NoSandboxes()), outside, desk.checkpoints),
    )


async def test_a_host_that_is_put_on_the_list_is_reached_by_the_program_that_waits_for_it(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.judged(FILES))
    other = asyncio.create_task(desk.judged(OTHER))
    await desk.asked(2)
    await door(desk).allow(desk.project.id, str(FILES))

    assert (await judging).passed
    assert [each.act for each in await desk.checkpoints.waiting()] == [str(OTHER)]
    other.cancel()
    await asyncio.wait({other})


@pytest.mark.parametrize(
    ("mode", "passed", "left"), [(NetworkMode.OPEN, True, 0), (NetworkMode.NONE, False, 1)], ids=["open", "none"]
)
async def test_a_mode_answers_what_waits_and_leaves_a_question_about_images_where_nothing_is_reached(
    desk: Desk, mode: NetworkMode, passed: bool, left: int
) -> None:
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.judged(FILES))
    images = asyncio.create_task(desk.images_judged())
    asked = await desk.asked(2)
    await door(desk).set(desk.project.id, mode)

    assert (await judging).passed is passed
    assert len(await desk.checkpoints.waiting()) == left
    program = next(each for each in asked if each.act == str(FILES))
    state = CheckpointState.APPROVED if passed else CheckpointState.VOID
    assert (await desk.checkpoints.get(program.id)).state is state
    images.cancel()
    await asyncio.wait({images})


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", str(PUBLIC)])
async def test_a_name_of_this_machine_is_not_taken_onto_a_list(desk: Desk, address: str) -> None:
    outside = ScriptedOutside()
    outside.names["files.example.org"] = (address,)
    outside.here = {str(PUBLIC)}
    with pytest.raises(UserError, match="is this machine"):
        await door(desk, outside).allow(desk.project.id, str(FILES))

    assert await desk.networks.hosts(desk.project.id) == ()


async def test_a_name_that_leads_nowhere_now_is_taken_onto_a_list(desk: Desk) -> None:
    view = await door(desk).allow(desk.project.id, str(FILES))

    assert view.hosts == (str(FILES),)
