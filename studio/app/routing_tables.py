"""The routing door: the table of models that are tried where nobody names one, as a person sees and changes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from studio.app.decisions import OPERATOR
from studio.app.roles import OfferedRoles
from studio.base.aio import in_thread
from studio.base.toml_file import changed_toml, write_whole
from studio.domain.errors import NotFound, StoreError, UserError
from studio.domain.events import RoutingTableChanged
from studio.domain.models import AUTO, ModelRef
from studio.domain.roles import Tier
from studio.domain.routing import Line, Preference, RoutingTable
from studio.events.recorder import Recorder
from studio.router.current_table import CurrentTable
from studio.router.registry import Registry
from studio.router.table_edit import put_preference, put_role, put_tier
from studio.router.table_file import read_table
from studio.store import projects
from studio.store.database import Database
from studio.workflow.acts import Acts, act

Written = tuple[tuple[str, ...], ...]
"""The lines of a tier as names: most have one model, one with several leaves the choice to price and measured speed."""


class RoutingTables:
    """Changes models.toml in the data folder and leaves all else in it as it is; a change counts from the next step."""

    def __init__(
        self, acts: Acts, path: Path, current: CurrentTable, database: Database, recorder: Recorder, roles: OfferedRoles
    ) -> None:
        self.acts = acts
        self.path = path
        self._current = current
        self._database = database
        self._recorder = recorder
        self._roles = roles
        self._writing = asyncio.Lock()

    async def show(self) -> RoutingTable:
        """The table as its file is now; raises UserError for one with a mistake."""
        await self._current.look()
        if self._current.mistake is not None:
            raise self._current.mistake
        return self._current.table

    @act
    async def set_tier(self, tier: Tier, lines: Written, seen: Written | None = None) -> None:
        """Gives a tier these lines, best first. Raises UserError for what is no model or stands there twice.

        With `seen` the lines must still be those that the person saw.
        """
        models = _models(lines, self._current.registry)
        value = ", ".join("=".join(line) for line in _names(models))
        event = RoutingTableChanged(f"tiers.{tier}", value, OPERATOR)

        def require_seen(table: RoutingTable) -> None:
            if seen is not None and _names(table.lines(tier)) != seen:
                what = f"The {tier} tier was changed elsewhere meanwhile, so this was not saved."
                raise UserError(what, "Look again, then change it.")

        await self._write(lambda document: put_tier(document, tier, models), event, require_seen)

    @act
    async def set_preference(self, prefer: Preference) -> None:
        """From now on local models are tried first, or those of the cloud."""
        await self._write(
            lambda document: put_preference(document, prefer), RoutingTableChanged("prefer", prefer.value, OPERATOR)
        )

    @act
    async def set_role(self, role: str, tier: Tier | None) -> None:
        """Gives a role another tier than its own file says; for None what the file says counts again.

        Raises NotFound for what no project has as a role.
        """
        await self._require_role(role)
        value = tier.value if tier else ""
        await self._write(
            lambda document: put_role(document, role, tier), RoutingTableChanged(f"roles.{role}", value, OPERATOR)
        )

    async def _write(
        self,
        change: Callable[[Any], None],
        event: RoutingTableChanged,
        check: Callable[[RoutingTable], None] | None = None,
    ) -> None:
        async with self._writing:
            # A file with a mistake is the person's to mend: it is not written over.
            table = await self.show()
            if check is not None:
                check(table)
            try:
                changed = await in_thread(self._changed, change)
            except OSError as error:
                raise StoreError(
                    f"The routing table cannot be saved: {error.strerror}.", f"See {self.path}."
                ) from error
            await self._current.look()
            if changed:
                await self._recorder.record(None, None, event)

    def _changed(self, change: Callable[[Any], None]) -> bool:
        # A link to a file that is kept elsewhere stays a link.
        path = self.path.resolve()
        text = changed_toml(path, change)
        if path.exists() and text == path.read_text("utf-8"):
            return False
        read_table(text, path, self._current.registry)
        write_whole(path, text)
        return True

    async def misspelt_roles(self) -> tuple[str, ...]:
        """A sentence for each role of the table that no project has; that of a project not added yet may be meant."""
        known = await self._known_roles()
        return tuple(
            f"models.toml gives “{role}” a tier, and no project has a role of that name. {_near(role, known)}"
            for role in self._current.table.roles
            if role not in known
        )

    async def _require_role(self, role: str) -> None:
        known = {*(await self.show()).roles, *await self._known_roles()}
        if role not in known:
            raise NotFound(f"There is no role “{role}”.", _near(role, known))

    async def _known_roles(self) -> set[str]:
        known: set[str] = set()
        async with self._database.reading() as connection:
            found = await projects.all_projects(connection)
        for project in (None, *(each.id for each in found if not each.archived)):
            roles = await self._roles.list(project)
            known |= {each.name for each in roles.roles} | {each.role for each in roles.problems}
        return known


def _near(role: str, known: set[str]) -> str:
    near = get_close_matches(role, sorted(known), 1)
    return f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(known))}."


def _models(lines: Written, registry: Registry) -> tuple[Line, ...]:
    found = tuple(tuple(ModelRef.parse(name) for name in line) for line in lines if line)
    seen: set[ModelRef] = set()
    for model in (model for line in found for model in line):
        if model.provider == AUTO:
            raise UserError(f"{model} stands for this table itself.", "Name a model of a provider.")
        registry.get(model.provider)
        if model in seen:
            raise UserError(f"{model} stands there twice.", "Name each model once in a tier.")
        seen.add(model)
    return found


def _names(lines: Iterable[Line]) -> Written:
    return tuple(tuple(map(str, line)) for line in lines)
