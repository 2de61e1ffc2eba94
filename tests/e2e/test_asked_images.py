"""A repository that names images which are not on this machine: the operator is asked before a registry is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine, finish, told_until
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import DONE, scripted, shell

IMAGE = "registry.example.org/team/dev:1"
DATABASE = "images.example.net/team/db:1"
FILES = {
    ".devcontainer/devcontainer.json": json.dumps({"image": IMAGE, "containerEnv": {"MODE": "dev"}}),
    "compose.yaml": f"services:\n  db:\n    image: {DATABASE}\n",
}


@pytest.mark.docker
def test_no_registry_is_asked_for_an_image_before_the_person_says_yes_and_after_a_no_it_is_left_out_by_name(
    studio: CommandLine, tmp_path: Path
) -> None:
    studio.environment = {"STUDIO_NETWORK_ASK_SECONDS": "600"}
    repository = make_repository(tmp_path / "shop", FILES)
    model = scripted(tmp_path, shell("echo $MODE"), DONE)
    studio("project", "add", str(repository))
    planned = studio("sandbox", "plan", "shop").out
    assert f"✗ Not on this machine: {IMAGE}, {DATABASE}\n" in planned
    assert "asks before it fetches from registry.example.org, images.example.net, waits 10 min for an answer" in planned
    assert f"Beside each: db from {DATABASE}, on the ports that its image names\n" in planned
    running = studio.start("run", "Go", "--project", "shop", "--model", model, "--approve", "auto", "--json")
    # What the sandbox is made from and what stands beside it is asked about at once, each registry by itself.
    asked = [told_until(running, "checkpoint_opened")[-1] for _ in range(2)]
    assert {each["act"] for each in asked} == {
        "fetching images of registry.example.org",
        "fetching images of images.example.net",
    }
    for each, image in zip(sorted(asked, key=lambda each: each["act"]), (DATABASE, IMAGE), strict=True):
        assert each["checkpoint_kind"] == "network"
        assert f"This project's files name {image}" in each["title"]
        assert "The run waits 10 min for an answer, then goes on without." in each["title"]
        studio("checkpoints", "deny", each["checkpoint"])
    done = finish(running)

    # The run goes on with what there is, and says of each what it does without.
    assert done.code == 0
    said = {line["kind"]: line for line in done.lines}
    assert f"The image {IMAGE} is not on this machine" in said["sandbox_planned"]["refused"][0]
    assert said["services_started"]["services"][0].startswith(
        f"db is left out: The image {DATABASE} is not on this machine"
    )
    assert "checkpoint_opened" not in said
    tried = studio("sandbox", "network", "shop", "connections", "--json").document
    assert {(each["host"], each["how"], each["passed"]) for each in tried} == {
        ("registry.example.org", "image", "refused"),
        ("images.example.net", "image", "refused"),
    }
    assert [each["reason"] for each in tried] == [
        f"{DATABASE}: the answer was no",
        f"{IMAGE}: the answer was no",
    ]


@pytest.mark.docker
def test_who_starts_a_sandbox_is_told_that_it_waits_for_an_answer_and_a_later_yes_counts_for_the_next_one(
    studio: CommandLine, tmp_path: Path
) -> None:
    studio.environment = {"STUDIO_NETWORK_ASK_SECONDS": "1"}
    repository = make_repository(tmp_path / "shop", {"compose.yaml": FILES["compose.yaml"]})
    model = scripted(tmp_path, DONE)
    ran = studio("run", "Go", "--project", str(repository), "--model", model, "--approve", "auto", "--json")
    run = ran.outcome["run"]
    [waiting] = studio("checkpoints", "--json").document
    assert waiting["title"].endswith("Nobody waits for it any more; a yes counts from the next try.")
    assert "fetching images of images.example.net (nobody waits any more)" in studio("checkpoints").out

    started = studio("sandbox", "start", run)

    assert f"Decide elsewhere: studio checkpoints approve {waiting['id']}" in started.err
    assert "The run waits 1 s for an answer" in started.err
    approved = studio("checkpoints", "approve", waiting["id"])
    assert "a yes counts from the next try" in approved.err
    # The engine asks the registry then, as the person named it, and learns that there is none.
    studio("sandbox", "start", run)
    tried = studio("sandbox", "network", "shop", "connections", "--json").document
    assert tried[0]["reason"] == f"{DATABASE}: it was allowed for this run; it did not come"
