"""Studio as it is put together clears nothing away at a container engine that may be another machine's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, cast

import pytest

from studio.adapters.clock import SystemClock
from studio.app.sandboxing import Sandboxing, sandboxing_in
from studio.base.paths import Paths
from studio.base.settings import Settings
from studio.domain.errors import EngineError
from studio.events.recorder import Recorder
from studio.sandbox import labels
from studio.sandbox.egress.egress import Egress


class Engine:
    """The engine of another machine, at which a container stands that nobody here has."""

    def __init__(self, home: Path) -> None:
        row = {"Id": "c", "Names": ["/c"], "State": "running", "ImageID": "i", "Labels": labels.ours(home)}
        self._answers: dict[str, Any] = {
            "/version": {"ApiVersion": "1.41", "Version": "28"},
            "/info": {"Name": "another machine"},
            "/containers/json": [row],
            "/volumes": {"Volumes": []},
        }
        self.removed: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                method, path, *_ = head.decode().split(" ")
                if method == "DELETE":
                    self.removed.append(path)
                path = path.partition("?")[0].removeprefix("/v1.41")
                known = path in self._answers
                body = json.dumps(self._answers.get(path, {"message": "No such image: i"})).encode()
                status = "200 OK" if known else "404 Not Found"
                kind = "Content-Type: application/json"
                writer.write(f"HTTP/1.1 {status}\r\n{kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            writer.close()


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path / "home")
    made.make()
    return made


@pytest.fixture
def engine(paths: Paths) -> Engine:
    return Engine(paths.home)


@pytest.fixture
async def sandboxing(paths: Paths, engine: Engine, tmp_path: Path) -> AsyncIterator[Sandboxing]:
    environment = {"DOCKER_HOST": f"unix://{tmp_path}/e.sock", "HOME": str(tmp_path)}
    async with await asyncio.start_unix_server(engine.serve, tmp_path / "e.sock"), AsyncExitStack() as stack:
        nobody = cast(Recorder, None), cast(Egress, None)
        yield sandboxing_in(environment, paths, Settings(), SystemClock(), *nobody, stack)


async def test_nothing_of_an_engine_is_reaped_before_it_is_known_what_it_sees(
    sandboxing: Sandboxing, engine: Engine
) -> None:
    with pytest.raises(EngineError, match="nobody can tell"):
        await sandboxing.sandboxes.reap()

    assert engine.removed == []
