"""A cache volume that somebody worked with is none in which a setup for others is run."""

from __future__ import annotations

from pathlib import Path

from studio.workspace.cache_mark import CacheMark


async def test_a_new_volume_is_clean_until_somebody_works_with_it(tmp_path: Path) -> None:
    mark = CacheMark(tmp_path / "setups")
    name = await mark.name()
    before = await mark.is_clean(name)
    await mark.worked_with(name)

    assert before
    assert not await CacheMark(tmp_path / "setups").is_clean(name)


async def test_a_setup_that_is_to_be_kept_gets_another_volume_than_the_one_that_was_worked_with(tmp_path: Path) -> None:
    mark = CacheMark(tmp_path)
    first = await mark.name("setup-one")
    await mark.worked_with(first)
    second = await mark.name("setup-two")

    assert second != first
    assert await mark.is_clean(second)
    assert await mark.name() == second


async def test_who_needs_no_clean_volume_gets_the_one_that_is_filled(tmp_path: Path) -> None:
    mark = CacheMark(tmp_path)
    first = await mark.name("setup-one")
    await mark.worked_with(first)

    assert await mark.name() == first


async def test_runs_that_begin_together_share_a_clean_volume_until_one_of_them_works(tmp_path: Path) -> None:
    mark = CacheMark(tmp_path)
    one, other = await mark.name("setup"), await mark.name("setup")
    await mark.worked_with(one)

    assert one == other
    assert not await mark.is_clean(other)


async def test_the_end_of_work_with_an_old_volume_says_nothing_of_the_new_one(tmp_path: Path) -> None:
    mark = CacheMark(tmp_path)
    old = await mark.name("one")
    await mark.worked_with(old)
    new = await mark.name("two")
    await mark.worked_with(old)

    assert await mark.is_clean(new)


async def test_a_setup_that_is_too_large_to_be_kept_fills_no_new_volume_each_time(tmp_path: Path) -> None:
    mark = CacheMark(tmp_path)
    first = await mark.name("large")
    await mark.not_kept("large")
    await mark.worked_with(first)

    assert await mark.name("large") == first


async def test_a_mark_that_cannot_be_read_leads_to_a_new_volume(tmp_path: Path) -> None:
    mark = CacheMark(tmp_path)
    first = await mark.name()
    (tmp_path / "cache.json").write_text("{")

    assert not await mark.is_clean(first)
    assert await mark.name() != first
