from __future__ import annotations

from pathlib import Path

import pytest

from studio.domain.errors import UserError
from studio.router.current_table import CurrentTable


async def names(current: CurrentTable) -> list[str]:
    return list(map(str, (await current.look()).models))


async def test_a_file_that_a_person_changes_counts_at_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    current = CurrentTable(path)
    assert await names(current) == []
    path.write_text('[tiers]\nfast = ["groq/llama"]\n')
    assert await names(current) == ["groq/llama"]
    path.unlink()
    assert await names(current) == []


async def test_a_mistake_leaves_the_table_as_it_was_until_it_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text('[tiers]\nfast = ["groq/llama"]\n')
    current = CurrentTable(path)
    await current.look()
    path.write_text('[tiers]\nfast = ["groq/lla')
    assert await names(current) == ["groq/llama"]
    assert current.mistake is not None
    current.require_right()  # there is one to go by
    path.write_text('[tiers]\nfast = ["openai/gpt"]\n')
    assert await names(current) == ["openai/gpt"]
    assert current.mistake is None


async def test_a_mistake_without_a_table_before_it_is_told_to_whoever_needs_one(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text("tires = 1\n")
    current = CurrentTable(path)
    await current.look()
    with pytest.raises(UserError, match="has a mistake in tires"):
        current.require_right()
