"""What a setup made, kept for the next workspace: whole, and of one setup, whoever keeps it at the same time."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import pytest

from studio.contracts.guest import GuestOutput
from studio.workspace.setups import Setups

KEY = "0123abcd"


class Packing:
    """The inside of a sandbox that packs what its setup made; it stops half-way in the part so named, till it may."""

    def __init__(self, made: str, stops_in: str = "") -> None:
        self.made = made
        self.stops_in = stops_in
        self.may_go_on = asyncio.Event()
        self.is_half_done = asyncio.Event()

    async def run(
        self, argv: tuple[str, ...], *, stdin: bytes = b"", timeout: float = 60.0, max_bytes: int = 1 << 20
    ) -> GuestOutput:
        return GuestOutput(0, b"", b"")

    async def run_to_file(
        self, argv: tuple[str, ...], target: Path, *, timeout: float = 300.0, max_bytes: int = 1 << 30
    ) -> GuestOutput:
        target.unlink(missing_ok=True)
        with target.open("x") as file:
            file.write(self.made)
            file.flush()
            if f".{self.stops_in}." in target.name:
                self.is_half_done.set()
                await self.may_go_on.wait()
            file.write(self.made)
        return GuestOutput(0, b"", b"")


def kept(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


async def test_who_keeps_the_same_setup_at_the_same_time_disturbs_nobody_and_leaves_nothing_torn(
    tmp_path: Path,
) -> None:
    setups, first, second = Setups(tmp_path), Packing("first ", "files"), Packing("second ", "files")
    of_the_first = asyncio.create_task(setups.keep(KEY, first, ()))
    await first.is_half_done.wait()
    of_the_second = asyncio.create_task(setups.keep(KEY, second, ()))
    await second.is_half_done.wait()
    first.may_go_on.set()
    await of_the_first
    of_the_second.cancel()
    with suppress(asyncio.CancelledError):
        await of_the_second

    assert kept(tmp_path) == {f"{KEY}.files.tar": "first first ", f"{KEY}.home.tar": "first first "}


async def test_what_is_kept_again_is_replaced_only_once_all_of_it_is_packed(tmp_path: Path) -> None:
    setups, late = Setups(tmp_path), Packing("late ", "home")
    await setups.keep(KEY, Packing("early "), ())
    keeping = asyncio.create_task(setups.keep(KEY, late, ()))
    await late.is_half_done.wait()
    meanwhile = kept(tmp_path)
    late.may_go_on.set()
    await keeping

    assert (meanwhile[f"{KEY}.files.tar"], meanwhile[f"{KEY}.home.tar"]) == ("early early ", "early early ")
    assert kept(tmp_path) == {f"{KEY}.files.tar": "late late ", f"{KEY}.home.tar": "late late "}


@pytest.mark.parametrize("lost", ["files", "home"])
async def test_a_setup_of_which_a_part_is_lost_is_not_kept(tmp_path: Path, lost: str) -> None:
    setups = Setups(tmp_path)
    await setups.keep(KEY, Packing("all "), ())
    assert await setups.has(KEY)
    (tmp_path / f"{KEY}.{lost}.tar").unlink()

    assert not await setups.has(KEY)


async def test_what_a_killed_studio_left_half_packed_goes_with_the_next_setup_that_is_kept(tmp_path: Path) -> None:
    old, new = tmp_path / f"{KEY}.files.99.part.tar", tmp_path / f"{KEY}.files.11.part.tar"
    for path in (old, new):
        path.write_text("half")
    os.utime(old, (0, 0))
    await Setups(tmp_path).keep(KEY, Packing("all "), ())

    assert not old.exists()
    assert new.exists()
