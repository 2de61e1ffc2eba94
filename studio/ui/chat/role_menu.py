"""The role menu: whom a new chat can be had with, what each is for, and which roles are wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from studio.base.text import shorten
from studio.domain.roles import RoleList
from studio.ui.widgets.names import shown, tooltip

WORDS = 70
"""How many characters of a purpose or a problem a line shows; all of it is in the tooltip."""

PROBLEMS_MAX = 5


def fill(menu: QMenu, roles: RoleList, chosen: str, on_chosen: Callable[[str], None]) -> None:
    """Makes the menu anew: a line for each role with its purpose beside, then one for each problem."""
    menu.clear()
    menu.setToolTipsVisible(True)
    group = QActionGroup(menu)
    for role in roles.roles:
        action = _line(menu, f"{shown(role.title)}\t{shown(shorten(role.purpose, WORDS))}", role.purpose)
        action.setCheckable(True)
        action.setChecked(role.name == chosen)
        action.triggered.connect(partial(_choose, on_chosen, role.name))
        group.addAction(action)
    if roles.problems:
        menu.addSeparator()
    for problem in roles.problems[:PROBLEMS_MAX]:
        whole = f"{problem.text} {problem.hint}".strip()
        words = f"{shown(shorten(problem.role, WORDS)) or 'Roles'}\t{shown(shorten(problem.text, WORDS))}"
        _line(menu, words, whole).setEnabled(False)


def _line(menu: QMenu, words: str, about: str) -> QAction:
    action = QAction(words.replace("&", "&&"), menu)
    action.setToolTip(tooltip(about))
    menu.addAction(action)
    return action


def _choose(on_chosen: Callable[[str], None], name: str, _checked: bool = False) -> None:
    on_chosen(name)
