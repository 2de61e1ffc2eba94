"""A project says in its own files what its sandboxes are made of."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.app.studio import Studio
from studio.domain.events import Event, SandboxPlanned, ToolAnswered
from studio.domain.projects import Project
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import events_of, turn_ended
from tests.fixtures.repositories import git
from tests.fixtures.scripts import DONE, Script, shell

pytestmark = pytest.mark.docker

DEVCONTAINER = """{
    // made from a base without python3 and git
    "build": {"dockerfile": "Dockerfile", "context": "..", "args": {"WORD": "hello"}},
    "features": {"./greeter": {"name": "Ada's"}},
    "containerEnv": {"MODE": "dev", "LONGER": "${containerEnv:PATH}:/more"},
    "forwardPorts": [3000],
    "runArgs": ["--privileged"],
}"""
FILES = {
    "greeting": "hi\n",
    "unused.txt": "1\n",
    ".devcontainer/devcontainer.json": DEVCONTAINER,
    ".devcontainer/Dockerfile": "FROM BASE\nARG WORD\nCOPY greeting /greeting\nRUN echo $WORD >> /greeting\n",
    ".devcontainer/greeter/devcontainer-feature.json": '{"options": {"name": {}, "loud": {"default": true}}}',
    ".devcontainer/greeter/install.sh": '#!/bin/sh\necho "$NAME $LOUD" > /greeter\n',
}
LOOK = shell("cat /greeting /greeter; echo $MODE $LONGER; python3 -c 'print(1 + 1)' && git log --format=%s && id -u")


@pytest.fixture
async def base(engine: DockerEngine) -> str:
    """A small image that lacks most of what a sandbox needs, as those of registries do."""
    names = [tag for image in await engine.images({}) for tag in image.tags]
    return next((name for name in names if name.startswith("studio-base:")), "debian:bookworm-slim")


@pytest.fixture
def project_files(base: str) -> dict[str, str]:
    return {name: text.replace("BASE", base) for name, text in FILES.items()}


@pytest.fixture
async def gone_afterwards(studio_here: Studio, project: Project, engine: DockerEngine) -> AsyncIterator[None]:
    """Removes the project, and proves that the container engine keeps nothing of it."""
    yield
    await studio_here.projects.remove(project.name)
    worn = {"studio.home": str(studio_here.paths.home)}
    assert await engine.images(worn) == ()
    assert await engine.volumes(worn) == ()


async def heard(studio: Studio, project: Project, model: str) -> list[Event]:
    """All events of a new run whose agent does what `model` is scripted to."""
    sent = await studio.chats.send(project.id, "Go", model=model, approval=ApprovalMode.AUTO)
    assert (await turn_ended(studio, sent)).outcome is Outcome.REPLIED
    return await events_of(studio, sent.run)


def one(events: list[Event], kind: type) -> Event:
    (found,) = [event for event in events if isinstance(event, kind)]
    return found


@pytest.mark.usefixtures("gone_afterwards")
async def test_a_devcontainer_is_built_made_fit_and_worked_in(
    studio_here: Studio, project: Project, script: Script, engine: DockerEngine
) -> None:
    events = await heard(studio_here, project, script(LOOK, DONE))

    answered = one(events, ToolAnswered)
    assert isinstance(answered, ToolAnswered)
    said = answered.text.splitlines()
    assert said[:3] == ["hi", "hello", "Ada's true"]
    assert said[3].startswith("dev /")
    assert said[3].endswith(":/more")
    assert said[4:6] == ["2", "Start"]
    assert said[6] != "0"
    planned = one(events, SandboxPlanned)
    assert isinstance(planned, SandboxPlanned)
    assert planned.origin == ".devcontainer/Dockerfile, as .devcontainer/devcontainer.json says"
    assert planned.ports == (3000,)
    assert [sentence.split(" ")[0] for sentence in planned.refused] == ["`runArgs`"]
    assert {image.tags[0] for image in await engine.images({"studio.project": project.id})} == {planned.image}


@pytest.mark.usefixtures("gone_afterwards")
async def test_an_image_is_made_anew_only_when_what_goes_into_it_changes(
    studio_here: Studio, project: Project, script: Script
) -> None:
    model = script(DONE)

    async def image_after(path: str, text: str) -> str:
        (project.path / path).write_text(text)
        git(project.path, "commit", "--quiet", "--all", "--message", path)
        planned = one(await heard(studio_here, project, model), SandboxPlanned)
        assert isinstance(planned, SandboxPlanned)
        return planned.image

    first = await image_after("unused.txt", "2\n")

    assert await image_after("unused.txt", "3\n") == first
    assert await image_after("greeting", "good day\n") != first


@pytest.mark.usefixtures("gone_afterwards")
async def test_a_source_that_is_of_no_use_is_told_and_the_next_one_is_worked_in(
    studio_here: Studio, project: Project, script: Script
) -> None:
    broken = {"build": {"dockerfile": "Dockerfile"}, "containerEnv": {"MODE": "dev"}}
    (project.path / ".devcontainer/devcontainer.json").write_text(json.dumps(broken))
    (project.path / ".devcontainer/Dockerfile").write_text("FROM studio-no-such-image:1\n")
    (project.path / "Dockerfile").write_text("FROM debian:12\nADD https://example.com/x /x\n")
    git(project.path, "add", "--all")
    git(project.path, "commit", "--quiet", "--message", "Break")

    events = await heard(studio_here, project, script(shell("echo $MODE"), DONE))

    answered, planned = one(events, ToolAnswered), one(events, SandboxPlanned)
    assert isinstance(answered, ToolAnswered)
    assert isinstance(planned, SandboxPlanned)
    assert answered.text.startswith("dev\n")
    assert planned.origin == "Studio's own image; the rest as .devcontainer/devcontainer.json says"
    assert "line 1: studio-no-such-image:1 is an image that Studio made for a project" in planned.refused[0]
    assert "line 2: ADD is for plain paths" in planned.refused[1]
