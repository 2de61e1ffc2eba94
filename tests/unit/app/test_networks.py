"""What a person says of a project's network answers the questions that it leaves nothing to ask about."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from studio.adapters.clock import SystemClock
from studio.app.decisions import Decisions
from studio.app.networks import ProjectNetworks
from studio.domain.checkpoints import CheckpointState
from studio.domain.errors import UserError
from studio.domain.network import NetworkMode
from studio.domain.rules import Scope
from studio.domain.runs import Run
from studio.domain.tools import ApprovalMode
from studio.sandbox.egress.clients import KnownClients
from studio.sandbox.egress.egress import Egress
from studio.sandbox.egress.ledger import ConnectionLedger
from studio.sandbox.sandboxes import Sandboxes
from studio.store import runs
from tests.fixtures.acts import HereAndNow
from tests.fixtures.memory import a_run, database, hub, recorder
from tests.fixtures.outside import PUBLIC, PlainJudge, ScriptedOutside
from tests.unit.agents.test_reaching import FILES, OTHER, REGISTRY, Desk, desk

if TYPE_CHECKING:
    from studio.agents.journal import Journal
    from studio.checkpoints.rules import Rules
    from studio.workflow.turns import Turns

__all__ = ["database", "desk", "hub", "recorder"]


class NoSandboxes:
    """None is up."""

    def get(self, run: str) -> None:
        """Not this one either."""


def decisions(desk: Desk) -> Decisions:
    """The door through which a person answers; no turn is begun by what is said of a network."""
    return Decisions(
        *(HereAndNow(), desk.database, desk.recorder, cast("Journal", None), desk.checkpoints),
        *(cast("Rules", None), cast("Turns", None), desk.networks),
    )


async def another_run(desk: Desk) -> Run:
    run = a_run(desk.project, approval=ApprovalMode.AUTO)
    async with desk.database.transaction() as connection:
        await runs.add(connection, run)
    return run


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


async def test_what_the_list_answered_is_asked_again_once_the_host_is_off_it(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.judged(FILES))
    await desk.asked()
    await door(desk).allow(desk.project.id, str(FILES))
    assert (await judging).passed
    await door(desk).remove(desk.project.id, str(FILES))

    assert not (await desk.judged(FILES, seconds=0)).passed
    assert [each.act for each in await desk.checkpoints.waiting()] == [str(FILES)]


async def test_what_an_open_network_answered_is_asked_again_after_it_and_leads_to_no_private_address(
    desk: Desk,
) -> None:
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.judged(FILES))
    images = asyncio.create_task(desk.images_judged())
    await desk.asked(2)
    await door(desk).set(desk.project.id, NetworkMode.OPEN)
    program = await judging
    assert (program.passed, program.is_named) == (True, False)
    assert (await images).passed
    await door(desk).set(desk.project.id, NetworkMode.ALLOW)

    assert not (await desk.judged(FILES, seconds=0)).passed
    assert not (await desk.images_judged(seconds=0)).passed


async def test_a_host_that_a_person_allowed_for_one_run_stays_allowed_there_when_the_list_loses_it(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.judged(FILES))
    await desk.decides((await desk.asked())[0], CheckpointState.APPROVED)
    await judging
    await door(desk).allow(desk.project.id, str(FILES))
    await door(desk).remove(desk.project.id, str(FILES))

    assert (await desk.judged(FILES, seconds=0)).passed


async def test_a_yes_for_the_project_counts_in_every_run_until_it_is_taken_back(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.judged(FILES))
    (question,) = await desk.asked()
    await decisions(desk).approve(question.id, scope=Scope.PROJECT)
    assert (await judging).passed
    assert (await desk.checkpoints.get(question.id)).decided_by == "operator for the project"
    other = await another_run(desk)
    assert (await desk.judged(FILES, seconds=0, run=other)).passed
    await door(desk).remove(desk.project.id, str(FILES))

    assert not (await desk.judged(FILES, seconds=0)).passed
    assert not (await desk.judged(FILES, seconds=0, run=other)).passed


async def test_a_yes_to_images_for_the_project_lets_no_program_out_and_can_be_taken_back(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.images_judged())
    await decisions(desk).approve((await desk.asked())[0].id, scope=Scope.PROJECT)
    assert (await judging).passed
    other = await another_run(desk)
    assert (await desk.images_judged(seconds=0, run=other)).passed
    assert not (await desk.judged(REGISTRY, seconds=0, run=other)).passed
    view = await door(desk).show(desk.project.id)
    assert (view.hosts, view.registries) == ((), (str(REGISTRY),))
    view = await door(desk).remove(desk.project.id, str(REGISTRY))

    assert view.registries == ()
    assert not (await desk.images_judged(seconds=0)).passed


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
