"""What is expensive is not loaded, and nothing is asked over a network, before somebody wants it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]

# Everything that reaches out, and every library that speaks with a provider or comes with such a one.
BARRED = """
import sys

def bar(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], str):
        return  # a socket file of this machine: which container engine is there is found out so
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise SystemExit(f"it reached out: {event} {arguments[1:]}")

sys.addaudithook(bar)
SDKS = {"anthropic", "openai", "ollama", "google.genai", "httpx", "httpx2", "aiohttp", "mcp", "dbos", "genai_prices"}
"""
TELL = """
found = sorted(SDKS & sys.modules.keys())
print(found)
"""

IMPORT = "import studio.app.bootstrap"

ROUTE = """
import asyncio, os
from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.domain.roles import Tier

async def main():
    studio = await open_studio(os.environ, Access.READ)
    routed = await studio.models.routed(Tier.FAST)
    assert list(map(str, routed.route)) == ["ollama/qwen3"], routed
    await studio.close()

asyncio.run(main())
"""


def told_by(code: str, home: Path) -> str:
    """What a fresh interpreter says that runs this with every way out barred."""
    done = subprocess.run(
        [sys.executable, "-c", f"{BARRED}\n{code}\n{TELL}"],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "STUDIO_HOME": str(home / "studio")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout.strip() or done.stderr


def test_to_import_the_program_loads_no_sdk_and_asks_nobody(tmp_path: Path) -> None:
    assert told_by(IMPORT, tmp_path) == "[]"


def test_to_choose_a_route_loads_no_sdk_and_asks_nobody(tmp_path: Path) -> None:
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio" / "models.toml").write_text('[tiers]\nfast = ["ollama/qwen3"]\n')
    assert told_by(ROUTE, tmp_path) == "[]"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import anthropic", "['anthropic'"),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "it reached out"),
    ],
)
def test_the_bars_hold(code: str, said: str, tmp_path: Path) -> None:
    assert said in told_by(code, tmp_path)
