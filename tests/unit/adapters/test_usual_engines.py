"""Engines that no context names are found at their usual sockets, and one can be chosen by its name."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from studio.adapters.docker.find import Endpoint, find_endpoint, other_engines
from studio.adapters.docker.mapped import no_engine
from studio.adapters.docker.places import usual_places
from studio.domain.errors import EngineError

COLIMA, WORK = ".colima/default/docker.sock", ".colima/work/docker.sock"
ORBSTACK, PODMAN = ".orbstack/run/docker.sock", "run/podman/podman.sock"


class Machine:
    """A home in which engines listen."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self.home = home
        self._stack = stack
        self.env = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")}

    def listens(self, name: str) -> str:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        server = self._stack.enter_context(socket.socket(socket.AF_UNIX))
        server.bind(str(path))
        server.listen()
        return f"unix://{path}"

    def left_behind(self, name: str) -> str:
        """A socket of an engine that has ended."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
        return f"unix://{path}"

    def context(self, name: str, url: str, *, current: bool = False) -> None:
        folder = self.home / "config/contexts/meta" / hashlib.sha256(name.encode()).hexdigest()
        folder.mkdir(parents=True)
        meta = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": url, "SkipTLSVerify": False}}}
        (folder / "meta.json").write_text(json.dumps(meta))
        config = {"currentContext": name} if current else {}
        (self.home / "config/config.json").write_text(json.dumps(config))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    # The path of a socket may have 100 bytes, of which a test's own folder takes most.
    with ExitStack() as stack, TemporaryDirectory() as home:
        monkeypatch.setenv("DOCKER_CONFIG", f"{home}/config")
        yield Machine(Path(home), stack)


@pytest.mark.parametrize(
    ("wanted", "socket_name"),
    [("colima", COLIMA), ("colima:work", WORK), ("orbstack", ORBSTACK), ("podman", PODMAN)],
)
def test_one_is_chosen_by_its_name(machine: Machine, wanted: str, socket_name: str) -> None:
    for name in (COLIMA, WORK, ORBSTACK, PODMAN):
        machine.listens(name)

    found = find_endpoint(machine.env, wanted)

    assert found.url == f"unix://{machine.home / socket_name}"
    assert "container_engine" in found.origin


def test_a_chosen_one_comes_before_the_environment(machine: Machine) -> None:
    url = machine.listens(ORBSTACK)

    assert find_endpoint(machine.env | {"DOCKER_HOST": "tcp://127.0.0.1:1"}, "orbstack").url == url


def test_a_profile_of_colima_that_is_not_started_yet_is_waited_for_where_it_will_be(machine: Machine) -> None:
    assert find_endpoint(machine.env, "colima:late").url == f"unix://{machine.home}/.colima/late/docker.sock"


def test_a_context_is_chosen_by_its_name(machine: Machine) -> None:
    machine.context("far", "ssh://ada@far.example")

    assert find_endpoint(machine.env, "far").url == "ssh://ada@far.example"


def test_a_name_that_nobody_has_is_an_error_that_says_what_there_is(machine: Machine) -> None:
    with pytest.raises(EngineError, match="podmann") as caught:
        find_endpoint(machine.env, "podmann")

    assert "podman, colima" in caught.value.action


def test_a_socket_that_was_left_behind_does_not_hide_an_engine_that_answers(machine: Machine) -> None:
    machine.left_behind(PODMAN)
    machine.listens(ORBSTACK)
    env = machine.env | {"DOCKER_CONTEXT": ""}

    others = [each.url for each in other_engines(env, find_endpoint(env))]

    assert f"unix://{machine.home / PODMAN}" not in others


def test_a_context_that_a_person_chose_is_not_replaced_while_its_engine_is_down(machine: Machine) -> None:
    machine.context("mine", machine.left_behind(COLIMA), current=True)
    machine.listens(ORBSTACK)

    found = find_endpoint(machine.env)

    assert (found.url, found.origin) == (f"unix://{machine.home / COLIMA}", "the Docker context mine")


def test_what_else_there_is_is_told_with_who_names_it(machine: Machine) -> None:
    machine.context("mine", machine.listens(COLIMA), current=True)
    machine.listens(WORK)
    machine.listens(PODMAN)

    others = {each.url: each.origin for each in other_engines(machine.env, find_endpoint(machine.env))}

    assert others[f"unix://{machine.home / WORK}"] == "the usual socket of Colima, profile work"
    assert others[f"unix://{machine.home / PODMAN}"] == "the usual socket of rootless Podman"
    assert f"unix://{machine.home / COLIMA}" not in others


def test_colimas_own_folder_is_looked_into(machine: Machine) -> None:
    url = machine.listens("elsewhere/p/docker.sock")

    places = usual_places(machine.env | {"COLIMA_HOME": str(machine.home / "elsewhere")})

    assert [place.name for place in places if f"unix://{place.path}" == url] == ["colima:p"]


@pytest.mark.parametrize(
    ("url", "action"),
    [
        ("unix:///home/ada/.colima/default/docker.sock", "colima start"),
        ("unix:///run/user/1/podman/podman.sock", "systemctl --user start podman.socket"),
        ("unix:///home/ada/.orbstack/run/docker.sock", "orb start"),
        ("unix:///var/run/docker.sock", "Docker: sudo "),
        ("ssh://ada@far", "on that machine"),
    ],
)
def test_what_to_do_about_an_engine_that_is_down_depends_on_which_it_is(url: str, action: str) -> None:
    assert action in no_engine(Endpoint(url)).action
