"""A workspace is ready before an agent works in it: its setup was run, and files that no commit holds are there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeVar

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.app.studio import Studio
from studio.base.aio import in_thread
from studio.domain import exits
from studio.domain.events import Event, FailuresTold, ToolAnswered, WorkspacePrepared
from studio.domain.ids import RunId
from studio.domain.projects import Project
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.command_line import CommandLine
from tests.fixtures.engine import events_of, turn_ended
from tests.fixtures.handed import HANDED
from tests.fixtures.in_terminal import in_terminal
from tests.fixtures.repositories import git
from tests.fixtures.scripts import DONE, Script, shell

pytestmark = pytest.mark.docker

AnEvent = TypeVar("AnEvent", bound=Event)

SETUP = """mkdir -p deps && date +%N > deps/made && cp package-lock.json deps/ && echo kept > ~/tool \
&& echo cached > $PIP_CACHE_DIR.txt && cat .env"""
FILES = {
    ".devcontainer/devcontainer.json": """{
        "postCreateCommand": ["sh", "setup.sh"], "postStartCommand": "echo up >> deps/up"
    }""",
    "setup.sh": SETUP,
    "package-lock.json": "{}\n",
    ".gitignore": "deps/\n.env\nlocal/\n",
    ".worktreeinclude": ".env\nlocal/*.key\nnotes.txt\n",
    "a.txt": "one\n",
}


@pytest.fixture
def project_files() -> dict[str, str]:
    return FILES


@pytest.fixture
async def checkout(studio_here: Studio, project: Project, engine: DockerEngine) -> AsyncIterator[Project]:
    """A project with secrets and notes that are not committed; it is removed, and nothing of it is left."""
    folder = project.path
    (folder / "local").mkdir()
    for name, text in {".env": "TOKEN=1\n", "local/dev.key": "key\n", "local/other": "x\n", "notes.txt": "n\n"}.items():
        (folder / name).write_text(text)
    (folder / "local/stolen.key").symlink_to("/etc/passwd")
    yield project
    await studio_here.projects.remove(project.name)
    worn = {"studio.home": str(studio_here.paths.home)}
    assert await engine.volumes(worn) == ()


async def told(studio: Studio, project: Project, model: str, run: RunId | None = None) -> tuple[RunId, list[Event]]:
    """Posts a message and gives the run with all that has happened in it."""
    sent = await studio.chats.send(project.id, "Go", model=model, approval=ApprovalMode.AUTO, run=run)
    assert (await turn_ended(studio, sent)).outcome in (Outcome.REPLIED, Outcome.HANDED_OFF)
    return sent.run, await events_of(studio, sent.run)


def all_of(events: list[Event], kind: type[AnEvent]) -> list[AnEvent]:
    return [event for event in events if isinstance(event, kind)]


async def test_a_setup_is_run_once_for_a_lockfile_and_its_work_is_handed_to_the_next_run(
    studio_here: Studio, checkout: Project, script: Script
) -> None:
    look = script(shell("cat deps/made deps/up ~/tool; ls /studio/cache; touch /studio/cache/agents"), DONE)

    _, events = await told(studio_here, checkout, look)
    _, again = await told(studio_here, checkout, look)
    (checkout.path / "package-lock.json").write_text('{"changed": true}\n')
    git(checkout.path, "commit", "--quiet", "--all", "--message", "Change")
    _, changed = await told(studio_here, checkout, look)
    _, last = await told(studio_here, checkout, look)

    runs = (events, again, changed, last)
    prepared = [all_of(one, WorkspacePrepared)[0] for one in runs]
    assert [(one.from_cache, one.exit_code) for one in prepared] == [(False, 0), (True, 0), (False, 0), (True, 0)]
    first, second, third, fourth = (all_of(one, ToolAnswered)[0].text.splitlines() for one in runs)
    assert first[1:4] == ["up", "kept", "pip.txt"]
    assert second[:5] == [first[0], "up", "kept", "agents", "pip.txt"]
    assert third[0] != first[0]
    # A setup for a new lockfile finds nothing that an agent put into the cache.
    assert third[1:4] == ["up", "kept", "pip.txt"]
    assert fourth[:5] == [third[0], "up", "kept", "agents", "pip.txt"]


async def test_files_that_no_commit_holds_are_put_in_and_never_get_into_one(
    studio_here: Studio, checkout: Project, script: Script
) -> None:
    look = script(shell("cat .env; ls local *.txt; echo work > b.txt"), HANDED)

    run, events = await told(studio_here, checkout, look)

    (prepared,) = all_of(events, WorkspacePrepared)
    assert prepared.included == (".env", "local/dev.key")
    assert "local/stolen.key is not put in: it leads" in prepared.left_out[0]
    assert prepared.left_out[1] == "Not put in, as .gitignore lets it into commits: notes.txt."
    assert all_of(events, ToolAnswered)[0].text.startswith("TOKEN=1\na.txt\n\nlocal:\ndev.key\n")
    assert [file.path for file in (await studio_here.review.diff(run)).files] == ["b.txt"]


async def test_what_a_merged_branch_adds_to_the_included_files_waits_for_a_yes(
    studio_here: Studio, checkout: Project, script: Script
) -> None:
    studio = CommandLine(studio_here.paths.home)
    add = shell("echo local/other >> .worktreeinclude")
    run, _ = await told(studio_here, checkout, script(add, HANDED))
    seen = await in_thread(studio, "diff", run)
    assert "Runs on someone's machine: .worktreeinclude (Studio)." in seen.out
    asked = await in_thread(in_terminal, studio, "merge", run, typed="n\n")
    assert asked.code == exits.CANCELLED
    assert asked.out.index("Runs on someone's machine") < asked.out.index("Merge it? [y/N]")
    assert asked.out.endswith("Nothing was merged.\n")
    merged = await in_thread(studio, "merge", run)
    assert merged.out.index("Runs on someone's machine: .worktreeinclude (Studio).") < merged.out.index(
        "Merged into main"
    )

    look = script(shell("ls local"), DONE)
    _, events = await told(studio_here, checkout, look)
    (prepared,) = all_of(events, WorkspacePrepared)
    assert prepared.included == (".env", "local/dev.key")
    assert prepared.left_out[-1] == (
        ".worktreeinclude was changed, and would put in files that nobody agreed to yet: local/other. "
        f"See what was changed, and agree to it for new runs: studio sandbox include {checkout.name}"
    )

    shown = await in_thread(studio, "sandbox", "include", checkout.name)
    assert shown.out == "  .env\n  local/*.key\n  notes.txt\n+ local/other\n"
    unseen = await in_thread(studio, "sandbox", "include", checkout.name, "allow", "0" * 12)
    assert (unseen.code, unseen.out) == (exits.USAGE, "")
    assert "not the word for what .worktreeinclude says" in unseen.err
    allow = shown.err.strip().rpartition(": studio ")[2].split()
    allowed = await in_thread(studio, *allow)
    assert (allowed.code, allowed.out) == (0, shown.out)
    _, events = await told(studio_here, checkout, look)
    assert all_of(events, WorkspacePrepared)[0].included == (".env", "local/dev.key", "local/other")


async def test_a_setup_that_fails_is_told_to_person_and_agent_and_work_goes_on(
    studio_here: Studio, checkout: Project, script: Script
) -> None:
    (checkout.path / "setup.sh").write_text("echo trying; echo no network >&2; exit 3\n")
    git(checkout.path, "commit", "--quiet", "--all", "--message", "Break")

    _, events = await told(studio_here, checkout, script(shell("cat a.txt"), DONE))

    (told_to_agent,) = all_of(events, FailuresTold)
    assert "> trying\n> no network\n" in told_to_agent.told
    (prepared,) = all_of(events, WorkspacePrepared)
    assert (prepared.exit_code, prepared.output) == (3, "trying\nno network")
    assert "studio sandbox network shop allow" in prepared.advice
    assert all_of(events, ToolAnswered)[0].text.startswith("one\n")
