"""Health: says on loopback that Studio is up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.middleware.base import RequestResponseEndpoint

from studio.app.studio import Studio

HOST = "127.0.0.1"


async def serve_health(studio: Studio, port: int, on_ready: Callable[[str], None]) -> None:
    """Answers until it is cancelled; `on_ready` gets the address once connections are taken."""
    config = uvicorn.Config(_application(studio), host=HOST, port=port, log_level="warning", access_log=False)
    server = _Server(config, on_ready)
    task = asyncio.create_task(server.serve())
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    """A server that says its address and leaves signals to the program."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(None)
        port = self.servers[0].sockets[0].getsockname()[1]
        self._on_ready(f"http://{HOST}:{port}")

    def install_signal_handlers(self) -> None:
        """The program itself listens to signals."""


def _application(studio: Studio) -> FastAPI:
    application = FastAPI(title="Studio", docs_url=None, redoc_url=None, openapi_url=None)

    @application.middleware("http")
    async def only_here(request: Request, call_next: RequestResponseEndpoint) -> Response:
        # A page in a browser can make it send requests here under another host's name (DNS rebinding).
        host = request.headers.get("host", "").rpartition(":")[0]
        if host not in (HOST, "localhost") or "origin" in request.headers:
            return JSONResponse({"error": "Only programs on this machine may ask."}, status_code=403)
        response = await call_next(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @application.get("/health")
    async def health() -> dict[str, object]:
        return {"status": "ok", "attached": studio.attached, "last_event": await studio.feed.last()}

    return application
