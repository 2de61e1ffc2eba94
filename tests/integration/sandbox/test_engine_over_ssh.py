"""A container engine on another machine is reached through the person's ssh: here, that machine is this one."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint, find_endpoint
from studio.base.paths import Paths, shared_cache
from studio.domain.errors import EngineError, EngineGone
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.folders import Folders
from studio.sandbox.images import Images, image_sources
from studio.sandbox.sandboxes import Sandboxes

pytestmark = pytest.mark.docker

SECONDS = 10.0


class FarMachine:
    """An sshd of the test's own, and a person whose ssh knows it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        for name in ("host", "mine"):
            words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
        shutil.copy(folder / "mine.pub", folder / "authorized")
        self._write_server()
        self._write_client()

    @property
    def env(self) -> Mapping[str, str]:
        """The person's environment: their ssh has a configuration of its own."""
        return {**os.environ, "PATH": f"{self._folder}/bin:{os.environ['PATH']}"}

    @property
    def url(self) -> str:
        """The engine of this machine, as seen from elsewhere."""
        user = pwd.getpwuid(os.geteuid()).pw_name
        here = find_endpoint(os.environ).socket
        assert here is not None
        return f"ssh://{user}@127.0.0.1:{self.port}{here}"

    def start(self) -> None:
        """Lets people log in."""
        words = [_sshd(), "-D", "-e", "-f", str(self._folder / "sshd_config")]
        self._server = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert self._server.stderr is not None
        while b"listening" not in (line := self._server.stderr.readline()):
            assert line, "sshd ended"

    def end(self) -> None:
        """Lets nobody log in any more, and ends who has."""
        if self._server is not None:
            children = subprocess.run(
                ["pgrep", "-P", str(self._server.pid)], capture_output=True, text=True, check=False
            )
            for pid in children.stdout.split():
                os.kill(int(pid), 15)
            self._server.terminate()
            self._server.wait(timeout=30)
            assert self._server.stderr is not None
            self._server.stderr.close()
            self._server = None

    def forget_the_key(self) -> None:
        """No key of the person's is let in."""
        (self._folder / "authorized").write_text("")

    def _write_server(self) -> None:
        settings = {
            "Port": str(self.port),
            "ListenAddress": "127.0.0.1",
            "HostKey": str(self._folder / "host"),
            "AuthorizedKeysFile": str(self._folder / "authorized"),
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "prohibit-password",
        }
        lines = "".join(f"{name} {value}\n" for name, value in settings.items())
        (self._folder / "sshd_config").write_text(lines)

    def _write_client(self) -> None:
        key = (self._folder / "host.pub").read_text()
        (self._folder / "known").write_text(f"[127.0.0.1]:{self.port} {key}")
        (self._folder / "ssh_config").write_text(
            f"IdentityFile {self._folder}/mine\nIdentitiesOnly yes\nUserKnownHostsFile {self._folder}/known\n"
        )
        (self._folder / "bin").mkdir()
        own = self._folder / "bin/ssh"
        own.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {self._folder}/ssh_config "$@"\n')
        own.chmod(0o755)


def _sshd() -> str:
    return shutil.which("sshd") or "/usr/sbin/sshd"


@pytest.fixture
def far(tmp_path: Path) -> Iterator[FarMachine]:
    if not Path(_sshd()).exists() or shutil.which("ssh") is None:
        pytest.fail("This test needs openssh-server and openssh-client: scripts/test installs them.", pytrace=False)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it locks itself in; an init script makes it
    machine = FarMachine(tmp_path)
    machine.start()
    yield machine
    machine.end()


async def test_a_sandbox_of_an_engine_over_ssh_works_on_the_runs_files(
    far: FarMachine, sandbox_paths: Paths, workspace: Path
) -> None:
    engine = DockerEngine(Endpoint(far.url), far.env)
    images = Images(engine, image_sources(), shared_cache(), os.environ)
    sandboxes = Sandboxes(engine, images, sandbox_paths, SystemClock())
    (workspace / "said").write_text("over ssh\n")
    try:
        await Folders(engine, sandbox_paths).require(images.tag)
        sandbox = await sandboxes.open(ProjectId.new(), RunId.new(), workspace)
        assert (await sandbox.exec("cat said", timeout=60)).output == "over ssh\n"
    finally:
        await sandboxes.close_all()
        await engine.close()


async def test_a_login_that_asks_something_is_told_and_not_waited_for(far: FarMachine) -> None:
    far.forget_the_key()
    engine = DockerEngine(Endpoint(far.url), far.env)

    with pytest.raises(EngineGone, match="Permission denied") as caught:
        await engine.ping(SECONDS)

    assert "ssh -p" in caught.value.action
    await engine.close()


async def test_a_machine_that_goes_away_is_noticed_and_found_again(far: FarMachine) -> None:
    engine = DockerEngine(Endpoint(far.url), far.env)
    await engine.ping(SECONDS)
    held = asyncio.create_task(engine.until_gone())
    await engine.ping(SECONDS)
    await asyncio.to_thread(far.end)
    with suppress(EngineGone):  # it may have been about to be held
        await held

    with pytest.raises(EngineGone, match=str(far.port)):
        await engine.ping(SECONDS)
    far.start()
    async with asyncio.timeout(SECONDS * 3):
        while not await _answers(engine):  # the login that ended may still be ending
            await asyncio.sleep(0.05)
    await engine.close()


_HOLDS = """
import asyncio, os, sys
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint

async def main():
    engine = DockerEngine(Endpoint(sys.argv[1]), os.environ)
    await engine.ping(30)
    print("reached", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_login_of_a_studio_that_is_killed_ends_and_its_socket_is_cleared_away(far: FarMachine) -> None:
    killed = subprocess.Popen([sys.executable, "-c", _HOLDS, far.url], env=far.env, stdout=subprocess.PIPE)
    assert killed.stdout is not None
    assert killed.stdout.readline() == b"reached\n"
    killed.kill()
    killed.wait(timeout=30)
    killed.stdout.close()
    (left,) = Path(tempfile.gettempdir()).glob(f"studio-ssh-{killed.pid}-*")
    async with asyncio.timeout(SECONDS * 3):
        while _leads_on(left / "s"):
            await asyncio.sleep(0.05)

    engine = DockerEngine(Endpoint(far.url), far.env)
    await engine.ping(SECONDS)
    assert not left.exists()
    await engine.close()


async def _answers(engine: DockerEngine) -> bool:
    try:
        await engine.ping(SECONDS)
    except EngineGone:
        return False
    return True


def _leads_on(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as visitor:
            visitor.connect(str(path))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    "url", ["ssh://-oProxyCommand=x", "ssh://", "ssh://ada:pw@far", "ssh://far/a:b", "ssh://far:x"]
)
def test_an_address_that_could_mean_something_else_to_ssh_is_refused(url: str) -> None:
    with pytest.raises(EngineError, match="cannot read the address"):
        DockerEngine(Endpoint(url))
