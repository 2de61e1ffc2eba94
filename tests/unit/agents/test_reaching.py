"""Whether a run may reach a host: the project's mode, its list, and what a person says while a program waits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.agents.reaching import MOST_OPEN, Reaching
from studio.checkpoints.checkpoints import Checkpoints
from studio.checkpoints.networks import Networks
from studio.domain.checkpoints import Checkpoint, CheckpointKind, CheckpointState, is_left, parted
from studio.domain.events import CheckpointReworded
from studio.domain.ids import CallId, ProjectId
from studio.domain.network import Destination, Network, NetworkMode
from studio.domain.projects import Project
from studio.domain.runs import Run
from studio.domain.tools import ApprovalMode
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.sandbox.egress.clients import KnownClients
from studio.sandbox.egress.judging import Judged
from studio.store import event_log, projects, runs
from studio.store.database import Database
from tests.fixtures.memory import a_project, a_run

FILES = Destination("files.example.org", 443)
OTHER = Destination("other.example.net", 443)
REGISTRY = Destination("registry.example.org", 443)


@dataclass
class Desk:
    """A project with one run, the judge of its programs, and the person."""

    project: Project
    run: Run
    database: Database
    recorder: Recorder
    hub: Hub
    checkpoints: Checkpoints
    networks: Networks
    path: Path

    def judge(self, seconds: float = 60) -> Reaching:
        clients = KnownClients({"PATH": str(self.path)})
        return Reaching(self.database, self.recorder, self.hub, self.networks, self.checkpoints, clients, seconds)

    async def says(self, mode: NetworkMode, *listed: Destination, packages: bool = False) -> None:
        async with self.recorder.unit(self.project.id, None) as unit:
            await self.networks.set(unit, self.project.id, Network(mode, packages), "operator")
            for host in listed:
                await self.networks.allow(unit, self.project.id, host, "operator")

    async def asked(self, count: int = 1) -> tuple[Checkpoint, ...]:
        """What waits for the person, once that is so many questions."""
        async with asyncio.timeout(20):
            while len(waiting := await self.checkpoints.waiting()) < count:
                await asyncio.sleep(0.01)
        return waiting

    async def decides(self, question: Checkpoint, state: CheckpointState) -> None:
        async with self.recorder.unit(self.project.id, self.run.id) as unit:
            await self.checkpoints.decide(unit, question, state, "", "operator")

    async def images_judged(
        self, *images: str, seconds: float = 60, run: Run | None = None, waits: bool = True
    ) -> Judged:
        judge, named = self.judge(seconds), images or ("postgres:16",)
        return await judge.judge_images(self.project.id, (run or self.run).id, REGISTRY, named, waits=waits)

    async def judged(self, wanted: Destination = FILES, seconds: float = 60, run: Run | None = None) -> Judged:
        return await self.judge(seconds).judge(self.project.id, (run or self.run).id, wanted)


@pytest.fixture
async def desk(database: Database, recorder: Recorder, hub: Hub, tmp_path: Path) -> Desk:
    project = a_project()
    run = a_run(project, approval=ApprovalMode.AUTO)
    async with database.transaction() as connection:
        await projects.add(connection, project)
        await runs.add(connection, run)
    clock = SystemClock()
    checkpoints, networks = Checkpoints(database, recorder, clock), Networks(database, recorder, clock)
    return Desk(project, run, database, recorder, hub, checkpoints, networks, tmp_path)


async def test_a_project_of_which_nothing_was_said_has_no_network(desk: Desk) -> None:
    assert (await desk.judged()).reason == "this project has no network"
    assert await desk.judge().mode(desk.project.id) is NetworkMode.NONE


async def test_a_listed_host_is_reached_and_its_other_ports_are_not(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW, FILES)

    assert (await desk.judged()).passed
    assert not (await desk.judged(Destination(FILES.host, 22), seconds=0)).passed


async def test_a_list_counts_for_its_project_alone(desk: Desk) -> None:
    other = a_project("bank")
    async with desk.database.transaction() as connection:
        await projects.add(connection, other)
    await desk.says(NetworkMode.ALLOW, FILES)

    assert not await desk.networks.is_listed(other.id, FILES)
    assert (await desk.networks.of(other.id)).mode is NetworkMode.NONE


async def test_an_open_project_reaches_hosts_that_nobody_listed_unasked(desk: Desk) -> None:
    await desk.says(NetworkMode.OPEN)

    assert (await desk.judged(OTHER)).passed
    assert await desk.checkpoints.waiting() == ()


@pytest.mark.parametrize(("state", "passed"), [(CheckpointState.APPROVED, True), (CheckpointState.DENIED, False)])
async def test_a_program_waits_for_the_answer_of_a_person_which_then_counts_for_its_whole_run(
    desk: Desk, state: CheckpointState, passed: bool
) -> None:
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.judged())
    (question,) = await desk.asked()
    assert (question.kind, question.act, question.call) == (CheckpointKind.NETWORK, str(FILES), "")
    await desk.decides(question, state)

    assert (await judging).passed is passed
    assert (await desk.judged(seconds=0)).passed is passed
    assert await desk.checkpoints.waiting() == ()


async def test_what_one_run_may_reach_another_one_has_to_ask_for(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.judged())
    await desk.decides((await desk.asked())[0], CheckpointState.APPROVED)
    await judging
    other = a_run(desk.project, approval=ApprovalMode.AUTO)
    async with desk.database.transaction() as connection:
        await runs.add(connection, other)

    assert not (await desk.judged(seconds=0, run=other)).passed
    assert [each.run for each in await desk.checkpoints.waiting()] == [other.id]


async def test_nobody_waits_for_ever_and_a_later_answer_counts_for_the_next_try(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    first = await desk.judged(seconds=0)
    (question,) = await desk.asked()
    assert not first.passed
    assert question.id in first.reason
    await desk.decides(question, CheckpointState.APPROVED)

    assert (await desk.judged(seconds=0)).passed


async def test_many_programs_that_want_the_same_host_make_one_question(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    judge = desk.judge()
    judging = [asyncio.create_task(judge.judge(desk.project.id, desk.run.id, FILES)) for _ in range(5)]
    (question,) = await desk.asked()
    await desk.decides(question, CheckpointState.APPROVED)

    assert [each.passed for each in await asyncio.gather(*judging)] == [True] * 5


async def test_a_host_counts_as_named_by_a_person_once_one_listed_it_or_said_yes_to_it(desk: Desk) -> None:
    await desk.says(NetworkMode.OPEN, FILES)
    assert (await desk.judged(FILES)).is_named
    assert not (await desk.judged(OTHER)).is_named
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.judged(OTHER))
    await desk.decides((await desk.asked())[0], CheckpointState.APPROVED)

    assert (await judging).is_named


async def test_a_run_cannot_flood_a_person_with_questions(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    for number in range(MOST_OPEN + 3):
        await desk.judged(Destination(f"h{number}.example.net", 443), seconds=0)

    assert len(await desk.checkpoints.waiting()) == MOST_OPEN


async def test_a_run_that_asks_nobody_is_refused_without_a_question(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    async with desk.database.transaction() as connection:
        silent = a_run(desk.project, approval=ApprovalMode.DENY)
        await runs.add(connection, silent)

    assert not (await desk.judged(run=silent)).passed
    assert await desk.checkpoints.waiting() == ()


async def test_a_question_that_is_withdrawn_lets_nothing_through(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.judged())
    await desk.asked()
    async with desk.recorder.unit(desk.project.id, desk.run.id) as unit:
        await desk.checkpoints.void(unit, desk.run.id)

    assert (await judging).reason == "the question was withdrawn"


async def test_the_hosts_of_this_machines_package_clients_count_as_listed_unless_a_person_says_no(desk: Desk) -> None:
    program(desk.path / "pip3", "global.index-url='https://ada:secret@packages.example.org:8443/simple'")
    own = Destination("packages.example.org", 8443)
    await desk.says(NetworkMode.ALLOW, packages=True)

    assert await desk.judged(own) == Judged(True, "this machine's package clients use it", is_own=True)
    assert await desk.judge().clients(desk.project.id) == {"PIP_INDEX_URL": "https://packages.example.org:8443/simple"}
    await desk.says(NetworkMode.ALLOW, packages=False)
    assert not (await desk.judged(own, seconds=0)).passed
    assert await desk.judge().clients(desk.project.id) == {}


async def test_a_run_that_is_not_there_reaches_nothing(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)

    assert not (await desk.judged(run=a_run(desk.project))).passed
    assert not (await desk.judge().judge(ProjectId.new(), desk.run.id, FILES)).passed


def program(path: Path, says: str) -> None:
    """A program of this machine that says always the same."""
    path.write_text(f"#!/bin/sh\nwhile read -r line; do echo \"$line\"; done <<'E'\n{says}\nE\n")
    path.chmod(0o755)


@pytest.mark.parametrize("mode", [NetworkMode.NONE, NetworkMode.ALLOW])
async def test_an_image_is_asked_for_also_where_programs_have_no_network(desk: Desk, mode: NetworkMode) -> None:
    await desk.says(mode)
    judging = asyncio.create_task(desk.images_judged("registry.example.org/app:1", "registry.example.org/db:2"))
    (question,) = await desk.asked()
    assert (question.kind, question.act) == (CheckpointKind.NETWORK, "fetching images of registry.example.org")
    assert "name registry.example.org/app:1, registry.example.org/db:2, which are not on" in question.title
    await desk.decides(question, CheckpointState.APPROVED)

    assert (await judging).passed


async def test_a_yes_to_images_lets_no_program_out_and_a_yes_to_a_program_no_image(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.images_judged())
    await desk.decides((await desk.asked())[0], CheckpointState.APPROVED)
    assert (await judging).passed

    assert not (await desk.judged(REGISTRY, seconds=0)).passed
    await desk.decides((await desk.asked())[0], CheckpointState.DENIED)
    assert (await desk.images_judged(seconds=0)).passed


async def test_images_of_a_listed_registry_and_of_an_open_project_are_fetched_unasked(desk: Desk) -> None:
    await desk.says(NetworkMode.NONE, REGISTRY)
    assert (await desk.images_judged(seconds=0)).passed
    await desk.says(NetworkMode.OPEN)
    assert (await desk.images_judged(seconds=0)).passed

    assert await desk.checkpoints.waiting() == ()


async def test_a_run_does_not_wait_for_ever_for_an_image_and_one_that_asks_nobody_does_without(desk: Desk) -> None:
    late = await desk.images_judged(seconds=0)
    async with desk.database.transaction() as connection:
        silent = a_run(desk.project, approval=ApprovalMode.DENY)
        await runs.add(connection, silent)

    assert "nobody has answered yet" in late.reason
    assert (await desk.images_judged(run=silent)).reason.endswith("this run asks nobody")


async def test_a_question_says_when_nobody_waits_for_it_any_more_and_when_somebody_does_again(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    await desk.judged(seconds=0)
    (question,) = await desk.asked()
    assert (parted(question.title)[0], is_left(question.title)) == ("Let this run reach files.example.org?", True)
    judging = asyncio.create_task(desk.judged())
    async with asyncio.timeout(20):
        while is_left((await desk.checkpoints.get(question.id)).title):
            await asyncio.sleep(0.01)
    judging.cancel()
    await asyncio.wait({judging})
    async with desk.database.reading() as connection:
        log = await event_log.since(connection, 0, run=desk.run.id, kinds=(CheckpointReworded.kind,))
    assert [item.event.waits for item in log if isinstance(item.event, CheckpointReworded)] == [60, 0]

    assert is_left((await desk.checkpoints.get(question.id)).title)


async def test_a_question_that_was_answered_says_nothing_else_afterwards(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.judged())
    (question,) = await desk.asked()
    await desk.decides(question, CheckpointState.APPROVED)
    await judging

    assert (await desk.checkpoints.get(question.id)).title == question.title


async def test_a_program_that_tries_without_end_fills_no_log(desk: Desk) -> None:
    await desk.says(NetworkMode.ALLOW)
    judge = desk.judge(seconds=0.001)
    for _ in range(30):
        await judge.judge(desk.project.id, desk.run.id, FILES)
    async with desk.database.reading() as connection:
        log = await event_log.since(connection, 0, run=desk.run.id, kinds=(CheckpointReworded.kind,))

    assert 0 < len(log) <= 21
    assert is_left((await desk.asked())[0].title)


async def test_a_question_says_first_what_is_asked_then_how_long_somebody_waits_and_what_comes_of_no_answer(
    desk: Desk,
) -> None:
    judging = asyncio.create_task(desk.images_judged("registry.example.org/db:1", seconds=60))
    (question,) = await desk.asked()
    await desk.decides(question, CheckpointState.DENIED)
    await judging

    assert question.title == (
        "Fetch images of registry.example.org? This project's files name registry.example.org/db:1, which is not on "
        "this machine: the container engine would ask for it from this machine's own network. The run waits 60 s for "
        "an answer, then goes on without."
    )


async def test_who_does_not_wait_asks_all_the_same_and_takes_an_answer_that_is_there(desk: Desk) -> None:
    assert (await desk.images_judged(waits=False)).is_unanswered
    (question,) = await desk.asked()
    assert is_left(question.title)
    await desk.decides(question, CheckpointState.APPROVED)

    assert (await desk.images_judged(waits=False)).passed


async def test_what_can_be_done_about_an_image_names_the_question_or_the_command(desk: Desk) -> None:
    late = await desk.images_judged(seconds=0)
    (question,) = await desk.asked()
    await desk.decides(question, CheckpointState.DENIED)
    denied = await desk.images_judged(seconds=0)

    assert f"studio checkpoints approve {question.id}" in late.action
    assert f"studio sandbox network {desk.project.name} allow registry.example.org" in denied.action


async def test_whoever_answers_one_question_of_a_run_has_the_whole_time_for_its_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, passed = asyncio.get_running_loop(), [0.0]
    real = loop.time
    monkeypatch.setattr(loop, "time", lambda: real() + passed[0])
    await desk.says(NetworkMode.ALLOW)
    judging = asyncio.create_task(desk.judged(FILES, seconds=600))
    other = asyncio.create_task(desk.judged(OTHER, seconds=600))
    first, second = sorted(await desk.asked(2), key=lambda asked: asked.act)
    passed[0] += 500
    await desk.decides(first, CheckpointState.DENIED)
    assert not (await judging).passed
    passed[0] += 500
    await desk.decides(second, CheckpointState.APPROVED)

    assert (await other).passed


async def test_an_answer_about_a_registry_counts_also_where_it_was_asked_for_with_its_port(desk: Desk) -> None:
    asked = desk.checkpoints.question(
        desk.run, CallId(""), CheckpointKind.NETWORK, "May it?", "fetching images of registry.example.org:443"
    )
    async with desk.recorder.unit(desk.project.id, desk.run.id) as unit:
        await desk.checkpoints.open(unit, asked)
    await desk.decides(asked, CheckpointState.APPROVED)

    assert (await desk.images_judged(waits=False)).passed
