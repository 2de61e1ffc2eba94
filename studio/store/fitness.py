"""Fitness as saved: the newest measures of each model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Float, Integer, Row, Table

from studio.domain.clock import from_text
from studio.domain.fitness import Fitness, Tries
from studio.domain.models import ModelRef
from studio.store.connection import Connection, InThread, rows_of
from studio.store.tables import Moment, Written, metadata
from studio.store.text import Text

_fitness = Table(
    "fitness",
    metadata,
    Column("model", Written, primary_key=True),
    Column("measured", Moment, nullable=False),
    Column("claimed_tokens", Integer, nullable=False),
    Column("context_tokens", Integer, nullable=False),
    # Valid, wrong and none as a JSON list; null where the form was not tried.
    Column("native", Text),
    Column("text", Text),
    Column("json_exact", Integer, nullable=False),
    Column("json_tried", Integer, nullable=False),
    Column("tokens_per_second", Float, nullable=False),
    Column("first_token_ms", Float, nullable=False),
)

_ALL = sa.select(_fitness).order_by(_fitness.c.model)
_PLAIN = f"SELECT {', '.join(column.name for column in _fitness.columns)} FROM fitness"
_ONE = sa.select(_fitness).where(_fitness.c.model == sa.bindparam("of"))


async def save(connection: Connection, fitness: Fitness) -> None:
    """Saves what was measured, in place of what was measured of the model before."""
    await connection.change(sa.delete(_fitness).where(_fitness.c.model == str(fitness.model)))
    await connection.change(sa.insert(_fitness).values(**_values(fitness)))


async def all_fitness(connection: Connection) -> tuple[Fitness, ...]:
    """What was measured of every model, in order of their names."""
    return tuple(_fitness_in(row) for row in await connection.rows(_ALL))


def of_models(connection: InThread, models: Iterable[ModelRef]) -> dict[ModelRef, Fitness]:
    """As `of_model`, of several at once; those of which nothing was measured are left out."""
    wanted = {str(model): model for model in models}
    found = (row for row in rows_of(connection, _PLAIN) if row[0] in wanted)
    return {wanted[row[0]]: _read(wanted[row[0]], from_text(row[1]), *row[2:]) for row in found}


def of_model(connection: InThread, model: ModelRef) -> Fitness | None:
    """What was measured of a model, if anything; on the connection's own thread, as each step may ask."""
    row = connection.execute(_ONE, {"of": str(model)}).first()
    return _fitness_in(row) if row is not None else None


def _values(fitness: Fitness) -> dict[str, Any]:
    return {
        "model": str(fitness.model),
        "measured": fitness.measured,
        "claimed_tokens": fitness.claimed_tokens,
        "context_tokens": fitness.context_tokens,
        "native": _written(fitness.native),
        "text": _written(fitness.text),
        "json_exact": fitness.json_exact,
        "json_tried": fitness.json_tried,
        "tokens_per_second": fitness.tokens_per_second,
        "first_token_ms": fitness.first_token_ms,
    }


def _fitness_in(row: Row[Any]) -> Fitness:
    return _read(ModelRef(*row.model.split("/", 1)), row.measured, *row[2:])


def _read(model: ModelRef, measured: datetime, *told: Any) -> Fitness:
    """What was measured of a model; `told` are the columns behind the time, in their order."""
    claimed, context, native, text, *others = told
    return Fitness(model, measured, claimed, context, _tries(native), _tries(text), *others)


def _written(tries: Tries | None) -> str | None:
    return None if tries is None else json.dumps([tries.valid, tries.wrong, tries.none])


def _tries(written: str | None) -> Tries | None:
    return None if written is None else Tries(*json.loads(written))
