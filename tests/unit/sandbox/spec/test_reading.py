"""The files of a commit are read in their order, and each unusable one is told of."""

from __future__ import annotations

import pytest

from studio.sandbox.plan import SandboxPlan, SetupCommand
from studio.sandbox.spec.lockfiles import setup_key
from studio.sandbox.spec.reading import Spec, read_spec
from studio.sandbox.spec.usual_setup import usual_setup
from studio.sandbox.spec.wanted import Unreadable

DEVCONTAINER = ".devcontainer/devcontainer.json"


async def read(files: dict[str, str]) -> Spec:
    async def texts(paths: tuple[str, ...]) -> dict[str, str]:
        found = {path: files[path] for path in paths if path in files}
        for path, text in found.items():
            if text == "a link":
                raise Unreadable(f"{path} is not read: it is a link.")
        return found

    return await read_spec(texts)


def origins(spec: Spec) -> list[str]:
    return [source.origin for source in spec.sources]


async def test_a_project_that_says_nothing_has_nothing_to_start_from() -> None:
    assert await read({}) == Spec()


async def test_devcontainer_comes_before_the_dockerfile() -> None:
    spec = await read({DEVCONTAINER: '{"image": "node:22"}', "Dockerfile": "FROM debian:12\n"})

    assert origins(spec) == [DEVCONTAINER, "Dockerfile"]


@pytest.mark.parametrize(
    "files",
    [
        {"Dockerfile": "FROM debian:12\n"},
        {DEVCONTAINER: '{"build": {"dockerfile": "D"}}', ".devcontainer/D": "FROM debian:12\n"},
    ],
)
async def test_what_is_built_is_the_text_that_was_judged(files: dict[str, str]) -> None:
    (source,) = (await read(files)).sources

    assert source.build is not None
    assert source.build.text == "FROM debian:12\n"


async def test_a_devcontainer_without_an_image_leaves_that_to_the_dockerfile() -> None:
    spec = await read({".devcontainer.json": '{"forwardPorts": [3000]}', "Dockerfile": "FROM debian:12\n"})

    assert origins(spec) == ["Dockerfile"]
    assert spec.settings is not None
    assert spec.settings.forward_ports == (3000,)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({DEVCONTAINER: "{"}, "cannot be read"),
        ({DEVCONTAINER: "a link"}, "is a link"),
        ({DEVCONTAINER: '{"build": {"dockerfile": "Dockerfile"}}'}, "not in the repository"),
        ({DEVCONTAINER: '{"dockerFile": "D"}', ".devcontainer/D": "FROM x\nVOLUME /x\nVOLUME /y\n"}, "1 more lines"),
    ],
)
async def test_one_that_is_of_no_use_is_told_of_and_the_dockerfile_is_taken(files: dict[str, str], why: str) -> None:
    spec = await read({**files, "Dockerfile": "FROM debian:12\n"})

    assert origins(spec) == ["Dockerfile"]
    assert why in spec.refused[0].sentence


async def test_of_several_stages_the_one_for_development_is_worked_in() -> None:
    spec = await read({"Dockerfile": "FROM debian:12 AS dev\nFROM nginx:1\nCOPY --from=dev /x /x\n"})

    (source,) = spec.sources
    assert source.build is not None
    assert source.build.target == "dev"


async def test_of_several_stages_without_one_for_development_none_is_taken() -> None:
    spec = await read({"Dockerfile": "FROM node:22 AS build\nFROM nginx:1\n"})

    assert spec.sources == ()
    assert "none of them is named dev" in spec.refused[0].sentence


def test_a_setup_counts_by_its_lockfiles_and_what_it_names() -> None:
    plan = SandboxPlan(setup=(SetupCommand(("sh", "-c", "sh ./setup.sh && npm ci")),))
    files = {"web/package-lock.json": "1", "setup.sh": "2", "src/a.js": "3"}
    key = setup_key(plan, "image:1", files)

    assert setup_key(plan, "image:1", {**files, "src/a.js": "4"}) == key
    assert setup_key(plan, "image:2", files) != key
    assert setup_key(plan, "image:1", {**files, "setup.sh": "5"}) != key
    assert setup_key(plan, "image:1", {**files, "web/package-lock.json": "6"}) != key
    assert setup_key(SandboxPlan(), "image:1", files) != key


def test_a_project_that_names_no_setup_has_the_usual_one_of_its_lockfile() -> None:
    (command,) = usual_setup({"yarn.lock", "src/package-lock.json"})

    assert command.words == "yarn install --frozen-lockfile"
    assert usual_setup({"src/package-lock.json", "requirements.txt"}) == ()


def test_without_a_lockfile_every_file_counts_for_a_setup() -> None:
    plan = SandboxPlan(setup=(SetupCommand(("make",)),))

    assert setup_key(plan, "i", {"a": "1"}) != setup_key(plan, "i", {"a": "2"})
