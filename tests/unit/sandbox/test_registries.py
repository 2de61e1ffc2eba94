"""Registries: what the container engine may be sent to for an image that a project's files name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.domain.errors import EngineError, PolicyRefused
from studio.domain.ids import ProjectId, RunId
from studio.domain.network import Attempt, Destination, Passed
from studio.domain.projects import Project
from studio.sandbox.egress.ledger import ConnectionLedger
from studio.sandbox.egress.registries import Fetch, Registries
from studio.store import connections, projects
from studio.store.database import Database
from tests.fixtures.outside import PUBLIC, PlainJudge, ScriptedOutside

APP, DB = "registry.example.org/team/app:1", "registry.example.org/team/db:2"


class Yard:
    """What is asked for on behalf of one run."""

    def __init__(self, database: Database, project: ProjectId) -> None:
        self.database = database
        self.judge = PlainJudge("registry.example.org:443", "docker.io:443")
        self.outside = ScriptedOutside()
        self.outside.names["registry.example.org"] = (str(PUBLIC),)
        self.whose = Fetch(project, RunId.new())
        self.registries = Registries(self.judge, ConnectionLedger(database, SystemClock()), self.outside)

    async def ledger(self) -> list[Attempt]:
        async with self.database.reading() as connection:
            return list(reversed(await connections.newest(connection, self.whose.project)))

    async def fetched(self, image: str) -> None:
        async with self.registries.fetching(self.whose, image):
            pass


@pytest.fixture
async def yard(tmp_path: Path) -> AsyncIterator[Yard]:
    database = await Database.open(tmp_path / "studio.db")
    project = Project(ProjectId.new(), "shop", tmp_path, SystemClock().now())
    async with database.transaction() as connection:
        await projects.add(connection, project)
    yield Yard(database, project.id)
    await database.close()


async def test_a_fetch_stands_in_the_ledger_with_the_address_that_was_looked_at(yard: Yard) -> None:
    await yard.fetched(APP)

    [attempt] = await yard.ledger()
    assert (str(attempt.destination), attempt.how, attempt.passed) == (
        "registry.example.org:443",
        "image",
        Passed.ALLOWED,
    )
    assert (attempt.address, attempt.reason) == (str(PUBLIC), f"{APP}: listed; fetched")
    assert attempt.ended is not None


async def test_a_fetch_that_fails_is_told_in_the_ledger_as_one(yard: Yard) -> None:
    with pytest.raises(EngineError):
        async with yard.registries.fetching(yard.whose, APP):
            raise EngineError("no such image")

    assert (await yard.ledger())[0].reason == f"{APP}: listed; it did not come"


async def test_the_images_of_one_registry_are_one_question_that_names_them_all(yard: Yard) -> None:
    assert await yard.registries.refused(yard.whose, (APP, DB, APP, "postgres:16")) == {}

    assert sorted(yard.judge.asked) == [("docker.io:443", ("postgres:16",)), ("registry.example.org:443", (APP, DB))]


async def test_what_nobody_allows_is_left_out_by_its_name_and_never_looked_up(yard: Yard) -> None:
    yard.judge.allowed.clear()
    refused = await yard.registries.refused(yard.whose, (APP, "postgres:16"))

    assert sorted(refused) == ["postgres:16", APP]
    assert f"The image {APP} is not on this machine" in refused[APP].sentence
    assert f"docker pull {APP}" in refused[APP].action
    assert yard.outside.asked == []
    assert {attempt.passed for attempt in await yard.ledger()} == {Passed.REFUSED}


@pytest.mark.parametrize(
    ("addresses", "why"),
    [
        (("10.0.0.7",), "its address is in a private network"),
        ((str(PUBLIC), "127.0.0.1"), "it is this machine"),
        (("169.254.169.254",), "its address is one that only equipment of this network answers"),
        (("203.0.113.9", str(PUBLIC)), "its address is in a private network"),
    ],
)
async def test_a_public_name_that_leads_into_a_private_network_is_refused_after_a_yes(
    yard: Yard, addresses: tuple[str, ...], why: str
) -> None:
    yard.outside.names["registry.example.org"] = addresses
    with pytest.raises(PolicyRefused, match="may not be reached"):
        await yard.fetched(APP)

    assert (await yard.ledger())[0].reason.endswith(why)


async def test_an_address_of_this_machine_itself_is_refused(yard: Yard) -> None:
    yard.outside.here = {str(PUBLIC)}

    with pytest.raises(PolicyRefused, match="it is this machine"):
        await yard.fetched(APP)


async def test_a_registry_that_this_machine_does_not_know_is_refused(yard: Yard) -> None:
    yard.outside.names.clear()

    with pytest.raises(PolicyRefused, match="its name is not known on this machine"):
        await yard.fetched(APP)


async def test_a_registry_that_only_the_engine_knows_is_asked_where_a_person_named_it(yard: Yard) -> None:
    yard.outside.names.clear()
    yard.judge.named = {Destination.parse("registry.example.org")}

    await yard.fetched(APP)

    [attempt] = await yard.ledger()
    assert (attempt.passed, attempt.address) == (Passed.ALLOWED, "")


async def test_where_the_engines_usual_registry_is_its_own_configuration_says(yard: Yard) -> None:
    await yard.fetched("postgres:16")

    assert yard.outside.asked == []
    assert (await yard.ledger())[0].reason == "postgres:16: listed; fetched"


async def test_nothing_is_fetched_while_the_question_is_open(yard: Yard) -> None:
    yard.judge.decides.clear()
    fetching = asyncio.create_task(yard.fetched(APP))
    async with asyncio.timeout(20):
        while not yard.judge.asked:
            await asyncio.sleep(0)
    assert (fetching.done(), await yard.ledger(), yard.outside.asked) == (False, [], [])
    yard.judge.decides.set()

    await fetching


async def test_all_registries_are_asked_about_at_once(yard: Yard) -> None:
    yard.judge.decides.clear()

    async def open_up() -> None:
        async with yard.registries.asking(yard.whose, (APP, "postgres:16", DB)):
            pass

    opening = asyncio.create_task(open_up())
    async with asyncio.timeout(20):
        while len(yard.judge.asked) < 2:
            await asyncio.sleep(0)
    assert sorted(yard.judge.asked) == [("docker.io:443", ("postgres:16",)), ("registry.example.org:443", (APP, DB))]
    assert not opening.done()
    yard.judge.decides.set()
    await opening


async def test_who_did_not_answer_is_not_waited_for_again_while_the_same_sandbox_is_made(yard: Yard) -> None:
    yard.judge.unanswered = {Destination.parse("registry.example.org")}
    async with yard.registries.asking(yard.whose, (APP,)):
        await yard.registries.refused(yard.whose, (APP, "postgres:16"))
    await yard.registries.refused(yard.whose, (APP,))

    assert yard.judge.waited == [True, False, False, True]


async def test_what_was_asked_at_once_is_refused_in_the_ledger_only_where_it_is_needed(yard: Yard) -> None:
    yard.judge.allowed.clear()
    async with yard.registries.asking(yard.whose, (APP, DB)):
        assert await yard.ledger() == []
        await yard.registries.refused(yard.whose, (DB,))

    assert [attempt.reason for attempt in await yard.ledger()] == [f"{DB}: not listed"]
