"""One run of a host program: argv in, bounded output back, nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

STDERR_BYTES = 64 * 1024
"""How much of a program's stderr is kept; the rest is read and dropped."""

_CHUNK = 256 * 1024
_GRACE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended; `cut` says that it was killed because it wrote more than the cap."""

    exit_code: int
    stdout: bytes
    stderr: str
    cut: bool = False


async def run_program(
    argv: tuple[str, ...],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    stdin: bytes | BinaryIO = b"",
    timeout: float = 60.0,
    max_bytes: int = 64 << 20,
    umask: int = -1,
) -> Finished:
    """Runs `argv` in a process group of its own, which is gone when this returns or is cancelled.

    `stdin` is what it reads, or an unbuffered file that it reads from where the file stands. `timeout` is
    in seconds; raises TimeoutError after it, and OSError when the program cannot be started. `umask` is this process's
    own unless one is given.
    """
    given = stdin if isinstance(stdin, bytes) else b""
    process = await _start(argv, env, cwd, _input(stdin), umask)
    try:
        async with asyncio.timeout(timeout):
            return await _converse(process, given, max_bytes)
    except BaseException:
        await _end(process)
        raise


def _input(stdin: bytes | BinaryIO) -> int | BinaryIO:
    if isinstance(stdin, bytes):
        return asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL
    return stdin


async def _start(
    argv: tuple[str, ...], env: Mapping[str, str], cwd: Path | None, stdin: int | BinaryIO, umask: int
) -> asyncio.subprocess.Process:
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *argv,
            env=env,
            cwd=cwd,
            stdin=stdin,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            umask=umask,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        # A start that is cut off half way would end the program but leave what it had started already.
        await _end(await starting)
        raise


async def _converse(process: asyncio.subprocess.Process, stdin: bytes, max_bytes: int) -> Finished:
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.TaskGroup() as tasks:
        out = tasks.create_task(_read_to_cap(process, process.stdout, max_bytes))
        err = tasks.create_task(_read_and_drop(process.stderr, STDERR_BYTES))
        if process.stdin is not None:
            tasks.create_task(_feed(process.stdin, stdin))
    exit_code = await process.wait()
    stdout, cut = out.result()
    return Finished(exit_code, stdout, err.result().decode("utf-8", "replace").strip(), cut)


async def _read_to_cap(
    process: asyncio.subprocess.Process, stream: asyncio.StreamReader, cap: int
) -> tuple[bytes, bool]:
    """Everything the program writes, or its first `cap` bytes with the program killed."""
    pieces: list[bytes] = []
    size = 0
    while piece := await stream.read(_CHUNK):
        pieces.append(piece)
        size += len(piece)
        if size > cap:
            _signal_group(process, signal.SIGKILL)
            return b"".join(pieces)[:cap], True
    return b"".join(pieces), False


async def _read_and_drop(stream: asyncio.StreamReader, keep: int) -> bytes:
    kept = bytearray()
    while piece := await stream.read(_CHUNK):
        kept += piece[: max(0, keep - len(kept))]
    return bytes(kept)


async def _feed(stream: asyncio.StreamWriter, data: bytes) -> None:
    try:
        stream.write(data)
        await stream.drain()
    except (BrokenPipeError, ConnectionResetError):
        return  # the program ended without reading; its exit code tells the story
    finally:
        stream.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends the whole group: first so that git can take its lock files away, then for good."""
    _signal_group(process, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GRACE_SECONDS):
            await process.wait()
    _signal_group(process, signal.SIGKILL)
    await process.wait()


def _signal_group(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    # A child may outlive the leader and hold the pipes, so the group is asked, not the leader's exit code.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
