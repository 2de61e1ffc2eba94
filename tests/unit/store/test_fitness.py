from __future__ import annotations

from dataclasses import replace

from studio.domain.fitness import Fitness, Tries
from studio.domain.models import ModelRef
from studio.store import fitness
from studio.store.database import Database
from tests.fixtures.memory import NOON

QWEN = Fitness(ModelRef("ollama", "library/qwen3"), NOON, 32_768, 9_000, None, Tries(4, 1, 0), 3, 4, 31.5, 120.25)


async def test_the_newest_measures_take_the_place_of_older_ones(database: Database) -> None:
    newer = replace(QWEN, context_tokens=12_000, native=Tries(none=5), text=None)
    other = replace(QWEN, model=ModelRef("ollama", "gemma"))
    for found in (QWEN, other, newer):
        async with database.transaction() as connection:
            await fitness.save(connection, found)
    async with database.reading() as connection:
        assert await fitness.all_fitness(connection) == (other, newer)
    assert await database.look(fitness.of_model, QWEN.model) == newer
    assert await database.look(fitness.of_model, ModelRef("ollama", "unheard")) is None
