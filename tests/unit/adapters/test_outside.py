"""This machine's own network: names are looked up once for many, and never for ever."""

from __future__ import annotations

import asyncio
import ipaddress
import threading
from collections.abc import Iterator

import pytest

from studio.adapters.outside import SystemOutside
from studio.contracts.outside import Address

ADDRESS = ipaddress.ip_address("8.8.4.4")


class Names:
    """A resolver that answers once it is let go on."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = False
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, host: str) -> tuple[Address, ...]:
        self.asked.append(host)
        self.go_on.wait(20)
        if self.fails:
            raise OSError("no such host")
        return (ADDRESS,)


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def outside(names: Names) -> Iterator[SystemOutside]:
    made = SystemOutside(names)
    yield made
    names.go_on.set()
    made.close()


async def test_many_who_want_one_host_at_once_make_one_question(outside: SystemOutside, names: Names) -> None:
    found = await asyncio.gather(*(outside.resolve("files.example.org") for _ in range(50)))

    assert found == [(ADDRESS,)] * 50
    assert names.asked == ["files.example.org"]


async def test_who_gives_up_waiting_takes_the_answer_from_nobody_else(outside: SystemOutside, names: Names) -> None:
    names.go_on.clear()
    first, second = (asyncio.create_task(outside.resolve("files.example.org")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    names.go_on.set()

    assert await second == (ADDRESS,)


async def test_a_failure_is_not_remembered(outside: SystemOutside, names: Names) -> None:
    names.fails = True
    with pytest.raises(OSError, match="no such host"):
        await outside.resolve("files.example.org")
    names.fails = False

    assert await outside.resolve("files.example.org") == (ADDRESS,)


def test_an_address_of_this_machine_is_told_from_others(outside: SystemOutside) -> None:
    assert outside.is_here(ipaddress.ip_address("127.0.0.1"))
    assert not outside.is_here(ADDRESS)
