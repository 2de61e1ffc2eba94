"""What code in a sandbox cannot do even when all of it obeys an attacker, behind either kind of wall."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from studio.base.paths import Paths
from studio.domain.errors import EngineError
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.sandboxes import Sandboxes

SECONDS = 60
KINDS = [
    pytest.param("sandboxes", marks=pytest.mark.docker, id="container"),
    pytest.param("weak_sandboxes", marks=pytest.mark.bubblewrap, id="bubblewrap"),
]
Opened = Callable[[], Awaitable[Sandbox]]

# Each is tried with arguments that a kernel without walls would take, or find wrong in another way than these two.
FORBIDDEN_CALLS = """
import ctypes, errno, platform
libc = ctypes.CDLL(None, use_errno=True)
arm = platform.machine() == "aarch64"
calls = {
    "unshare": (97 if arm else 272, 0x10000000), "setns": (268 if arm else 308, 0, 0),
    "clone into a user namespace": (220 if arm else 56, 0x10000000 | 17, 0, 0, 0, 0),
    "mount": (40 if arm else 165, b"none", b"/mnt", b"tmpfs", 0, 0), "umount": (39 if arm else 166, b"/proc", 2),
    "pivot_root": (41 if arm else 155, b"/tmp", b"/tmp"), "chroot": (51 if arm else 161, b"/tmp"),
    "open_tree": (428, -100, b"/", 1), "fsopen": (430, b"tmpfs", 0), "mount_setattr": (442, -100, b"/", 0, 0, 0),
    "keyctl": (219 if arm else 250, 0, -3, 0), "add_key": (217 if arm else 248, b"user", b"a", b"b", 1, -3),
    "bpf": (280 if arm else 321, 5, b"\\0" * 128, 128),
    "perf_event_open": (241 if arm else 298, b"\\0" * 128, 0, -1, -1, 0),
    "open_by_handle_at": (265 if arm else 304, 3, b"\\x08\\0\\0\\0\\1\\0\\0\\0" + b"\\2" * 8, 0),
    "init_module": (105 if arm else 175, b"", 0, b""), "kexec_load": (104 if arm else 246, 0, 0, 0, 0),
    "reboot": (142 if arm else 169, 0xFEE1DEAD, 672274793, 0x89ABCDEF, 0), "syslog": (116 if arm else 103, 3, 0, 0),
    "settimeofday": (170 if arm else 164, b"\\0" * 16, 0), "sethostname": (161 if arm else 170, b"mine", 4),
    "quotactl": (60 if arm else 179, 0, 0, 0, 0), "swapon": (224 if arm else 167, b"/tmp", 0),
}
for name, (number, *arguments) in calls.items():
    ctypes.set_errno(0)
    result = libc.syscall(number, *arguments)
    if result != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        print(name, result, errno.errorcode.get(ctypes.get_errno()))
        if name.startswith("clone") and result == 0:
            import os
            os._exit(0)
"""
ADDRESSES = """
import socket
for family, address, port in (
    (socket.AF_INET, "169.254.169.254", 80), (socket.AF_INET, "100.100.100.200", 80),
    (socket.AF_INET, "172.17.0.1", {port}),
    (socket.AF_INET, "10.0.0.1", 80), (socket.AF_INET, "192.168.0.1", 80), (socket.AF_INET, "1.1.1.1", 53),
    (socket.AF_INET, "127.0.0.1", {port}), (socket.AF_INET6, "::1", {port}), (socket.AF_INET6, "fd00:ec2::254", 80),
    (socket.AF_INET6, "fe80::1", 80), (socket.AF_INET6, "::ffff:169.254.169.254", 80),
):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(family, kind) as visitor:
            visitor.settimeout(3)
            try:
                visitor.connect((address, port))
                visitor.send(b"secret")
                if kind == socket.SOCK_STREAM or not visitor.recv(1):
                    print("reached", address, port, kind)
            except OSError:
                pass
try:
    print("resolved", socket.getaddrinfo("example.com", 80))
except OSError:
    pass
try:
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.connect("\\0{abstract}")
        print("reached an abstract socket")
except OSError:
    pass
"""


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest) -> Sandboxes:
    """Sandboxes of either kind; the test fails when one of them is left."""
    found: Sandboxes = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def opened(house: Sandboxes, sandbox_paths: Paths) -> Opened:
    """Opens a sandbox of a project of its own."""

    async def open_one() -> Sandbox:
        run = RunId.new()
        folder = sandbox_paths.workspaces / run
        folder.mkdir()
        if house.owner is not None:
            os.chown(folder, *house.owner)
        return await house.open(ProjectId.new(), run, folder)

    return open_one


async def said(sandbox: Sandbox, command: str, timeout: float = SECONDS) -> str:
    return (await sandbox.exec(command, timeout=timeout)).output


async def ran(sandbox: Sandbox, script: str) -> str:
    """What a Python program inside says, errors too."""
    output = await sandbox.run(("python3", "-"), stdin=script.encode(), timeout=SECONDS)
    return (output.stdout + output.stderr).decode()


def running_here(mark: str) -> list[int]:
    """The processes of this machine, those in sandboxes too, whose command line holds `mark`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                held = mark.encode() in (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if held:
                found.append(int(entry.name))
    return found


async def until_running_here(mark: str) -> None:
    """Waits until there is such a process."""
    async with asyncio.timeout(SECONDS):
        while not running_here(mark):
            await asyncio.sleep(0.05)


def log_sizes(box: Sandbox, paths: Paths) -> list[int]:
    """The bytes of what is kept of what a sandbox's own program says."""
    if box.weaker:
        return [(paths.cache / "bubblewrap" / f"{box.container}.log").stat().st_size]
    asked = ["docker", "inspect", "--format", "{{.LogPath}}", box.container]
    kept = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return [Path(kept).stat().st_size] if kept else []


async def test_the_kernel_refuses_every_call_that_makes_a_namespace_a_mount_or_a_key(opened: Opened) -> None:
    assert await ran(await opened(), FORBIDDEN_CALLS) == ""


async def test_no_mount_and_no_file_leads_to_this_machine(opened: Opened, sandbox_paths: Paths) -> None:
    box = await opened()

    mounts = await said(box, "cut -d' ' -f5,6 /proc/self/mountinfo")
    writable = {row.split()[0] for row in mounts.splitlines() if row.split()[1].startswith("rw")}

    kernel = ("/proc", "/sys", "/dev", "/run", "/tmp")
    assert {place for place in writable if not place.startswith(kernel)} == {"/workspace"}
    assert await said(box, "find / -xdev -type s 2>/dev/null; find /run /dev /workspace -type s 2>/dev/null") == ""
    assert str(sandbox_paths.home) not in await said(box, f"ls -d '{sandbox_paths.home}' 2>/dev/null")
    assert await said(box, "cat /etc/shadow /root/.ssh/* /var/run/docker.sock 2>/dev/null") == ""


async def test_it_has_no_device_but_the_harmless_ones_and_can_make_none(opened: Opened) -> None:
    box = await opened()
    harmless = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "console"}

    found = (await said(box, "find /dev -type c -printf '%f\\n' -o -type b -printf 'block %f\\n'")).splitlines()

    assert {name for name in found if not name.isdecimal()} <= harmless
    assert (await box.exec("mknod /tmp/disk b 254 0 || mknod /workspace/mem c 1 1", timeout=SECONDS)).exit_code != 0


async def test_a_set_user_id_file_gives_nothing(opened: Opened) -> None:
    box = await opened()

    await box.exec(
        "cp /usr/bin/python3 /workspace/p; chmod 6755 /workspace/p; cp -a /workspace/p /tmp/p", timeout=SECONDS
    )
    users = await said(box, "for p in /workspace/p /tmp/p; do $p -c 'import os; print(os.getresuid())'; done")

    assert "(0" not in users
    assert " 0" not in users


async def test_the_machines_own_crash_handler_never_sees_a_program_of_it(opened: Opened) -> None:
    limits = await said(await opened(), "python3 -c 'import resource; print(resource.getrlimit(resource.RLIMIT_CORE))'")

    assert limits == "(1, 1)\n"


async def test_what_tells_of_the_whole_machine_is_hidden(opened: Opened) -> None:
    hidden = "/proc/kcore /proc/keys /proc/timer_list /proc/acpi/* /proc/scsi/* /sys/firmware/*"

    assert await said(await opened(), f"cat {hidden} 2>/dev/null | head -c 100") == ""


async def test_nothing_of_the_kernel_or_the_system_can_be_written(opened: Opened) -> None:
    places = (
        *("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/kernel/uevent_helper", "/etc/passwd"),
        *("/sys/fs/cgroup/release_agent", "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/usr/bin/env", "/new"),
    )

    written = await said(
        await opened(), "; ".join(f"(echo 1 > {place}) 2>/dev/null && echo {place}" for place in places)
    )

    assert written == ""


async def test_it_reaches_no_address_no_name_and_no_server_of_this_machine(opened: Opened) -> None:
    box = await opened()
    abstract = f"studio-{os.getpid()}"
    with (
        socket.create_server(("0.0.0.0", 0)) as server,
        socket.socket(socket.AF_UNIX) as hidden,
    ):
        hidden.bind(f"\0{abstract}")
        hidden.listen()

        assert await ran(box, ADDRESSES.format(port=server.getsockname()[1], abstract=abstract)) == ""


async def test_two_sandboxes_see_nothing_of_each_other(opened: Opened) -> None:
    one, other = await opened(), await opened()
    await one.exec(
        "echo secret > /workspace/file; echo secret > /tmp/file; echo secret > /dev/shm/file", timeout=SECONDS
    )
    await one.processes.start("exec python3 -m http.server 8123 --bind 0.0.0.0", seconds=1)
    server = f"{one.id}-server"
    await one.processes.start(f"exec -a {server} sleep 4321", seconds=0.2)

    await until_running_here(server)
    assert "secret" not in await said(other, "cat /workspace/file /tmp/file /dev/shm/file 2>/dev/null")
    assert server not in await said(other, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    assert (await other.exec("timeout 3 bash -c '</dev/tcp/127.0.0.1/8123'", timeout=SECONDS)).exit_code != 0


async def test_a_fork_bomb_leaves_this_machine_usable_and_ends_with_its_sandbox(
    opened: Opened, house: Sandboxes
) -> None:
    box = await opened()
    mark = f"bomb-{box.id}"
    bomb = f"bomb() {{ (exec -a {mark} sleep 99) & bomb | bomb & }}; bomb; while [ $SECONDS -lt 3 ]; do :; done"
    burning = asyncio.create_task(box.exec(bomb, timeout=20))

    while not burning.done():
        free = await asyncio.create_subprocess_exec("/bin/echo", "free", stdout=asyncio.subprocess.PIPE)
        assert (await free.communicate())[0] == b"free\n"
        await asyncio.wait({burning}, timeout=0.5)
    assert 20 < len(running_here(mark)) < 256
    await house.close(box.id, "bombed")

    assert running_here(mark) == []


async def test_memory_that_many_processes_take_together_is_bounded(opened: Opened) -> None:
    box = await opened()
    hog = "python3 -c 'b = bytearray(900 << 20); import time; time.sleep(600)'"

    ended = await box.exec(f"for i in 1 2 3 4; do {hog} & done; wait -n; kill $(jobs -p); echo ended", timeout=SECONDS)

    assert ended.output.endswith("ended\n")
    assert await said(box, "echo usable") == "usable\n"


async def test_what_it_may_fill_outside_its_workspace_is_bounded(opened: Opened) -> None:
    box = await opened()
    fill = "for where in /tmp /run /dev/shm /dev /; do head -c 600M /dev/zero > $where/filling 2>/dev/null; done"

    await box.exec(fill, timeout=SECONDS)
    sizes = (await said(box, "stat -c %s /tmp/filling /run/filling /dev/shm/filling /dev/filling /filling")).split()

    assert sum(int(size) for size in sizes if size.isdecimal()) < 400 << 20
    await box.exec("rm -f /tmp/filling /run/filling /dev/shm/filling", timeout=SECONDS)
    assert await said(box, "echo usable") == "usable\n"


async def test_what_it_says_to_its_own_first_process_fills_no_log(opened: Opened, sandbox_paths: Paths) -> None:
    box = await opened()

    await box.exec("for fd in 1 2; do yes | head -c 40M > /proc/1/fd/$fd; done; true", timeout=SECONDS)

    assert sum(log_sizes(box, sandbox_paths)) == 0


async def test_what_a_command_leaves_behind_ends_with_it_or_with_its_sandbox(opened: Opened, house: Sandboxes) -> None:
    box = await opened()
    late, left = f"late-{box.id}", f"left-{box.id}"
    daemon = "setsid bash -c 'trap \"\" TERM HUP INT; (exec -a {mark} sleep 4321) & disown; exec sleep 4321' &"

    await box.exec(f"{daemon.format(mark=late)} sleep 4321", timeout=0.5)
    await box.exec(daemon.format(mark=left) + " sleep 0.3", timeout=SECONDS)

    assert running_here(late) == []
    await until_running_here(left)
    await house.close(box.id, "tested")
    assert running_here(left) == []


async def test_killing_everything_inside_breaks_the_sandbox_and_is_never_success(opened: Opened) -> None:
    box = await opened()

    with pytest.raises(EngineError):
        await box.exec("kill -9 -1; sleep 30", timeout=SECONDS)

    assert re.search("supervisor|gone|stuck", str(box.broken))
