"""The budgets door: ceilings, where they stand, and the money that calls without a known end still hold."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.app.projects import Projects
from studio.board.board import Board
from studio.board.briefs import Briefs
from studio.domain.budgets import Balance, Budget, Payer, Period, Reservation, Scope, ScopeKind
from studio.domain.errors import NotFound, UserError
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.money import NanoUsd
from studio.router.ledger import Ledger
from studio.store import runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act

_SEE = "See which there are: studio budget list"


@dataclass(frozen=True, slots=True)
class BudgetView:
    """A budget where it stands now; `whom` is its scope as people write it, a project by its name.

    `title` is what the task or brief is called that it is for, empty for anything else.
    """

    balance: Balance
    whom: str
    title: str = ""

    @property
    def budget(self) -> Budget:
        """The ceiling."""
        return self.balance.budget


class Budgets:
    """Budgets as people name them; what pays for a call is asked of the ledger."""

    def __init__(
        self, acts: Acts, database: Database, ledger: Ledger, projects: Projects, board: Board, briefs: Briefs
    ) -> None:
        self.acts = acts
        self._database = database
        self._ledger = ledger
        self._projects = projects
        self._board = board
        self._briefs = briefs

    async def list(self) -> tuple[BudgetView, ...]:
        """All budgets and where they stand, the company's first."""
        names = {project.id: project.name for project in await self._projects.list()}
        kinds = list(ScopeKind)
        found = sorted(
            await self._ledger.balances(),
            key=lambda each: (kinds.index(each.budget.scope.kind), list(Period).index(each.budget.period)),
        )
        titles: dict[str, str] = {task.id: task.title for task in await self._board.tasks()}
        titles |= {brief.id: brief.title for brief in await self._briefs.list()}
        return tuple(
            BudgetView(balance, _whom(balance.budget.scope, names), titles.get(balance.budget.scope.id, ""))
            for balance in found
        )

    async def nearest(self, project: ProjectId | None, run: RunId | None = None) -> Balance | None:
        """Of the budgets that pay for a run, for a project, or for all, the one of which the largest part is gone."""
        payer = Payer(project or ProjectId(""), run or RunId(""), TurnId(""), 0, "")
        if run is not None:
            async with self._database.reading() as connection:
                found = await runs.get(connection, run)
            payer = replace(payer, project=found.project, task=found.purpose.task, brief=found.purpose.brief)
        return max(await self._ledger.balances(payer), key=lambda balance: balance.gone, default=None)

    async def reservations(self) -> tuple[Reservation, ...]:
        """What is held for calls under way, and what is kept of those without a known end; oldest first."""
        return await self._ledger.reservations()

    @act
    async def set(self, scope: str, ceiling_nusd: int, period: Period, alert_percent: int) -> BudgetView:
        """Gives a scope a ceiling for a period, in place of the one it had, and says where it stands.

        Raises UserError for a scope that makes no sense, NotFound for one that is not there.
        """
        if ceiling_nusd < 0 or not 1 <= alert_percent <= 100:
            raise UserError("A budget is no less than nothing, and tells at 1 to 100 percent.", "Choose other numbers.")
        wanted = await self._there(Scope.parse(scope))
        budget = Budget(wanted, period, NanoUsd(ceiling_nusd), alert_percent)
        return BudgetView(await self._ledger.set_budget(budget), await self._name(wanted))

    @act
    async def remove(self, scope: str, period: Period | None) -> tuple[BudgetView, ...]:
        """Takes the ceiling of a scope for a period away, or all that it has, and gives what is gone.

        What a scope was for may be gone already. Raises NotFound where there is no such budget.
        """
        asked = Scope.parse(scope)
        standing = await self.list()
        known = any(asked == view.budget.scope for view in standing)
        wanted = asked if known else await self._there(asked)
        gone = tuple(view for view in standing if view.budget.scope == wanted and period in (None, view.budget.period))
        if not gone:
            raise NotFound(f"There is no such budget for {await self._name(wanted)}.", _SEE)
        for view in gone:
            await self._ledger.remove_budget(wanted, view.budget.period)
        return gone

    @act
    async def release(self, reservation: str) -> Reservation:
        """Lets go of what is kept of a call, since a person knows that it cost no more; raises NotFound."""
        return await self._ledger.release(reservation)

    async def _there(self, scope: Scope) -> Scope:
        """The same scope by its id. Raises NotFound."""
        match scope.kind:
            case ScopeKind.COMPANY:
                return scope
            case ScopeKind.PROJECT:
                return replace(scope, id=(await self._projects.find(scope.id)).id)
            case ScopeKind.RUN:
                async with self._database.reading() as connection:
                    return replace(scope, id=(await runs.by_prefix(connection, scope.id)).id)
            case ScopeKind.TASK:
                return replace(scope, id=(await self._board.find(scope.id)).id)
            case ScopeKind.BRIEF:
                return replace(scope, id=(await self._briefs.find(scope.id)).id)

    async def _name(self, scope: Scope) -> str:
        return _whom(scope, {project.id: project.name for project in await self._projects.list()})


def _whom(scope: Scope, names: dict[ProjectId, str]) -> str:
    return f"project:{names.get(ProjectId(scope.id), scope.id)}" if scope.kind is ScopeKind.PROJECT else str(scope)
