"""Health: says on loopback that Studio is up."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.middleware.base import RequestResponseEndpoint

from studio.app.studio import Studio
from studio.domain.errors import UserError

HOST = "127.0.0.1"
CLIENTS = 32


async def serve_health(studio: Studio, port: int, on_ready: Callable[[str], None]) -> None:
    """Answers until it is cancelled, then ends in order; `on_ready` gets the address once connections are taken.

    Raises UserError when the port is taken.
    """
    listening = _listen(port)
    address = f"{HOST}:{listening.getsockname()[1]}"
    config = uvicorn.Config(
        _application(studio, address), log_level="warning", access_log=False, limit_concurrency=CLIENTS
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    on_ready(f"http://{address}")
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """A server that leaves signals to the program."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise UserError(
            f"Port {port} cannot be used: {error.strerror}.", "Name another, or 0 for a free one."
        ) from error


def _application(studio: Studio, address: str) -> FastAPI:
    application = FastAPI(title="Studio", docs_url=None, redoc_url=None, openapi_url=None)
    hosts = (address, address.replace(HOST, "localhost"))

    @application.middleware("http")
    async def only_here(request: Request, call_next: RequestResponseEndpoint) -> Response:
        # A page in a browser can make it send requests here under another host's name (DNS rebinding).
        if request.headers.get("host") not in hosts or "origin" in request.headers:
            return JSONResponse({"error": "Only programs on this machine may ask."}, status_code=403)
        response = await call_next(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @application.get("/health")
    async def health() -> dict[str, object]:
        return {"status": "ok", "attached": studio.attached, "last_event": await studio.feed.last()}

    return application
