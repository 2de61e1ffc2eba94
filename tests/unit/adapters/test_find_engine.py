"""The engine is found where Docker's own command line would find it."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint, find_endpoint
from studio.adapters.docker.mapped import engine_error, no_engine
from studio.domain.errors import EngineError


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "engine").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "engine" / "s"))
        yield tmp_path / "engine" / "s"


def test_the_environment_comes_first(listening: Path) -> None:
    found = find_endpoint({"DOCKER_HOST": f"unix://{listening}"})

    assert found.socket == listening


def test_a_network_address_has_no_socket() -> None:
    found = find_endpoint({"DOCKER_HOST": "tcp://127.0.0.1:2375"})

    assert found == Endpoint("tcp://127.0.0.1:2375")
    assert found.socket is None


def test_a_named_socket_that_is_not_there_is_not_silently_replaced(tmp_path: Path) -> None:
    assert find_endpoint({"DOCKER_HOST": f"unix://{tmp_path}/gone"}).socket == tmp_path / "gone"


@pytest.fixture
def config(tmp_path: Path, listening: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker's own configuration with one context, which is the current one."""
    meta = tmp_path / "config/contexts/meta" / hashlib.sha256(b"mine").hexdigest()
    meta.mkdir(parents=True)
    endpoint = {"docker": {"Host": f"unix://{listening}", "SkipTLSVerify": False}}
    (meta / "meta.json").write_text(json.dumps({"Name": "mine", "Metadata": {}, "Endpoints": endpoint}))
    (tmp_path / "config/config.json").write_text('{"currentContext": "mine"}')
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "config"))


@pytest.mark.usefixtures("config")
def test_the_current_context_is_used(listening: Path) -> None:
    assert find_endpoint({}).socket == listening
    assert find_endpoint({"DOCKER_CONTEXT": "mine"}).socket == listening


@pytest.mark.usefixtures("config")
def test_a_named_context_that_is_missing_is_an_error() -> None:
    with pytest.raises(EngineError, match="no context named another"):
        find_endpoint({"DOCKER_CONTEXT": "another"})


def test_permission_denied_is_told_apart_from_no_engine() -> None:
    wrapped = ConnectionError(OSError("aborted", PermissionError(13, "Permission denied")))

    denied = engine_error(wrapped, "asking", Endpoint("unix:///x"))
    absent = engine_error(FileNotFoundError(2, "No such file"), "asking", Endpoint("unix:///x"))

    assert "permission denied" in denied.sentence
    assert "usermod" in denied.action
    assert "No container engine answers" in absent.sentence


def test_an_engine_that_docker_host_names_is_started_there_or_no_longer_named() -> None:
    gone = no_engine(find_endpoint({"DOCKER_HOST": "unix:///nonexistent"}))

    assert gone.sentence == "No container engine answers at unix:///nonexistent."
    assert "unset DOCKER_HOST" in gone.action
    assert "install" not in gone.action.casefold()


async def test_an_address_of_no_known_kind_says_which_kinds_there_are() -> None:
    engine = DockerEngine(find_endpoint({"DOCKER_HOST": "bogus://x"}))

    for call in (engine.disk_use(), engine.ping(5), engine.info()):
        with pytest.raises(EngineError, match=r"bogus://x \(from DOCKER_HOST\) is no address") as told:
            await call
        assert "unix://, tcp:// or ssh://" in told.value.action
    await engine.close()
