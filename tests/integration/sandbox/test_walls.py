"""What code in a sandbox cannot do."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.base.paths import Paths
from studio.contracts.containers import ContainerSpec, Mount
from studio.domain.errors import PolicyRefused
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.images import Images
from studio.sandbox.sandboxes import Sandboxes

pytestmark = pytest.mark.docker


async def said(sandbox: Sandbox, command: str) -> str:
    return (await sandbox.exec(command, timeout=30)).output


async def test_it_has_no_powers_at_all(sandbox: Sandbox) -> None:
    status = await said(sandbox, "cat /proc/self/status")

    for line in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert f"{line}:\t0000000000000000\n" in status
    assert "NoNewPrivs:\t1\n" in status
    assert "Seccomp:\t2\n" in status


async def test_it_is_never_root(sandbox: Sandbox) -> None:
    assert (await said(sandbox, "id -u")).strip() not in ("", "0")


@pytest.mark.parametrize(
    "command",
    [
        "mknod device c 1 3",
        "mount -t tmpfs none /mnt",
        "unshare --user --map-root-user true",
        "dmesg",
        "chown 0 /workspace",
        "echo 1 > /proc/sys/kernel/panic",
        "touch /etc/written",
        "touch /usr/bin/written",
        "chroot / true",
    ],
)
async def test_it_may_not(sandbox: Sandbox, command: str) -> None:
    assert (await sandbox.exec(command, timeout=30)).exit_code != 0


async def test_a_set_user_id_program_in_the_workspace_gains_nothing(sandbox: Sandbox, workspace: Path) -> None:
    assert await said(sandbox, "cp /usr/bin/id . && chmod 6755 id && ./id -u && id -u | tr -d '\\n'")

    made = (workspace / "id").stat()
    assert (made.st_uid, made.st_gid) != (0, 0)


async def test_the_image_holds_no_set_user_id_program(sandbox: Sandbox) -> None:
    assert await said(sandbox, "find / -xdev -type f -perm /6000 2>/dev/null") == ""


async def test_it_has_no_network(sandbox: Sandbox) -> None:
    assert (await said(sandbox, "ls /sys/class/net")).split() == ["lo"]


async def test_it_cannot_reach_a_server_of_this_machine(sandbox: Sandbox) -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        port = server.getsockname()[1]
        for address in ("127.0.0.1", "172.17.0.1"):
            attempt = await sandbox.exec(f"timeout 2 bash -c '</dev/tcp/{address}/{port}'", timeout=30)
            assert attempt.exit_code != 0


async def test_its_processes_are_counted(sandbox: Sandbox) -> None:
    output = await said(sandbox, "for i in $(seq 400); do sleep 5 & done 2>&1; jobs -r | wc -l")

    assert "Resource temporarily unavailable" in output


async def test_what_it_may_write_outside_the_workspace_is_small(sandbox: Sandbox) -> None:
    assert (await sandbox.exec("head -c 300M /dev/zero > /tmp/big", timeout=60)).exit_code != 0


async def test_a_program_that_takes_all_memory_is_killed_and_the_sandbox_stays(sandbox: Sandbox) -> None:
    result = await sandbox.exec("python3 -c 'b = bytearray(3 * 1024**3)'", timeout=60)

    assert result.exit_code in (1, 137)
    assert await said(sandbox, "echo usable") == "usable\n"


async def test_the_supervisor_cannot_be_debugged_from_inside(sandbox: Sandbox) -> None:
    supervisor = (await said(sandbox, "pgrep -o python3")).strip()

    assert supervisor
    assert (await sandbox.exec(f"ls /proc/{supervisor}/fd", timeout=30)).exit_code != 0
    assert (await sandbox.exec(f"head -c 1 /proc/{supervisor}/mem", timeout=30)).exit_code != 0


async def test_files_made_inside_belong_to_whom_the_person_can_edit_them(
    sandbox: Sandbox, sandboxes: Sandboxes, workspace: Path
) -> None:
    await sandbox.exec("echo hi > made", timeout=30)

    made = (workspace / "made").stat()
    assert (made.st_uid, made.st_gid) == (sandboxes.owner or (os.getuid(), os.getgid()))
    (workspace / "made").write_text("changed by the person")
    assert await said(sandbox, "cat made") == "changed by the person"


async def test_tools_that_speak_tls_are_given_this_machines_certificates(sandbox: Sandbox) -> None:
    read = (
        "import ssl, os; print(len(ssl.create_default_context(cafile=os.environ['SSL_CERT_FILE']).get_ca_certs()) > 0)"
    )

    assert await said(sandbox, f'python3 -c "{read}"') == "True\n"
    assert (await sandbox.exec("echo x >> $SSL_CERT_FILE", timeout=30)).exit_code != 0


@pytest.mark.parametrize("folder", [".", "..", "/etc", "/var/run/docker.sock"])
async def test_folders_outside_studios_own_are_never_shown_to_it(
    sandboxes: Sandboxes, sandbox_paths: Paths, folder: str
) -> None:
    with pytest.raises(PolicyRefused):
        await sandboxes.open(ProjectId.new(), RunId.new(), sandbox_paths.home / folder)


async def test_a_link_that_leads_outside_is_refused(sandboxes: Sandboxes, sandbox_paths: Paths) -> None:
    link = sandbox_paths.workspaces / "link"
    link.symlink_to("/etc")

    with pytest.raises(PolicyRefused):
        await sandboxes.open(ProjectId.new(), RunId.new(), link)


async def test_objects_of_the_project_may_be_read_and_never_written(
    sandboxes: Sandboxes, sandbox_paths: Paths, workspace: Path
) -> None:
    objects = sandbox_paths.projects / "objects"
    objects.mkdir()
    (objects / "one").write_text("an object")
    objects.chmod(0o755)

    box = await sandboxes.open(ProjectId.new(), RunId.new(), workspace, (Mount(objects, "/objects", read_only=True),))

    assert await said(box, "cat /objects/one") == "an object"
    assert (await box.exec("touch /objects/two", timeout=30)).exit_code != 0
    with pytest.raises(PolicyRefused):
        await sandboxes.open(ProjectId.new(), RunId.new(), workspace, (Mount(objects, "/objects"),))


async def test_an_image_that_brings_a_volume_is_refused_and_nothing_is_left(
    engine: DockerEngine, images: Images, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {images.tag}\nVOLUME /sneaked\n")
    await engine.build_image(tmp_path, "Dockerfile", "studio-test:volume", lambda line: None)
    labels = {"studio.test": str(tmp_path)}
    spec = ContainerSpec(f"studio-test-{os.getpid()}", "studio-test:volume", "10001:10001", (), labels)

    try:
        with pytest.raises(PolicyRefused, match="Volumes"):
            await engine.start(spec)
        assert await engine.containers(labels) == ()
    finally:
        subprocess.run(["docker", "rmi", "studio-test:volume"], check=True, capture_output=True)
