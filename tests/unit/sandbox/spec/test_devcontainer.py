"""devcontainer.json: what is taken from it, and what is refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.sandbox.spec.devcontainer import read_devcontainer
from studio.sandbox.spec.jsonc import parse_jsonc
from studio.sandbox.spec.wanted import Build, Unreadable, Wanted
from tests.fixtures.growth import LINEAR, growth

PATH = ".devcontainer/devcontainer.json"


def read(**keys: Any) -> Wanted:
    return read_devcontainer(json.dumps(keys), PATH)


def sentences(wanted: Wanted) -> str:
    return "\n".join(f"{one.sentence} {one.action}" for one in wanted.refused)


def test_comments_and_trailing_commas_are_read_over_and_texts_are_left_alone() -> None:
    text = '\ufeff{ // the name\n "url": "http://x/*y*/,]", /* two\nlines */ "list": [1, 2, ], "say": "a \\" // b", }'

    assert parse_jsonc(text) == {"url": "http://x/*y*/,]", "list": [1, 2], "say": 'a " // b'}


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '"x"', "{'a': 1}", "[" * 100_000, '{"a":' * 40 + "1" + "}" * 40])
def test_a_file_that_is_no_object_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable, match=r"devcontainer.json cannot be read"):
        read_devcontainer(text, PATH)


@pytest.mark.parametrize(("before", "piece"), [('"', '\\"'), ("", "/* "), ("[", ", "), ("", '"\n'), ("", '"\\')])
def test_a_hostile_file_costs_no_more_than_its_length(before: str, piece: str) -> None:
    def parse(text: str) -> None:
        with pytest.raises(Unreadable):
            read_devcontainer(text, PATH)

    assert growth(parse, piece, 1000, before=before) < LINEAR


@pytest.mark.parametrize("text", ["{} /* no end", '{"a": "no end', '{"a": "no end\n"}', '{"a": 1} /*/'])
def test_what_does_not_end_is_not_read_over(text: str) -> None:
    with pytest.raises(ValueError, match="line"):
        parse_jsonc(text)


def test_an_image_is_taken_by_name() -> None:
    assert read(image="mcr.example.com/devcontainers/python:3.12").image == "mcr.example.com/devcontainers/python:3.12"


@pytest.mark.parametrize(
    "image",
    ["studio-project-p1:abc", "sha256:" + "a" * 64, "0123456789ab", "a b", "--privileged", "x:y:z", "${localEnv:X}"],
)
def test_an_image_that_is_not_a_name_of_a_registry_is_refused(image: str) -> None:
    wanted = read(image=image)

    assert wanted.image == ""
    assert "`image` is refused" in sentences(wanted) or "localEnv" in sentences(wanted)


def test_a_build_is_read_relative_to_the_file() -> None:
    wanted = read(build={"dockerfile": "Dockerfile", "context": "..", "args": {"VERSION": 3}, "target": "dev"})

    assert wanted.build == Build(".devcontainer/Dockerfile", "", {"VERSION": "3"}, "dev")


@pytest.mark.parametrize(
    "build", [{"dockerfile": "../../Dockerfile"}, {"dockerfile": "/etc/x"}, {"dockerfile": "D", "context": "../.."}]
)
def test_a_build_outside_the_repository_is_refused(build: dict[str, str]) -> None:
    wanted = read(build=build)

    assert wanted.build is None
    assert "outside the repository" in sentences(wanted)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("runArgs", ["--privileged"]),
        ("privileged", True),
        ("capAdd", ["SYS_PTRACE"]),
        ("securityOpt", ["seccomp=unconfined"]),
        ("mounts", ["source=/var/run/docker.sock,target=/var/run/docker.sock,type=bind"]),
        ("workspaceMount", "source=/,target=/workspace,type=bind"),
        ("initializeCommand", "curl evil"),
        ("appPort", [3000]),
        ("remoteUser", "root"),
        ("containerUser", "root"),
    ],
)
def test_what_would_weaken_isolation_is_refused_by_its_name_and_the_rest_holds(key: str, value: Any) -> None:
    wanted = read(image="node:22", forwardPorts=[3000], **{key: value})

    assert f"`{key}`" in sentences(wanted)
    assert (wanted.image, wanted.forward_ports, len(wanted.refused)) == ("node:22", (3000,), 1)


def test_what_an_editor_wants_is_nobodys_business_here() -> None:
    harmless = {"name": "x", "customizations": {"vscode": {}}, "remoteUser": "vscode", "capAdd": [], "init": True}

    assert read(**harmless).refused == ()


def test_a_compose_file_that_is_not_at_the_top_is_said() -> None:
    assert read(dockerComposeFile="../compose.yaml", service="app").refused == ()
    assert "`dockerComposeFile`" in sentences(read(dockerComposeFile=["../compose.yaml", "dev.yml"]))


def test_an_unknown_key_is_said() -> None:
    assert "`gpus`" in sentences(read(gpus="all"))


def test_commands_are_taken_in_their_order_and_only_that_of_each_start_is_run_again() -> None:
    wanted = read(
        postStartCommand="redis-server &",
        postCreateCommand={"web": "npm ci", "api": ["pip", "install", "-e", "."]},
        onCreateCommand="echo first",
        postAttachCommand="ignored",
    )

    assert [(command.argv, command.at_every_start) for command in wanted.setup] == [
        (("sh", "-c", "echo first"), False),
        (("sh", "-c", "npm ci"), False),
        (("pip", "install", "-e", "."), False),
        (("sh", "-c", "redis-server &"), True),
    ]
    assert sentences(wanted).startswith("`postAttachCommand` is left out")


def test_a_command_that_is_none_is_refused() -> None:
    wanted = read(postCreateCommand=["npm", 3])

    assert wanted.setup == ()
    assert "`postCreateCommand`" in sentences(wanted)


def test_nothing_of_this_machines_environment_is_put_in() -> None:
    env = {"A": "${localEnv:HOME}", "B": "${localEnv:NAME:x}", "C": "${containerWorkspaceFolder}/b"}

    wanted = read(containerEnv=env)

    assert wanted.env == {"A": "", "B": "x", "C": "/workspace/b"}
    assert sentences(wanted).count("no variable of this machine") == 2


@pytest.mark.parametrize("name", ["HOME", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy", "A=B", "1X"])
def test_a_variable_that_is_not_the_files_to_set_is_refused(name: str) -> None:
    wanted = read(containerEnv={name: "x", "MODE": "dev"})

    assert wanted.env == {"MODE": "dev"}
    assert "may not set" in sentences(wanted)


def test_a_path_that_hides_the_programs_of_the_image_is_refused() -> None:
    assert read(containerEnv={"PATH": "/opt/bin"}).env == {}
    assert read(containerEnv={"PATH": "/opt/bin:${containerEnv:PATH}"}).refused == ()


def test_ports_of_services_count_by_their_number() -> None:
    wanted = read(forwardPorts=[3000, "db:5432", "3000", 70000, "x", "9" * 5000])

    assert wanted.forward_ports == (3000, 5432)
    assert (sentences(wanted).count("no port has that number"), sentences(wanted).count("it is no port")) == (2, 1)


def test_features_are_local_expected_or_left_out() -> None:
    wanted = read(
        features={
            "./mine": {"version": "2", "loud": True},
            "ghcr.io/devcontainers/features/node:1": {},
            "ghcr.io/devcontainers/features/docker-in-docker:2": {},
            "ghcr.io/somebody/features/thing:1": {},
            "../../x": {},
        }
    )

    assert [(one.folder, dict(one.options)) for one in wanted.features] == [
        (".devcontainer/mine", {"version": "2", "loud": "true"})
    ]
    assert wanted.expects == ("node", "npm")
    assert "privileged container" in sentences(wanted)
    assert "would have to be downloaded" in sentences(wanted)
    assert "outside the repository" in sentences(wanted)
