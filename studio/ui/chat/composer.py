"""The composer: where a message is written, for which model, and sent."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from studio.domain.roles import Role, RoleList
from studio.domain.runs import RunState
from studio.domain.tools import ApprovalMode
from studio.ui.chat import role_menu
from studio.ui.chat.composer_sheet import sheet
from studio.ui.chat.gauge import ContextGauge
from studio.ui.chat.input import Input
from studio.ui.chat.offers import Offers
from studio.ui.chat.send_buttons import SendButtons, words_to_send
from studio.ui.chat.words import PLACEHOLDERS, approval_title, approval_word, model_choice, model_title, role_title
from studio.ui.theme import Theme
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import tooltip

_LEAST_WIDTH = 60
_ROLE_WIDTH = 86

USUAL_ROLE = "engineer"
"""The role of a new chat in which nobody chose one."""


class Composer(QFrame):
    """Keeps typed text until `accepted` says that it arrived.

    Signals:
        sent: a message is to go out
        queued: a message is to go out once the agent has stopped
        interrupted: the agent is to stop, and a message to go out then
        stop_requested: the agent is to stop
        setup_requested: no model can be used and the person wants to change that
        role_chosen: a new chat is to be had with this role
        model_chosen: another model is shown, whoever chose it
    """

    sent = Signal(str)
    queued = Signal(str)
    interrupted = Signal(str)
    stop_requested = Signal()
    setup_requested = Signal()
    role_chosen = Signal(str)
    model_chosen = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("composer")
        self._theme = theme
        self._offers = Offers()
        self._state = RunState.IDLE
        self._pending = ""
        self._pictures = 0
        self._model = ""
        self._allowed = ""
        self._approval: ApprovalMode | None = None
        self._roles: RoleList | None = None
        self._role = USUAL_ROLE
        self.input = Input(self)
        self.input.setAccessibleName("Message")
        self.input.submitted.connect(self._on_submit)
        self.input.submitted_now.connect(self._on_interrupt)
        self.input.textChanged.connect(self._refresh_buttons)
        self.roles = self._menu_button("Role")
        self.models = self._menu_button("Model")
        for button, name in ((self.roles, "composer_role"), (self.models, "composer_model")):
            button.setObjectName(name)
            button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            button.setMinimumWidth(_LEAST_WIDTH)
        self.approvals = self._menu_button("Approval mode")
        self._buttons = SendButtons(self)
        self.stop, self.send, self.interrupt = self._buttons.stop, self._buttons.send, self._buttons.interrupt
        self.stop.clicked.connect(self.stop_requested)
        self.send.clicked.connect(self._on_submit)
        self.interrupt.clicked.connect(self._on_interrupt)
        self._hint = label("", "composer_hint", wrap=True, parent=self)
        self._lay_out()
        self._fill_models()
        self._fill_approvals()
        theme.changed.connect(self.restyle)
        self.restyle()
        self._refresh()

    @property
    def model(self) -> str:
        """The chosen model, empty for the default."""
        return self._model

    @property
    def role(self) -> str:
        """The name of the role that a new chat is had with."""
        return self._role

    @property
    def role_title(self) -> str:
        """What people call that role."""
        return role_title(self._role, self._chosen_role.title if self._chosen_role else "")

    @property
    def is_working(self) -> bool:
        """Whether the agent works, so that it can be stopped."""
        return self._state is RunState.WORKING

    @property
    def pending(self) -> str:
        """The message that is on its way, empty when none is."""
        return self._pending

    @property
    def approval(self) -> ApprovalMode:
        """The chosen approval mode, or the one that the settings name."""
        return self._approval or ApprovalMode(self._offers.approval)

    def set_offers(self, offers: Offers) -> None:
        """Fills the model menu; a choice made before stays while it is offered."""
        self._offers = offers
        if not self._model:
            self._model = offers.default or (offers.models[0] if offers.models else "")
        self._fill_models()
        self._refresh()

    def set_roles(self, roles: RoleList) -> None:
        """Fills the role menu of a new chat; a choice made before stays while it is offered."""
        self._roles = roles
        if self._chosen_role is None:
            self._role = USUAL_ROLE
        role_menu.fill(self.roles.menu(), roles, self._role, self.choose_role)
        self.role_chosen.emit(self._role)
        self._refresh()

    def choose_role(self, name: str) -> None:
        """Has the new chat with this role."""
        self._role = name
        if self._roles is not None:
            role_menu.fill(self.roles.menu(), self._roles, name, self.choose_role)
        self.role_chosen.emit(name)
        self._refresh()

    def keep_role(self) -> None:
        """Takes the choice away: a run keeps its role."""
        self._roles = None
        self._refresh()

    def choose(self, model: str, approval: ApprovalMode | None) -> None:
        """Shows what a run is set to."""
        self._model = model
        self._approval = approval
        self._fill_models()
        self._refresh()
        self.model_chosen.emit()

    def allow(self, model: str) -> None:
        """Lets a run's own model be used though nobody offers it, such as a scripted one."""
        self._allowed = model
        self._refresh()

    def set_state(self, state: RunState) -> None:
        """Follows the run: while it works it can be stopped, and what is sent waits; a discarded one hears nothing."""
        self._state = state
        self._refresh()

    def accepted(self) -> None:
        """The message on its way arrived: the field is free for the next one."""
        self.input.let_go(self._pending)
        self._pending = ""
        self._refresh()

    def refused(self) -> None:
        """The message on its way did not arrive; its text stays in the field."""
        self._pending = ""
        self._refresh()

    def set_pictures(self, count: int) -> None:
        """Follows how many pictures go with the message: they can be sent without words."""
        self._pictures = count
        self._refresh_buttons()

    def show_above_text(self, widget: QWidget) -> None:
        """Gives a widget room above the text."""
        self._column.insertWidget(self._column.indexOf(self.input), widget)

    def restyle(self) -> None:
        """Takes fonts and colours from the theme again."""
        self.setStyleSheet(sheet(self._theme))
        self.input.setFont(self._theme.ui_font())

    def sizeHint(self) -> QSize:  # noqa: D102
        return QSize(300, super().sizeHint().height())

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        # The words of a menu stand under those of the message; only the names of role and model give way.
        row.addWidget(self.roles)
        row.addWidget(self.models)
        row.addWidget(self.approvals)
        row.addStretch()
        self.gauge = ContextGauge(self._theme, self)
        row.addWidget(self.gauge)
        row.addWidget(self.stop)
        row.addWidget(self.send)
        layout = self._column = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        layout.addWidget(self._hint)
        layout.addWidget(self.input)
        layout.addWidget(self.interrupt, 0, Qt.AlignmentFlag.AlignRight)
        layout.addLayout(row)

    @property
    def _usable(self) -> bool:
        return self._offers.usable or bool(self._model and self._model == self._allowed)

    def _menu_button(self, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setAccessibleName(name)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(QMenu(button))
        return button

    def _fill_models(self) -> None:
        menu = self.models.menu()
        menu.clear()
        group = QActionGroup(menu)
        names = list(self._offers.models)
        if self._model and self._model not in names:
            names.insert(0, self._model)
        for name in names:
            action = QAction(model_choice(name).replace("&", "&&"), menu, checkable=True, checked=name == self._model)
            action.triggered.connect(partial(self._on_model, name))
            group.addAction(action)
            menu.addAction(action)
        if not names:
            menu.addAction("No model is set up: what to do…", self.setup_requested.emit)

    def _fill_approvals(self) -> None:
        menu = self.approvals.menu()
        for mode in ApprovalMode:
            menu.addAction(approval_title(mode.value), partial(self._on_approval, mode))

    @property
    def _chosen_role(self) -> Role | None:
        offered = self._roles.roles if self._roles else ()
        return next((role for role in offered if role.name == self._role), None)

    def _on_model(self, name: str, _checked: bool = False) -> None:
        self.choose(name, self._approval)

    def _on_approval(self, mode: ApprovalMode) -> None:
        self.choose(self._model, mode)

    def _on_submit(self) -> None:
        if not self._usable:
            self.setup_requested.emit()
            return
        self._go(self.queued if self._state is RunState.WORKING else self.sent)

    def _on_interrupt(self) -> None:
        if self._usable and self._state is RunState.WORKING:
            self._go(self.interrupted)
        else:
            self._on_submit()

    def _go(self, way: SignalInstance) -> None:
        text = words_to_send(self.input.toPlainText(), self._pictures)
        if not text or self._pending or self._state is RunState.DISCARDED:
            return
        self._pending = text
        self._refresh()
        way.emit(text)

    def _refresh(self) -> None:
        """Makes every control say what it would do now."""
        self._refresh_buttons()
        self._hint.setText("" if self._usable else self._offers.problem)
        self._hint.setVisible(bool(self._hint.text()))
        self.models.setText(f"{model_title(self._model) if self._model else 'no model'} ▾")
        self.models.setToolTip(tooltip(self._model))
        self.roles.setVisible(self._roles is not None and bool(self._roles.roles))
        self.roles.setText(f"{self.role_title} ▾".replace("&", "&&"))
        # A short title is never cut; a longer one gives way to the model.
        self.roles.setMinimumWidth(min(self.roles.sizeHint().width(), _ROLE_WIDTH))
        self.roles.setToolTip(tooltip(self._chosen_role.purpose if self._chosen_role else ""))
        self.approvals.setText(f"{approval_word(self.approval.value)} ▾")
        self.approvals.setToolTip(approval_title(self.approval.value))
        self.input.setPlaceholderText(PLACEHOLDERS[self._state])
        # Qt keeps the old words on the screen as long as the field stays empty.
        self.input.viewport().update()

    def _refresh_buttons(self) -> None:
        text, pending = words_to_send(self.input.toPlainText(), self._pictures), bool(self._pending)
        self._buttons.show(self._state, text, usable=self._usable, pending=pending)
