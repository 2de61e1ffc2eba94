"""The rules panel: reads rules and policy of a project, and carries what a person changes to the policies door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from studio.domain.errors import StudioError
from studio.domain.events import (
    CallDenied,
    CheckpointOpened,
    Delta,
    ProjectAdded,
    ProjectArchived,
    ProjectRemoved,
    Recorded,
    RuleAdded,
    RuleRemoved,
    ToolStarted,
)
from studio.domain.ids import ProjectId, RuleId
from studio.domain.projects import Project
from studio.domain.roles import Role, RoleList
from studio.domain.rules import Effect, Rule
from studio.domain.tools import ApprovalMode
from studio.ui.bridge import Bridge
from studio.ui.rules.adding import AddRuleDialog
from studio.ui.rules.items import RuleItems
from studio.ui.rules.lines import EVERY_ROLE, Line, lines_of
from studio.ui.rules.view import RulesView
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.policies import AskedView, PolicyRow, Use
    from studio.app.studio import Studio

ALL_PROJECTS = "All projects"
SETTLE_MS = 200

_CHANGES = (RuleAdded, RuleRemoved, ProjectAdded, ProjectArchived, ProjectRemoved, CheckpointOpened, CallDenied)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the page shows, as it is at one moment."""

    projects: tuple[Project, ...]
    roles: RoleList
    rules: tuple[Rule, ...]
    uses: dict[RuleId, Use]
    policy: tuple[PolicyRow, ...]
    mode: ApprovalMode
    asked: tuple[AskedView, ...]


class RulesPanel(QObject):
    """The page of rules; what it shows is read again whenever something of it changes while it is seen."""

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._theme = theme
        self._project: ProjectId | None = None
        self._role = ""
        self._sheet: Sheet | None = None
        self._removed: list[Rule] = []
        self.items = RuleItems(theme, self)
        self.view = RulesView(self.items, theme)
        self.dialog: AddRuleDialog | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self.view.project_chosen.connect(lambda id: self.show_project(ProjectId(id) if id else None))
        self.view.role_chosen.connect(self._show_role)
        self.view.again_requested.connect(self.refresh)
        self.view.adding_requested.connect(self.add)
        self.view.removal_requested.connect(self._remove)
        self.view.undo_requested.connect(self._undo)

    @property
    def widget(self) -> QWidget:
        """What the settings window shows."""
        return self.view

    def show_project(self, project: ProjectId | None) -> None:
        """Shows the rules of a project, or those of all for None."""
        self._project = project
        self.refresh()

    def refresh(self) -> None:
        """Reads everything again."""
        project, role = self._project, self._role
        if self._sheet is None:
            self.view.show_reading()

        def done(sheet: Sheet) -> None:
            if (project, role) == (self._project, self._role):
                self._show(sheet)

        def failed(error: StudioError) -> None:
            words = f"{error.sentence} {error.action}".strip()
            self.view.show_failure(words)
            if self.items.rowCount():
                self.view.error.show_error(error)

        self._bridge.call(lambda studio: read(studio, project, role), done, failed)

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Reads again shortly after a rule was made, taken back or followed, here or by another process."""
        if self.view.isVisible() and any(isinstance(item, Recorded) and _matters(item) for item in events):
            self._settle.start()

    def add(self) -> None:
        """Lets the person write a rule for the project that is shown, or for the first one."""
        project = self._writes_into()
        if project is None:
            return
        dialog = AddRuleDialog(self._theme, project.name, self.view)
        dialog.draft_wanted.connect(lambda effect, text: self._draft(dialog, project.id, effect, text))
        dialog.save_wanted.connect(lambda effect, text: self._save(dialog, project.id, effect, text))
        dialog.finished.connect(lambda _result: self._forget_dialog())
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    def _show(self, sheet: Sheet) -> None:
        self._sheet = sheet
        if self._role not in {role.name for role in sheet.roles.roles}:
            self._role = ""
        names = {project.id: project.name for project in sheet.projects}
        everything = [("", ALL_PROJECTS)] if len(names) > 1 or not names else []
        self.view.show_projects([*everything, *names.items()], self._project or "")
        self.view.show_roles([("", EVERY_ROLE), *((role.name, role.title) for role in sheet.roles.roles)], self._role)
        whose = names.get(self._project, "") if self._project else ""
        self.items.show(lines_of(sheet.rules, _chosen(sheet.roles, self._role), names, sheet.uses, whose))
        self.view.show_read()
        if not names:
            self.view.show_projects([], "")
        self.view.policy.show_policy(sheet.policy, sheet.rules, sheet.mode)
        count = len(sheet.roles.problems)
        what = "A role's file" if count == 1 else f"{count} files of roles"
        self.view.show_problems(f"{what} cannot be used; what is forbidden there is not listed." if count else "")
        self.view.asked.setText(_asked(sheet.asked, self._project))

    def _show_role(self, role: str) -> None:
        self._role = role
        self.refresh()

    def _writes_into(self) -> Project | None:
        projects = self._sheet.projects if self._sheet else ()
        return next((project for project in projects if self._project in (None, project.id)), None)

    def _draft(self, dialog: AddRuleDialog, project: ProjectId, effect: str, text: str) -> None:
        self._bridge.call(
            lambda studio: studio.rule_drafts.draft(project, Effect(effect), text),
            lambda draft: dialog.show_draft(effect, text, draft),
            dialog.show_error,
        )

    def _save(self, dialog: AddRuleDialog, project: ProjectId, effect: str, text: str) -> None:
        def done(saved: tuple[Rule, ...]) -> None:
            dialog.accept()
            self.view.filter.clear()
            self.view.choose(saved[0].id)
            self.refresh()

        self._bridge.call(lambda studio: save(studio, project, Effect(effect), text), done, dialog.show_error)

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _remove(self, line: Line) -> None:
        rule = line.rule
        assert rule is not None

        def done(gone: Rule) -> None:
            self._removed.append(gone)
            self._offer_undo()
            self.refresh()

        self._bridge.call(lambda studio: studio.policies.remove(rule.id), done, self._on_failed)

    def _undo(self) -> None:
        if not self._removed:
            return
        rule = self._removed.pop()
        self._offer_undo()

        def done(saved: Rule) -> None:
            self.view.choose(saved.id)
            self.refresh()

        self._bridge.call(lambda studio: studio.policies.put_back(rule), done, self._on_failed)

    def _offer_undo(self) -> None:
        if not self._removed:
            self.view.show_undo("")
            return
        last = self._removed[-1]
        again = "asks again" if last.effect is Effect.ALLOW else "is not forbidden any more"
        self.view.show_undo(f"Removed: {last.kind.text} {again}.")

    def _on_failed(self, error: StudioError) -> None:
        self.view.error.show_error(error)
        self.refresh()


async def read(studio: Studio, project: ProjectId | None, role: str) -> Sheet:
    """Everything the page shows of a project, or of all for None; the policy is that of a role, or of every one."""
    roles = await studio.roles.list(project)
    chosen = next((each for each in roles.roles if each.name == role), None)
    return Sheet(
        projects=tuple(each for each in await studio.projects.list() if not each.archived),
        roles=roles,
        rules=await studio.policies.list(project),
        uses=await studio.policies.uses(project),
        policy=await studio.policies.table(project, chosen),
        mode=studio.models.default_approval(),
        asked=await studio.policies.asked(),
    )


async def save(studio: Studio, project: ProjectId, effect: Effect, text: str) -> tuple[Rule, ...]:
    """Saves what a person wrote, and gives the rules that it is."""
    if effect is Effect.ALLOW:
        return await studio.policies.allow(project, text)
    return (await studio.policies.deny(project, text.strip()),)


def _chosen(roles: RoleList, name: str) -> tuple[Role, ...]:
    """The role of this name, or all of them where none is chosen."""
    return tuple(role for role in roles.roles if name in ("", role.name))


def _asked(asked: tuple[AskedView, ...], project: ProjectId | None) -> str:
    """How often people were asked about this project, or about any for None."""
    hours: Counter[datetime] = Counter()
    for row in asked:
        if project in (None, row.project):
            hours[row.hour] += row.questions
    if not hours:
        return "Nobody was asked in the last 24 hours."
    return f"Asked in the last 24 hours: {hours.total()}, at most {max(hours.values())} in one hour"


def _matters(recorded: Recorded) -> bool:
    event = recorded.event
    return isinstance(event, _CHANGES) or (isinstance(event, ToolStarted) and bool(event.rules))
