"""What a sandbox of bubblewrap is refused before there is one: calls, places, networks; and when it is chosen."""

from __future__ import annotations

import signal
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from studio.adapters.bubblewrap.engine import BubblewrapEngine
from studio.adapters.bubblewrap.find import find_bubblewrap
from studio.adapters.bubblewrap.launch import differences
from studio.adapters.bubblewrap.seccomp import filter_program
from studio.adapters.bubblewrap.shortage import end_one_if_short, is_short
from studio.adapters.bubblewrap.walls import require_possible
from studio.adapters.docker.engine import DockerEngine
from studio.app.engines import engine_in
from studio.base.paths import Paths
from studio.base.settings import Settings
from studio.contracts.containers import ContainerSpec, Mount
from studio.domain.errors import NoSandbox, PolicyRefused

X86, ARM = 0xC000003E, 0xC00000B7
ALLOWED, EPERM, NO_MEMORY, ENOSYS, NO_FAMILY = 0x7FFF0000, 0x50001, 0x5000C, 0x50026, 0x50061
USER = (1000, 1000)
SPEC = ContainerSpec("one", "studio-sandbox:x", "1000:1000", (), {})


def verdict(program: bytes, audit: int, number: int, *arguments: int) -> int:
    """What the kernel makes of a call: the few instructions of its filter machine that are used."""
    data = struct.pack("=IIQ6Q", number, audit, 0, *arguments, *[0] * (6 - len(arguments)))
    at, held = 0, 0
    while True:
        code, if_so, else_, value = struct.unpack_from("=HBBI", program, at * 8)
        at += 1
        match code:
            case 0x20:
                (held,) = struct.unpack_from("=I", data, value)
            case 0x06:
                return int(value)
            case 0x15 | 0x35 | 0x45:
                holds = held == value if code == 0x15 else held >= value if code == 0x35 else bool(held & value)
                at += if_so if holds else else_
            case _:
                raise AssertionError(f"an unknown instruction {code:#x}")


@pytest.mark.parametrize(
    ("machine", "audit", "calls"),
    [
        ("x86_64", X86, {"mount": 165, "unshare": 272, "setns": 308, "keyctl": 250, "bpf": 321, "fsopen": 430}),
        ("aarch64", ARM, {"mount": 40, "unshare": 97, "setns": 268, "keyctl": 219, "bpf": 280, "fsopen": 430}),
    ],
)
def test_calls_of_the_powerful_are_refused_and_those_of_everybody_allowed(
    machine: str, audit: int, calls: dict[str, int]
) -> None:
    program = filter_program(machine)
    read, clone, socket, ioctl = (0, 56, 41, 16) if audit == X86 else (63, 220, 198, 29)

    assert {verdict(program, audit, number) for number in calls.values()} == {EPERM}
    assert verdict(program, audit, read) == ALLOWED
    assert verdict(program, audit, clone, 17) == ALLOWED
    assert verdict(program, audit, clone, 17 | 0x10000000) == EPERM
    assert verdict(program, audit, 435) == ENOSYS
    assert [verdict(program, audit, socket, family) for family in (1, 2, 10, 16)] == [ALLOWED] * 4
    assert [verdict(program, audit, socket, family) for family in (17, 38, 40)] == [NO_FAMILY] * 3
    assert [verdict(program, audit, ioctl, 0, request) for request in (0x5412, 0x541C, 0x5413)] == [
        EPERM,
        EPERM,
        ALLOWED,
    ]


@pytest.mark.parametrize(
    ("machine", "audit", "memfd_create", "shmget"), [("x86_64", X86, 319, 29), ("aarch64", ARM, 279, 194)]
)
def test_memory_that_belongs_to_no_process_is_had_only_where_the_kernel_counts_all_of_it(
    machine: str, audit: int, memfd_create: int, shmget: int
) -> None:
    alone, counted = filter_program(machine), filter_program(machine, counted=True)
    pieces = (64 << 10, (64 << 10) + 1, 1 << 32, 1 << 63)

    assert [verdict(alone, audit, number) for number in (memfd_create, 447)] == [ENOSYS, ENOSYS]
    assert [verdict(alone, audit, shmget, 0, size) for size in pieces] == [ALLOWED, *[NO_MEMORY] * 3]
    assert {verdict(counted, audit, memfd_create), verdict(counted, audit, 447)} == {ALLOWED}
    assert {verdict(counted, audit, shmget, 0, size) for size in pieces} == {ALLOWED}


@pytest.mark.parametrize(("machine", "audit", "number"), [("x86_64", X86, 203), ("aarch64", ARM, 122)])
def test_no_process_takes_more_processors_than_it_was_given_where_nobody_counts_its_time(
    machine: str, audit: int, number: int
) -> None:
    assert verdict(filter_program(machine), audit, number) == EPERM
    assert verdict(filter_program(machine, counted=True), audit, number) == ALLOWED


@pytest.mark.parametrize(
    ("total", "available", "swap", "free", "short"),
    [
        (64 << 20, 2 << 20, 0, 0, False),
        (64 << 20, 1000 << 10, 0, 0, True),
        (4 << 20, 500 << 10, 0, 0, False),
        (4 << 20, 300 << 10, 0, 0, True),
        (4 << 20, 300 << 10, 8 << 20, 4 << 20, False),
        (4 << 20, 300 << 10, 8 << 20, 100 << 10, True),
    ],
)
def test_a_machine_with_neither_memory_nor_swap_left_is_short(
    total: int, available: int, swap: int, free: int, short: bool
) -> None:
    said = {"MemTotal": total, "MemFree": 1, "MemAvailable": available, "SwapTotal": swap, "SwapFree": free}

    assert is_short("".join(f"{name}:   {number} kB\n" for name, number in said.items())) is short


def test_the_sandbox_that_takes_most_is_ended_before_the_machine_has_no_memory_left(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    program = "import sys; b = bytearray(int(sys.argv[1]) << 20); print('up', flush=True); sys.stdin.read()"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, size], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for size in ("1", "40")
    ]
    with both[0] as small, both[1] as large:
        assert small.stdout is not None
        assert large.stdout is not None
        assert small.stdout.readline() + large.stdout.readline() == "up\nup\n"
        running = {"small": small.pid, "large": large.pid}

        meminfo.write_text("MemTotal: 1000 kB\nMemAvailable: 200 kB\n")
        assert end_one_if_short(running, meminfo) is None
        meminfo.write_text("MemTotal: 1000 kB\nMemAvailable: 50 kB\n")
        assert end_one_if_short(running, meminfo) == "large"

        assert large.wait() == -signal.SIGKILL
        small.communicate()
    assert small.returncode == 0


def test_a_kernel_that_says_nothing_of_its_memory_is_not_short() -> None:
    assert not is_short("MemTotal:  1024 kB\n")


def test_a_program_for_another_processor_gets_no_call_through() -> None:
    program = filter_program("x86_64")

    assert verdict(program, 0x40000003, 0) == ENOSYS  # of 32 bits
    assert verdict(program, X86, 0x40000000) == ENOSYS  # of the x32 kind


def test_a_processor_without_a_filter_is_said() -> None:
    with pytest.raises(NoSandbox, match="sparc"):
        filter_program("sparc")


@pytest.mark.parametrize(
    "spec",
    [
        replace(SPEC, user="0:0"),
        replace(SPEC, network=f"container:{'a' * 64}"),
        replace(SPEC, argv=("postgres",)),
        replace(SPEC, mounts=(Mount(Path("/tmp"), "/usr/bin"),)),
        replace(SPEC, mounts=(Mount(Path("/tmp"), "/workspace/../etc"),)),
        replace(SPEC, writable=("/proc",)),
        replace(SPEC, hosts={"db": "10.0.0.1"}),
        replace(SPEC, hosts={"db\n10.0.0.1 x": "127.0.0.1"}),
    ],
)
def test_what_bubblewrap_cannot_hold_is_refused(spec: ContainerSpec) -> None:
    with pytest.raises(PolicyRefused):
        require_possible(spec, USER)


def test_a_first_process_with_any_power_or_a_shared_namespace_is_a_difference() -> None:
    told: dict[str, object] = {f"{name}-namespace": 1 for name in ("mnt", "pid", "net", "ipc", "uts")}
    powers = {f"Cap{which}": "0" * 16 for which in ("Inh", "Prm", "Eff", "Bnd", "Amb")}
    ids = {"Uid": "1000\t1000\t1000\t1000", "Gid": "1000\t1000\t1000\t1000"}
    as_asked = {**powers, **ids, "NoNewPrivs": "1", "Seccomp": "2"}

    def found(made: dict[str, object], status: dict[str, str]) -> tuple[str, ...]:
        return differences(made, "\n".join(f"{name}:\t{value}" for name, value in status.items()), USER)

    assert found(told, as_asked) == ()
    own = Path("/proc/self/ns/net").stat().st_ino
    assert "net" in found({**told, "net-namespace": own}, as_asked)[0]
    for name, worse in {"CapEff": "0" * 15 + "1", "NoNewPrivs": "0", "Seccomp": "0", "Uid": "0\t0\t0\t0"}.items():
        assert name in found(told, {**as_asked, name: worse})[0]


def test_an_engine_that_is_installed_is_waited_for_and_never_replaced_by_weaker_walls(tmp_path: Path) -> None:
    (tmp_path / "dockerd").touch(mode=0o755)
    paths = Paths(tmp_path / "home")

    assert isinstance(engine_in({"DOCKER_HOST": "unix:///nobody", "PATH": ""}, paths, Settings()), DockerEngine)
    assert isinstance(engine_in({"PATH": ""}, paths, Settings(sandbox_engine="container")), DockerEngine)
    assert isinstance(
        engine_in({"PATH": str(tmp_path)}, paths, Settings(sandbox_engine="bubblewrap")), BubblewrapEngine
    )


def test_a_bubblewrap_that_would_run_as_root_is_no_wall(tmp_path: Path) -> None:
    (tmp_path / "bwrap").touch()
    (tmp_path / "bwrap").chmod(0o4755)

    with pytest.raises(NoSandbox, match="set-user-id"):
        find_bubblewrap({"PATH": str(tmp_path)})
