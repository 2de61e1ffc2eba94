"""Tunnels to programs inside, and terminals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.app.terminals import program
from studio.contracts.sandbox_engine import ExecStream
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.sandboxes import Sandboxes
from studio.sandbox.terminal import attached_terminal

pytestmark = pytest.mark.docker

_ECHO = """
import socket, threading
server = socket.create_server(("127.0.0.1", 7007))
def serve(connection):
    with connection:
        while data := connection.recv(65536):
            connection.sendall(data)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],)).start()
"""


async def listens(sandbox: Sandbox, port: int) -> None:
    """Waits, inside, until a program listens."""
    waits = f"until (</dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.02; done"
    assert (await sandbox.exec(waits, timeout=30)).exit_code == 0


@asynccontextmanager
async def attach_command(sandbox: Sandbox) -> AsyncIterator[tuple[asyncio.StreamWriter, asyncio.StreamReader]]:
    """`studio attach` as a process, its keys and its screen; it ends by itself within the block, or is ended."""
    pipe = asyncio.subprocess.PIPE
    words = (*program(), "attach", sandbox.container)
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            yield process.stdin, process.stdout
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
        process.stdin.close()
        await process.wait()


async def until(stream: ExecStream, wanted: bytes) -> bytes:
    seen = b""
    async with asyncio.timeout(30):
        while wanted not in seen:
            piece = await stream.read()
            assert piece, seen
            seen += piece
    return seen


async def fetch(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.fixture
async def echo_port(sandbox: Sandbox, workspace: Path) -> int:
    (workspace / "echo.py").write_text(_ECHO)
    await sandbox.exec("python3 echo.py >/dev/null 2>&1 &", timeout=30)
    await listens(sandbox, 7007)
    return 7007


async def test_a_web_server_inside_is_reached_through_a_tunnel(sandbox: Sandbox, workspace: Path) -> None:
    (workspace / "page.html").write_bytes(b"<p>hello</p>" * 100_000)
    await sandbox.exec("python3 -m http.server 8000 --bind 127.0.0.1 >/dev/null 2>&1 &", timeout=30)
    await listens(sandbox, 8000)

    assert 8000 in await sandbox.listening_ports()
    tunnel = await sandbox.tunnel(8000)
    pages = await asyncio.gather(*(fetch(tunnel.port, "/page.html") for _ in range(10)))

    assert tunnel.host == "127.0.0.1"
    assert all(page.endswith(b"\r\n\r\n" + b"<p>hello</p>" * 100_000) for page in pages)


async def test_bytes_pass_both_ways_while_a_connection_stays_open(sandbox: Sandbox, echo_port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", (await sandbox.tunnel(echo_port)).port)

    for data in (b"one", bytes(range(256)), b"x" * 3_000_000):
        writer.write(data)
        assert await reader.readexactly(len(data)) == data
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_a_visitor_that_does_not_read_holds_up_nobody_else(sandbox: Sandbox, echo_port: int) -> None:
    port = (await sandbox.tunnel(echo_port)).port
    _, lazy = await asyncio.open_connection("127.0.0.1", port)
    lazy.write(b"x" * 20_000_000)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(b"quick")

    assert await reader.readexactly(5) == b"quick"
    assert (await sandbox.exec("echo usable", timeout=30)).output == "usable\n"
    for one in (lazy, writer):
        one.transport.abort()


async def test_a_port_where_nobody_listens_closes_the_connection(sandbox: Sandbox) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", (await sandbox.tunnel(9)).port)

    assert await reader.read() == b""
    writer.close()


async def test_a_closed_tunnel_takes_no_connections(sandbox: Sandbox, echo_port: int) -> None:
    tunnel = await sandbox.tunnel(echo_port)
    await tunnel.close()

    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection("127.0.0.1", tunnel.port)
    assert (await sandbox.tunnel(echo_port)) is not tunnel


async def test_a_terminal_shows_what_is_typed_and_what_it_says(sandbox: Sandbox) -> None:
    terminal = await sandbox.terminal(100, 30)
    await terminal.write(b"tty && stty size && pwd\n")

    shown = await until(terminal, b"/workspace\r\n")

    assert b"/dev/pts/" in shown
    assert b"30 100\r\n" in shown
    await terminal.close()


async def test_a_terminal_follows_the_size_of_its_window(sandbox: Sandbox) -> None:
    terminal = await sandbox.terminal(80, 24)
    await terminal.resize(132, 50)
    await terminal.write(b"stty size\n")

    await until(terminal, b"50 132\r\n")
    await terminal.close()


async def test_an_interrupt_key_reaches_the_program_in_front(sandbox: Sandbox) -> None:
    terminal = await sandbox.terminal(80, 24)
    await terminal.write(b"sleep 1237\n")
    await sandbox.exec("until pgrep -f '[s]leep 1237' >/dev/null; do sleep 0.02; done", timeout=30)
    await until(terminal, b"sleep 1237\r\n")
    await terminal.write(b"\x03")
    await until(terminal, b"$ ")
    await terminal.write(b"echo code $?\n")

    await until(terminal, b"code 130\r\n")
    await terminal.close()


async def test_a_shell_that_exits_ends_the_stream_with_its_code(sandbox: Sandbox) -> None:
    terminal = await sandbox.terminal(80, 24)
    await terminal.write(b"exit 6\n")

    async with asyncio.timeout(30):
        while await terminal.read():
            pass

    assert await terminal.exit_code() == 6


async def test_closing_a_terminal_ends_what_was_started_in_it(sandbox: Sandbox) -> None:
    terminal = await sandbox.terminal(80, 24)
    await terminal.write(b"setsid sleep 1234 & touch /tmp/up; sleep 1235\n")
    await sandbox.exec("until [ -e /tmp/up ]; do sleep 0.02; done", timeout=30)

    await terminal.close()

    gone = "while pgrep -f 'sleep 123[45]' >/dev/null; do sleep 0.02; done"
    assert (await sandbox.exec(gone.replace("sleep 123", "[s]leep 123"), timeout=30)).exit_code == 0


async def test_any_process_may_attach_a_terminal_and_leaves_nothing(sandbox: Sandbox, engine: DockerEngine) -> None:
    async with attached_terminal(engine, sandbox.container, 80, 24) as terminal:
        await terminal.write(b"sleep 1236 & echo $((40 + 2))\n")
        await until(terminal, b"42\r\n")

    gone = "while pgrep -f '[s]leep 1236' >/dev/null; do sleep 0.02; done"
    assert (await sandbox.exec(gone, timeout=30)).exit_code == 0


async def test_an_attached_program_draws_and_does_nothing_else_to_the_terminal(sandbox: Sandbox) -> None:
    async with attach_command(sandbox) as (keys, screen):
        keys.write(rb"printf '\033]52;c;ZXZpbA==\007\033[31mred\033[0m\033[6n.\n'; exit 3" + b"\n")
        seen = await screen.read()
    assert b"\x1b[31mred\x1b[0m.\r\n" in seen
    assert b"\x1b]" not in seen


async def test_an_attached_terminal_ends_when_nobody_can_type_any_more(sandbox: Sandbox) -> None:
    async with attach_command(sandbox) as (keys, screen):
        await screen.readuntil(b"$ ")
        keys.close()
        await screen.read()


async def test_previews_of_two_runs_are_apart(sandboxes: Sandboxes, workspace: Path) -> None:
    boxes = [await sandboxes.open(ProjectId.new(), RunId.new(), workspace) for _ in range(2)]
    for at, box in enumerate(boxes):
        await box.exec(f"mkdir /tmp/site; echo {at} > /tmp/site/n", timeout=30)
        await box.exec("python3 -m http.server 8000 --directory /tmp/site >/dev/null 2>&1 &", timeout=30)
        await listens(box, 8000)

    answers = [await fetch((await box.tunnel(8000)).port, "/n") for box in boxes]

    assert [answer[-2:] for answer in answers] == [b"0\n", b"1\n"]
