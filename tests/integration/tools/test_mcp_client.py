"""MCP servers that behave badly, as real programs in a real container."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.base.aio import Tasks
from studio.domain.errors import OutsideError, UserError
from studio.domain.servers import ServerSpec
from studio.sandbox.box import Sandbox
from studio.sandbox.shape import WORKDIR
from studio.tools.mcp_client import McpServer
from tests.fixtures.mcp_server import SOURCE

pytestmark = pytest.mark.docker

HANDSHAKE = """
import json, sys
def say(identifier, result):
    print(json.dumps({"jsonrpc": "2.0", "id": identifier, "result": result}), flush=True)
for line in sys.stdin:
    message = json.loads(line)
    if message.get("method") == "initialize":
        version = message["params"]["protocolVersion"]
        info = {"name": "x", "version": "1"}
        say(message["id"], {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info})
    elif message.get("method") == "tools/list":
        TOOLS
    elif message.get("method") == "tools/call":
        CALL
    elif "id" in message:
        error = {"code": -32601, "message": "no"}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": error}), flush=True)
"""
ONE_TOOL = 'say(message["id"], {"tools": [{"name": "t", "inputSchema": {"type": "object"}}]})'


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    owner = Tasks()
    yield owner
    await owner.close()


def program(workspace: Path, tools: str = ONE_TOOL, call: str = "pass") -> ServerSpec:
    (workspace / "server.py").write_text(HANDSHAKE.replace("TOOLS", tools).replace("CALL", call))
    return ServerSpec("bad", "python3", ("server.py",))


async def processes(sandbox: Sandbox) -> str:
    """The server's processes that are left."""
    return (
        await sandbox.run(("sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -o 'server[.]py' || true"))
    ).stdout.decode()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("python3", "docs.py", "broken"), "no paper in the tray"),
        (("no-such-program",), "The sandbox has no program “no-such-program”."),
        (("tools/serve",), "The commit that this chat started from has no file “tools/serve”"),
        (("./docs.py",), "“./docs.py” cannot be run as a program."),
        (("python3", "absent.py"), "ended with exit code 2 and never spoke MCP. It said: “python3: can't open file"),
        (("sh", "-c", "yes '{' | head -c 20000000 | tr -d '\\n'; sleep 60"), "a message of more than 8 MiB"),
        (("sh", "-c", "echo hello; echo '[1'"), "never spoke MCP."),
    ],
    ids=[
        "ends at once",
        "is not there",
        "no such file",
        "may not be run",
        "its own file is not there",
        "one endless line",
        "says other things and ends",
    ],
)
async def test_a_server_that_does_not_come_up_says_why(
    sandbox: Sandbox, workspace: Path, tasks: Tasks, arguments: tuple[str, ...], words: str
) -> None:
    (workspace / "docs.py").write_text(SOURCE)
    with pytest.raises(OutsideError) as caught:
        await McpServer.start(ServerSpec("docs", arguments[0], arguments[1:]), sandbox, tasks, 30, WORKDIR)
    assert words in caught.value.sentence
    assert caught.value.sentence.endswith(".")


async def test_a_server_that_says_nothing_is_given_up_and_ended(
    sandbox: Sandbox, workspace: Path, tasks: Tasks
) -> None:
    (workspace / "server.py").write_text("import time; time.sleep(600)")
    with pytest.raises(OutsideError, match=r"did not answer within 0.5 seconds"):
        await McpServer.start(ServerSpec("docs", "python3", ("server.py",)), sandbox, tasks, 0.5, WORKDIR)
    assert await processes(sandbox) == ""


async def test_a_call_without_an_answer_ends_in_time_and_the_server_goes_on(
    sandbox: Sandbox, workspace: Path, tasks: Tasks
) -> None:
    call = 'message["params"]["arguments"] and say(message["id"], {"content": [{"type": "text", "text": "here"}]})'
    server = await McpServer.start(program(workspace, call=call), sandbox, tasks, 30, WORKDIR)
    with pytest.raises(UserError, match=r"did not answer within 0.3 seconds"):
        await server.call("t", {}, 0.3)
    assert (await server.call("t", {"a": 1}, 30)).text == "here"
    await server.close()
    assert await processes(sandbox) == ""


@pytest.mark.parametrize(
    "call",
    [
        'say(message["id"], {"content": "x"})',
        'say(message["id"], {"content": [{"type": "x"}]})',
    ],
)
async def test_an_answer_without_sense_is_an_error_for_the_model(
    sandbox: Sandbox, workspace: Path, tasks: Tasks, call: str
) -> None:
    server = await McpServer.start(program(workspace, call=call), sandbox, tasks, 30, WORKDIR)
    with pytest.raises(UserError, match="“bad” gave no answer that can be read"):
        await server.call("t", {}, 5)


async def test_a_list_of_tools_without_end_ends(sandbox: Sandbox, workspace: Path, tasks: Tasks) -> None:
    tools = 'say(message["id"], {"tools": [{"name": "t", "inputSchema": {"type": "object"}}], "nextCursor": "more"})'
    server = await McpServer.start(program(workspace, tools=tools), sandbox, tasks, 30, WORKDIR)
    assert len(server.tools) == 10


async def test_a_start_that_is_stopped_leaves_no_program_behind(
    sandbox: Sandbox, workspace: Path, tasks: Tasks
) -> None:
    (workspace / "server.py").write_text("open('up', 'w').close(); import time; time.sleep(600)")
    spec = ServerSpec("docs", "python3", ("server.py",))
    starting = asyncio.create_task(McpServer.start(spec, sandbox, tasks, 60, WORKDIR))
    assert (await sandbox.exec("until [ -e up ]; do sleep 0.05; done", timeout=30)).exit_code == 0
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await tasks.close()
    assert await processes(sandbox) == ""
