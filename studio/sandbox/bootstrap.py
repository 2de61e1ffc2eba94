"""A base image made from this machine's own packages, where no registry answers."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError
from studio.sandbox.packages import PackageSources

_SECONDS = 900.0


async def bootstrap_base(
    engine: SandboxEngine, packages: PackageSources | None, tag: str, folder: Path, on_line: Callable[[str], None]
) -> None:
    """Makes the smallest system of `packages` under `folder` and imports it as `tag`. Raises EngineError.

    Needs root and debootstrap, because a root file system holds files of root.
    """
    if packages is None or os.geteuid() != 0:
        raise EngineError(
            "No container registry answers, and a base image can only be made here by root on Debian or Ubuntu.",
            "Connect to a registry, or load an image made elsewhere: docker load -i sandbox.tar",
        )
    if shutil.which("debootstrap") is None:
        raise EngineError(
            "No container registry answers, and debootstrap is missing to make a base image without one.",
            "Install it: apt install debootstrap",
        )
    folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="base-", dir=folder))
    try:
        root, archive = scratch / "root", scratch / "base.tar"
        on_line(f"Making a base image from {packages.distribution} {packages.release} packages; takes a minute or two.")
        argv = ("debootstrap", "--variant=minbase", packages.release, str(root), packages.mirror)
        await _run(argv, on_line)
        for stale in (*root.glob("var/cache/apt/archives/*.deb"), *root.glob("var/lib/apt/lists/*_*")):
            stale.unlink()
        await _run(("tar", "-C", str(root), "--one-file-system", "--numeric-owner", "-cf", str(archive), "."), on_line)
        await engine.import_image(archive, tag)
    finally:
        await _clear(scratch)


async def _run(argv: tuple[str, ...], on_line: Callable[[str], None]) -> None:
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
        start_new_session=True,
    )
    said: list[str] = []
    try:
        async with asyncio.timeout(_SECONDS):
            assert process.stdout is not None
            async for line in process.stdout:
                said = [*said[-9:], line.decode("utf-8", "replace").rstrip()]
                on_line(said[-1])
            code = await process.wait()
    except TimeoutError as error:
        raise EngineError(f"{argv[0]} did not end within {_SECONDS:g} seconds.") from error
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if code != 0:
        raise EngineError(f"{argv[0]} failed with exit code {code}.", "\n".join(said)[-1000:])


async def _clear(scratch: Path) -> None:
    """Removes the scratch folder; what an interrupted run left mounted in it is not walked into."""
    for name in ("proc", "sys"):
        if os.path.ismount(scratch / "root" / name):
            await _run(("umount", str(scratch / "root" / name)), _unheard)
    await _run(("rm", "-rf", "--one-file-system", str(scratch)), _unheard)


def _unheard(line: str) -> None:
    """Takes what nobody needs to read."""
