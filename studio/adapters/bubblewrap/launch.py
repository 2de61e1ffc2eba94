"""Starting a sandbox of bubblewrap: its descriptors, its processes, and the look back at what was made."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import IO

from studio.adapters.bubblewrap.find import Bubblewrap, inside_user
from studio.adapters.bubblewrap.processors import bind
from studio.adapters.bubblewrap.seccomp import filter_program
from studio.adapters.bubblewrap.walls import CORE_BYTES, FILE_BYTES, arguments, made_files, require_possible
from studio.contracts.containers import ContainerSpec
from studio.domain.errors import EngineError, PolicyRefused

_STAGE = "/mnt"
_READY_SECONDS = 20
_COMPLAINT_BYTES = 2000
_NAMESPACES = ("mnt", "pid", "net", "ipc", "uts")
_POWERS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")


@dataclass(slots=True)
class Started:
    """A running sandbox: the process that watches over it, its first process, and what keeps it alive."""

    watcher: subprocess.Popen[bytes]
    first: int
    life: int


def launch(bubblewrap: Bubblewrap, spec: ContainerSpec, door: socket.socket, log: IO[bytes]) -> Started:
    """Starts the sandbox and its porter, which answers at `door`. Blocks. Raises EngineError, PolicyRefused.

    It lives until `life` is closed, which the end of this process does as well.
    """
    user = inside_user() or (os.getuid(), os.getgid())
    require_possible(spec, user)
    with ExitStack() as stack:
        life_inside, life = os.pipe()
        stack.callback(os.close, life_inside)
        facts, facts_inside = os.pipe()
        stack.callback(os.close, facts)
        try:
            passed = _Passed(stack)
            sources = _sources(spec)
            etc = {name: passed.holding(text.encode()) for name, text in made_files(spec).items()}
            options = "\0".join(arguments(spec, sources, etc, bubblewrap.options)).encode()
            argv = (
                *(bubblewrap.path, "--args", str(passed.holding(options))),
                *("--seccomp", str(passed.holding(filter_program(counted=bool(bubblewrap.scope))))),
                *("--info-fd", str(facts_inside), "--"),
                *(
                    bubblewrap.python,
                    "-I",
                    "-S",
                    "-u",
                    "-c",
                    _source("porter"),
                    json.dumps(_porter(spec, door, life_inside)),
                ),
            )
            watcher = subprocess.Popen(
                _staged(bubblewrap, _scoped(bubblewrap, spec, argv), spec),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=(*passed.fds, facts_inside, door.fileno(), life_inside),
                cwd="/",
                env={"PATH": "/usr/bin:/bin", **_bus()},
                start_new_session=True,
            )
        except BaseException:
            os.close(life)
            raise
        finally:
            os.close(facts_inside)
        try:
            first = _made(watcher, facts, Path(log.name), user)
            if not bubblewrap.scope:
                bind(first, spec.cpus)
            return Started(watcher, first, life)
        except BaseException:
            os.close(life)
            watcher.kill()
            watcher.wait()
            raise


class _Passed:
    """The descriptors that go along to bubblewrap, closed here once it has them."""

    def __init__(self, stack: ExitStack) -> None:
        self.fds: list[int] = []
        self._stack = stack

    def holding(self, data: bytes) -> int:
        """One from which `data` can be read."""
        fd = os.memfd_create("studio")
        self._stack.callback(os.close, fd)
        self.fds.append(fd)
        os.write(fd, data)
        os.lseek(fd, 0, os.SEEK_SET)
        return fd


def _sources(spec: ContainerSpec) -> dict[str, str]:
    """Where bubblewrap finds what each mount shows."""
    staged = inside_user() is not None
    return {
        mount.target: f"{_STAGE}/{number}" if staged else str(mount.source) for number, mount in enumerate(spec.mounts)
    }


def _porter(spec: ContainerSpec, door: socket.socket, life: int) -> dict[str, object]:
    limits = {"pids": spec.pids, "memory": spec.memory_bytes, "file": FILE_BYTES, "files": 4096, "core": CORE_BYTES}
    return {"door": door.fileno(), "life": life, "limits": limits}


def _scoped(bubblewrap: Bubblewrap, spec: ContainerSpec, argv: tuple[str, ...]) -> tuple[str, ...]:
    if not bubblewrap.scope:
        return argv
    bounds = (
        f"MemoryMax={spec.memory_bytes}",
        "MemorySwapMax=0",
        f"TasksMax={spec.pids + 2}",  # bubblewrap's own two as well
        f"CPUQuota={int(spec.cpus * 100)}%",
    )
    return (*bubblewrap.scope, *(word for bound in bounds for word in ("-p", bound)), "--", *argv)


def _staged(bubblewrap: Bubblewrap, argv: tuple[str, ...], spec: ContainerSpec) -> tuple[str, ...]:
    user = inside_user()
    if user is None:
        return argv
    options = {
        "stage": _STAGE,
        "shown": [str(mount.source) for mount in spec.mounts],
        "uid": user[0],
        "gid": user[1],
        "argv": argv,
    }
    return (bubblewrap.python, "-I", "-S", "-c", _source("stage"), json.dumps(options))


def _bus() -> dict[str, str]:
    """How systemd-run finds the person's own systemd; nothing of this goes on into the sandbox."""
    return {name: os.environ[name] for name in ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS") if name in os.environ}


def _made(watcher: subprocess.Popen[bytes], facts: int, log: Path, user: tuple[int, int]) -> int:
    """The first process inside, once it is ready and found to be what was asked for."""
    assert watcher.stdout is not None
    with watcher.stdout as said:
        os.set_blocking(said.fileno(), True)
        ready = said.readline()
    if ready != b"ready\n":
        watcher.wait(_READY_SECONDS)
        complaint = log.read_bytes()[-_COMPLAINT_BYTES:].decode("utf-8", "replace").strip()
        raise EngineError(f"bubblewrap could not make the sandbox: {complaint or 'it says nothing'}")
    told = json.loads(os.read(facts, 4096))
    first = int(told["child-pid"])
    found = differences(told, Path(f"/proc/{first}/status").read_text("utf-8"), user)
    if found:
        raise PolicyRefused(f"bubblewrap did not make the sandbox as asked, so it was not used: {'; '.join(found)}")
    return first


def differences(told: dict[str, object], status: str, user: tuple[int, int]) -> tuple[str, ...]:
    """Each way in which the first process of a sandbox differs from what was asked for."""
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    return (
        *(f"{name}: not its own" for name in _NAMESPACES if told.get(f"{name}-namespace") in (None, _own(name))),
        *(f"{name}: wanted none, got {lines.get(name)}" for name in _POWERS if lines.get(name) != "0" * 16),
        *(() if lines.get("NoNewPrivs") == "1" else ("NoNewPrivs: not set",)),
        *(() if lines.get("Seccomp") == "2" else ("Seccomp: no filter",)),
        *(
            f"{name}: wanted {number}, got {lines.get(name)}"
            for name, number in zip(("Uid", "Gid"), user, strict=True)
            if lines.get(name, "").split() != [str(number)] * 4
        ),
    )


def _own(namespace: str) -> int:
    return os.stat(f"/proc/self/ns/{namespace}").st_ino


def _source(name: str) -> str:
    return files("studio.adapters.bubblewrap").joinpath(f"{name}.py").read_text("utf-8")
