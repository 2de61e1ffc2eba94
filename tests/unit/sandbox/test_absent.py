"""A sandbox that is not there says so, whatever is asked of it."""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from studio.domain.errors import EngineGone, NoSandbox
from studio.domain.ids import RunId
from studio.sandbox.absent import AbsentSandbox
from studio.sandbox.box import Sandbox

MISSING = NoSandbox("Nothing can be run here.", "Install Docker.")
ABSENT = AbsentSandbox(RunId("01run"), MISSING)


def parts() -> set[str]:
    """What `Sandbox` says that each one is and has, by name."""
    (init,) = ast.parse(textwrap.dedent(inspect.getsource(Sandbox.__init__))).body
    kept = {
        node.attr
        for node in ast.walk(init)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and not node.attr.startswith("_")
    }
    return kept | {name for name, part in vars(Sandbox).items() if isinstance(part, property)}


USES: list[Callable[[], Awaitable[Any]]] = [
    lambda: ABSENT.exec("true", timeout=1.0),
    lambda: ABSENT.run(("true",)),
    lambda: ABSENT.run_to_file(("true",), Path("/dev/null/nowhere")),
    lambda: ABSENT.speak(("true",), 1),
    lambda: ABSENT.terminal(80, 24),
    lambda: ABSENT.listening_ports(),
    lambda: ABSENT.tunnel(80),
    lambda: ABSENT.stats(),
    lambda: ABSENT.look_behind(),
    lambda: ABSENT.sleep.wake(),
    lambda: ABSENT.processes.list(),
]


@pytest.mark.parametrize("use", USES)
async def test_whatever_would_use_it_is_told_why_there_is_none(use: Callable[[], Awaitable[Any]]) -> None:
    with pytest.raises(NoSandbox, match=r"Nothing can be run here\."):
        await use()


def test_each_part_of_a_sandbox_is_there_or_said_to_be_missing() -> None:
    wanting = set()
    for name in parts():
        try:
            getattr(ABSENT, name)
        except NoSandbox:
            wanting.add(name)

    assert wanting == {"project", "folder", "sleep", "processes", "memory_limit", "logs"}


async def test_it_is_put_away_as_any_other_one_and_nothing_is_wrong_with_it() -> None:
    ABSENT.lose(EngineGone("gone"))
    ABSENT.fail("ended")
    await ABSENT.give_up_if_full()
    await ABSENT.hang_up()

    assert (ABSENT.containers, ABSENT.broken, ABSENT.busy, ABSENT.has_way_out) == ((), None, False, False)


def test_no_request_is_taken_for_one_of_studios_own() -> None:
    assert not ABSENT.own_requests.told("/", "web")


def test_what_python_itself_asks_for_is_not_taken_for_a_part() -> None:
    assert copy.copy(ABSENT).id == ABSENT.id
