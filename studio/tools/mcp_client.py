"""One running MCP server: the official client over a program in the sandbox. Imported when first needed."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from contextlib import suppress
from typing import Any

import anyio
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CallToolResult,
    Implementation,
    ListRootsResult,
    Root,
)
from pydantic import FileUrl

from studio.base.aio import Tasks, in_thread
from studio.base.log import logger
from studio.base.text import plain, shorten, shown
from studio.domain.errors import EngineError, OutsideError, UserError
from studio.domain.images import IMAGE_BYTES
from studio.domain.servers import ForeignAnswer, ForeignTool, ServerSpec
from studio.sandbox.box import Sandbox
from studio.sandbox.shape import WORKDIR
from studio.sandbox.speaking import Speaking
from studio.tools.mcp_wire import transport

log = logger("mcp")

LIFE_BYTES = 256 << 20
"""How much one server may say in its life."""
PAGES = 10
_CLOSE_SECONDS = 10.0
_REASON_CHARACTERS = 600
_NOT_FOUND = 127


class McpServer:
    """A server from its start to its end. One task owns the client, as its library wants."""

    def __init__(self, spec: ServerSpec, sandbox: Sandbox) -> None:
        self.spec = spec
        self._sandbox = sandbox
        self.tools: tuple[ForeignTool, ...] = ()
        self._client: Client | None = None
        self._speaking: Speaking | None = None
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._enough = asyncio.Event()
        self._ended = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, spec: ServerSpec, sandbox: Sandbox, tasks: Tasks, seconds: float, folder: str) -> McpServer:
        """Starts the program in a folder of the sandbox and asks for its tools.

        Raises OutsideError with the reason when that does not work.
        """
        server = cls(spec, sandbox)
        server._task = tasks.spawn(server._live(folder), f"MCP server {spec.name}")
        try:
            async with asyncio.timeout(seconds):
                await asyncio.shield(server._ready)
        except TimeoutError as error:
            await server.close()
            raise OutsideError(f"It did not answer within {seconds:g} seconds.{server._complaint()}") from error
        except asyncio.CancelledError:
            # Whoever stops a turn does not wait for a program that is slow to start, and perhaps to end.
            server._task.cancel()
            raise
        except OutsideError:
            await server.close()
            raise
        return server

    @property
    def running(self) -> bool:
        """Whether it can be called."""
        return self._client is not None and not self._ended.is_set()

    async def call(self, tool: str, arguments: dict[str, Any], seconds: float) -> ForeignAnswer:
        """See Peer."""
        if self._client is None or self._ended.is_set():
            raise UserError(f"The MCP server “{self.spec.name}” has ended.{self._complaint()}", "Go on without it.")
        await self._sandbox.lay_in()
        try:
            async with asyncio.timeout(seconds):
                result = await self._client.call_tool(tool, arguments)
        except TimeoutError as error:
            sentence = f"The MCP server “{self.spec.name}” did not answer within {seconds:g} seconds."
            raise UserError(sentence, "Ask for less at once, or go on without it.") from error
        except MCPError as error:
            if self._enough.is_set():
                await self._ended.wait()
                sentence = f"The MCP server “{self.spec.name}” ended during the call.{self._complaint()}"
                raise UserError(sentence, "Go on without it.") from error
            words = shorten(plain(str(error)), _REASON_CHARACTERS)
            return ForeignAnswer(False, f"The MCP server refused the call: {words}")
        except (ValueError, RuntimeError, anyio.ClosedResourceError, anyio.BrokenResourceError) as error:
            sentence = f"The MCP server “{self.spec.name}” gave no answer that can be read."
            raise UserError(sentence, "Go on without it.") from error
        await self._sandbox.bring_home()
        return await in_thread(_answer_of, result)

    async def close(self) -> None:
        """Ends it; returns once its program is gone, or is left to end with its sandbox."""
        self._enough.set()
        if self._client is None and self._task is not None:
            self._task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._ended.wait()

    async def _live(self, folder: str) -> None:
        try:
            pairs = tuple(f"{name}={value}" for name, value in self.spec.variables)
            argv = ("env", "-C", folder, *pairs, self.spec.command, *self.spec.arguments)
            self._speaking = await self._sandbox.speak(argv, LIFE_BYTES)
            streams = transport(self._speaking, self._enough.set)
            async with Client(streams, client_info=_US, list_roots_callback=_roots) as client:
                self.tools = await _tools_of(client)
                self._client = client
                self._ready.set_result(None)
                await self._enough.wait()
        except (Exception, asyncio.CancelledError) as error:
            # Whatever a server does to the client's library, it is the server that does not work.
            if not self._ready.done():
                self._ready.set_exception(self._failure(error))
                self._ready.exception()
            if isinstance(error, asyncio.CancelledError):
                raise
            log.info("mcp_server_ended", server=self.spec.name, error=str(error)[:_REASON_CHARACTERS])
        finally:
            if self._speaking is not None:
                await self._speaking.close()
            self._ended.set()

    def _failure(self, error: BaseException) -> OutsideError:
        code = self._speaking.exit_code if self._speaking is not None else None
        if self._speaking is not None and code is not None and self._speaking.complaint.startswith("env: "):
            return _not_run(self.spec.command, code)
        reason = _reason(error) if code is None else f"Its program ended with exit code {code} and never spoke MCP."
        return OutsideError(f"{reason}{self._complaint()}")

    def _complaint(self) -> str:
        said = self._speaking.complaint if self._speaking is not None else ""
        return f" It said: “{shorten(' '.join(plain(said).split()), _REASON_CHARACTERS)}”." if said else ""


_US = Implementation(name="studio", version="1")


async def _roots(context: object) -> ListRootsResult:
    """What a server that asks is to work on: the agent's files, and not the folder it was started in."""
    return ListRootsResult(roots=[Root(uri=FileUrl(f"file://{WORKDIR}"), name="workspace")])


def _not_run(command: str, code: int) -> OutsideError:
    """What it means that `env` found no program, or could not run it."""
    what = f"“{shown(shorten(command, 100))}”"
    if "/" not in command:
        return OutsideError(
            f"The sandbox has no program {what}.",
            "Name one that it has, such as python3 or node, or commit the server to the repository and name its file.",
        )
    if code == _NOT_FOUND:
        return OutsideError(
            f"The commit that this chat started from has no file {what}, and the sandbox has none either.",
            "Commit the file, or mend its name in the entry, and start a new chat.",
        )
    return OutsideError(
        f"{what} cannot be run as a program.",
        "Commit it with the right to be executed (git update-index --chmod=+x FILE), or name what runs it, as in "
        'command = "python3", and start a new chat.',
    )


def _reason(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    match error:
        case EngineError():
            return error.sentence
        case MCPError():
            return f"It does not speak MCP as it should: {shorten(plain(str(error)), _REASON_CHARACTERS)}."
        case asyncio.CancelledError():
            return "It was stopped."
        case _:
            return f"It does not speak MCP as it should ({type(error).__name__})."


async def _tools_of(client: Client) -> tuple[ForeignTool, ...]:
    found: list[ForeignTool] = []
    cursor: str | None = None
    for _ in range(PAGES):
        page = await client.list_tools(cursor=cursor)
        found += [ForeignTool(tool.name, tool.description or "", tool.input_schema) for tool in page.tools]
        cursor = page.next_cursor
        if cursor is None:
            break
    return tuple(found)


def _answer_of(result: CallToolResult) -> ForeignAnswer:
    texts: list[str] = []
    images: list[bytes] = []
    for part in result.content:
        match part.type:
            case "text":
                texts.append(part.text)
            case "image":
                images.append(_decoded(part.data))
            case "resource":
                texts.append(getattr(part.resource, "text", "") or f"[a file: {part.resource.uri}]")
            case "resource_link":
                texts.append(f"[a link: {part.name} {part.uri}]")
            case _:
                texts.append(f"[{part.type}: not shown]")
    if not texts and not images and result.structured_content is not None:
        texts.append(json.dumps(result.structured_content, indent=2, ensure_ascii=False))
    return ForeignAnswer(not result.is_error, "\n\n".join(texts), tuple(images))


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data[: 2 * IMAGE_BYTES])
    except (ValueError, binascii.Error):
        return b""
