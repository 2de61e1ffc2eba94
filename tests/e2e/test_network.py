"""A run whose programs want to reach a host: asked about while they wait, answered from another terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine, finish, told_until
from tests.fixtures.handed import HANDED
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import scripted, shell

FETCH = "curl -sS -m 60 https://files.example.org/; curl -sS -m 60 https://files.example.org/"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


@pytest.mark.docker
@pytest.mark.timeout(300)  # ten programs one after another, which a busy machine is slow to start
def test_a_program_waits_while_the_person_is_asked_and_the_answer_stands_in_the_ledger(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    studio("project", "add", str(repository))
    assert "reach the hosts listed here" in studio("sandbox", "network", "shop", "allow", "--no-packages").out
    model = scripted(tmp_path, shell(FETCH), HANDED)
    running = studio.start("run", "Go", "--project", "shop", "--model", model, "--approve", "auto", "--json")
    asked = told_until(running, "checkpoint_opened")[-1]
    assert (asked["checkpoint_kind"], asked["act"]) == ("network", "files.example.org:443")

    [waiting] = studio("checkpoints", "--json").document
    assert (waiting["id"], waiting["kind"]) == (asked["checkpoint"], "network")
    denied = studio("checkpoints", "deny", asked["checkpoint"])
    assert denied.out == f"files.example.org:443 is denied for run {asked['run']}.\n"

    # The turn goes on by itself, and the second try is refused without another question.
    assert finish(running).code == 0
    tried = studio("sandbox", "network", "shop", "connections", "--json").document
    assert [(each["host"], each["passed"], each["reason"]) for each in tried] == [
        ("files.example.org", "refused", "the answer was no")
    ] * 2
    # A recorded question of a program is none of the agent's: a replay does not ask it again.
    assert studio("runs", "replay", asked["run"]).code == 0


def test_the_list_of_a_project_is_changed_and_shown_and_nonsense_is_told(studio: CommandLine, repository: Path) -> None:
    studio("project", "add", str(repository))
    network = ("sandbox", "network", "shop")
    assert studio(*network).out.startswith("Sandboxes of shop reach no host.")
    noted = studio(*network, "allow", "Files.example.org:8443")
    assert "for programs once there is a network" in noted.err

    assert studio(*network, "--json").document["hosts"] == ["files.example.org:8443"]
    assert studio(*network, "remove", "files.example.org:8443", "--json").document["hosts"] == []
    again = studio(*network, "remove", "files.example.org:8443")
    assert (again.code, "is not on the list of shop" in again.err) == (2, True)
    assert "See the list: studio sandbox network shop" in again.err
    here = studio(*network, "allow", "localhost")
    assert (here.code, "localhost is this machine, which no sandbox reaches" in here.err) == (2, True)
    assert studio(*network, "open", "files.example.org").code == 2
