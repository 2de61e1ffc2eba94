"""Rules that a person writes: what they would do is told before they are saved, and one that was removed comes back."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.redact import Redactor
from studio.domain.errors import NotFound, UserError
from studio.domain.events import CallDenied, Event, ToolCalled, ToolStarted
from studio.domain.ids import ProjectId
from studio.domain.projects import Project
from studio.domain.rules import Effect
from studio.domain.runs import Run
from studio.domain.tools import CommandClass, Verdict
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.store import runs
from studio.store.database import Database
from tests.fixtures.memory import a_run
from tests.fixtures.repositories import make_repository

LATER = datetime(2100, 1, 1, tzinfo=UTC)


class Later:
    """A clock that stands."""

    def now(self) -> datetime:
        return LATER

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "STUDIO_HOME": str(tmp_path / "home")}


@pytest.fixture
async def studio(environment: dict[str, str]) -> AsyncIterator[Studio]:
    opened = await open_studio(environment, Access.WRITE)
    yield opened
    await opened.close()


@pytest.fixture
async def project(studio: Studio, tmp_path: Path) -> Project:
    return await studio.projects.add(make_repository(tmp_path / "shop", {"a.txt": "one\n"}))


async def told(studio: Studio, project: Project, *events: Event) -> Run:
    """A run of the project in whose log these stand."""
    run = a_run(project)
    database = await Database.open(studio.paths.database)
    async with Recorder(database, Hub(), Later(), Redactor(())).unit(project.id, run.id) as unit:
        await runs.add(unit.connection, run)
        for event in events:
            unit.record(event)
    await database.close()
    return run


def called(*commands: str) -> list[Event]:
    return [ToolCalled("t1", n, f"c{n}", "shell", {"command": command}) for n, command in enumerate(commands)]


async def test_a_draft_names_the_kinds_of_a_command_and_saves_nothing(studio: Studio, project: Project) -> None:
    draft = await studio.rule_drafts.draft(project.id, Effect.ALLOW, "npm install left-pad && npm test > out.txt")
    assert [kind.text for kind in draft.kinds] == ["install: npm install …", "run: npm test …", "write: > …"]
    assert await studio.policies.list(project.id) == ()


async def test_a_draft_tells_which_of_the_commands_of_late_it_lets_through(studio: Studio, project: Project) -> None:
    await told(studio, project, *called("npm install a", "npm ci", "npm install b; rm c", "ls", "npm install b"))
    draft = await studio.rule_drafts.draft(project.id, Effect.ALLOW, "npm install x")
    assert draft.covered == ("npm install b", "npm install a")
    assert draft.looked_at == 5


async def test_a_draft_counts_what_is_let_through_together_with_the_rules_that_are_there(
    studio: Studio, project: Project
) -> None:
    await told(studio, project, *called("npm install b; rm c"))
    await studio.policies.allow(project.id, "rm x")
    draft = await studio.rule_drafts.draft(project.id, Effect.ALLOW, "npm install x")
    assert draft.covered == ("npm install b; rm c",)


async def test_a_draft_that_forbids_finds_the_commands_wherever_they_stand(studio: Studio, project: Project) -> None:
    await told(studio, project, *called("git status", "git status; git push", "curl x"))
    draft = await studio.rule_drafts.draft(project.id, Effect.DENY, "git push")
    assert draft.covered == ("git status; git push",)
    assert (await studio.rule_drafts.draft(project.id, Effect.DENY, "network")).covered == (
        "curl x",
        "git status; git push",
    )


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        ("", "There is no command yet."),
        ("ls -l", "This only reads, which no chat asks about: a rule changes nothing."),
        ("npm", "A rule for “npm” alone would be too wide: what it is to do is not said."),
        ("node", "A rule for “node” alone would be too wide: what it is to do is not said."),
        ("sudo rm a", "A rule for this would be too wide: sudo changes how a command is run."),
        ("X=1 pytest", "A rule for this would be too wide: it sets a variable."),
        ("curl x | sh", "What this does cannot be told: sh runs whatever it is fed."),
        ("git push --force", "This rewrites git history outside the run."),
        ("rm a; touch b; npm ci; curl c; pytest", "This line does 5 different things, too many for one rule."),
    ],
)
async def test_a_rule_that_would_be_too_wide_is_refused_with_the_reason(
    studio: Studio, project: Project, command: str, refusal: str
) -> None:
    assert (await studio.rule_drafts.draft(project.id, Effect.ALLOW, command)).refusal == refusal
    with pytest.raises(UserError, match=refusal[:20]):
        await studio.policies.allow(project.id, command)
    assert await studio.policies.list(project.id) == ()


async def test_nothing_that_could_not_be_a_command_can_be_forbidden(studio: Studio, project: Project) -> None:
    draft = await studio.rule_drafts.draft(project.id, Effect.DENY, "rm -rf; ls")
    assert draft.refusal.startswith("“rm -rf; ls” is no beginning of a command")
    assert draft.kinds == ()


@pytest.mark.parametrize(
    ("text", "caution"),
    [
        ("netwrok", "Did you mean the class network? “netwrok” is taken for a program of that name."),
        ("read", "Nearly every line reads something: hardly any command would be left to the agents."),
        ("git push", ""),
    ],
)
async def test_a_draft_that_forbids_says_what_may_not_be_meant(
    studio: Studio, project: Project, text: str, caution: str
) -> None:
    assert (await studio.rule_drafts.draft(project.id, Effect.DENY, text)).caution == caution


async def test_a_draft_says_that_something_forbids_it_all_the_same(studio: Studio, project: Project) -> None:
    await studio.policies.deny(project.id, "install")
    draft = await studio.rule_drafts.draft(project.id, Effect.ALLOW, "npm install x")
    assert draft.caution == "“install” is forbidden in this project, and that wins."


async def test_a_rule_written_by_hand_is_saved_once(studio: Studio, project: Project) -> None:
    first = await studio.policies.allow(project.id, "npm install x")
    again = await studio.policies.allow(project.id, "npm install other; rm a")
    assert first[0] in again
    assert [rule.kind.text for rule in await studio.policies.list(project.id)] == [
        "install: npm install …",
        "delete: rm …",
    ]
    assert (await studio.rule_drafts.draft(project.id, Effect.ALLOW, "npm install y")).known


async def test_a_removed_rule_comes_back_as_it_was(studio: Studio, project: Project) -> None:
    [rule] = await studio.policies.allow(project.id, "npm install x")
    await studio.policies.remove(rule.id)
    assert await studio.policies.put_back(rule) == rule
    assert await studio.policies.list(project.id) == (rule,)


async def test_a_rule_like_the_removed_one_that_was_made_meanwhile_stays_alone(
    studio: Studio, project: Project
) -> None:
    [rule] = await studio.policies.allow(project.id, "npm install x")
    await studio.policies.remove(rule.id)
    [newer] = await studio.policies.allow(project.id, "npm install y")
    assert await studio.policies.put_back(rule) == newer
    assert await studio.policies.list(project.id) == (newer,)


async def test_a_rule_of_a_project_that_is_gone_does_not_come_back(studio: Studio, project: Project) -> None:
    [rule] = await studio.policies.allow(project.id, "npm install x")
    await studio.projects.remove(project.name)
    with pytest.raises(NotFound):
        await studio.policies.put_back(rule)


async def test_it_is_counted_how_often_each_rule_decided(studio: Studio, project: Project) -> None:
    [allowed] = await studio.policies.allow(project.id, "npm install x")
    forbidden = await studio.policies.deny(project.id, "git push")
    unused = await studio.policies.deny(project.id, "curl")
    denied = [CallDenied(f"d{n}", whose, "git push …", "git push") for n, whose in enumerate(("project", "role"))]
    await told(
        studio, project, ToolStarted("c1", (allowed.id,)), ToolStarted("c2"), ToolStarted("c3", (allowed.id,)), *denied
    )
    uses = await studio.policies.uses(project.id)
    assert {rule: use.times for rule, use in uses.items()} == {allowed.id: 2, forbidden.id: 1}
    assert uses[allowed.id].last == LATER
    assert unused.id not in uses
    assert await studio.policies.uses(ProjectId("p0000000")) == {}
    assert await studio.policies.uses() == uses


async def test_the_table_says_that_what_cannot_be_told_asks_where_anything_is_forbidden(
    studio: Studio, project: Project
) -> None:
    async def untold() -> set[Verdict]:
        table = await studio.policies.table(project.id)
        return {row.auto for row in table if row.command_class in (CommandClass.SERVER, CommandClass.UNKNOWN)}

    assert await untold() == {Verdict.ALLOW}
    await studio.policies.deny(project.id, "git push")
    assert await untold() == {Verdict.ASK}
