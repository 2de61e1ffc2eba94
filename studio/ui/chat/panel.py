"""The chat panel: the strip of agents above one chat per run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from studio.domain.errors import StudioError
from studio.domain.events import Delta, Recorded, RunStarted
from studio.domain.files import Place
from studio.domain.ids import ProjectId, RunId
from studio.domain.roles import RoleList
from studio.domain.runs import STOPPABLE, Run, RunState
from studio.ui.bridge import Bridge
from studio.ui.chat.arriving import Arriving
from studio.ui.chat.chat import Chat
from studio.ui.chat.drafts import Drafts
from studio.ui.chat.going_back import GoingBack
from studio.ui.chat.links import ask_to_open
from studio.ui.chat.offers import Offers, all_offers, quick_offers
from studio.ui.chat.runs import RunRow, after, from_run, from_start, titled
from studio.ui.chat.sending_on import SendingOn
from studio.ui.chat.spots import Spot, SpotKind
from studio.ui.chat.strip import Strip
from studio.ui.chat.trying_again import TryingAgain
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown


class ChatPanel(QObject):
    """Chats of one project, joined to the core through the bridge.

    Signals:
        review_requested: show what a run's turn changed
        file_open_requested: open a path of a place at a line, which is 0 for anywhere
        text_open_requested: show a title's text, in a language, where it can be read
        apply_requested: put this code into the file that is open, for the person to see and save
        run_changed: another chat is in front; None is the new chat
        setup_requested: no model can be used and the person wants to change that
        rules_requested: what is let through and forbidden is to be shown
    """

    review_requested = Signal(object, str)
    file_open_requested = Signal(object, str, int)
    text_open_requested = Signal(str, str, str)
    apply_requested = Signal(str)
    run_changed = Signal(object)
    setup_requested = Signal()
    rules_requested = Signal()

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._theme = theme
        self.drafts = Drafts(self, bridge)
        self._project: ProjectId | None = None
        self._rows: dict[RunId, RunRow] = {}
        self._chats: dict[RunId, Chat] = {}
        self._arriving = Arriving()
        self._fresh: Chat | None = None
        self._current: RunId | None = None
        self._wanted: RunId | None = None
        self._offers = Offers(problem="Looking for models…")
        self._roles = RoleList()
        self._sending_on = SendingOn(lambda: self._roles, self._new_chat)
        self.widget = QWidget()
        self.widget.setObjectName("panelSurface")
        self._trying_again = TryingAgain(bridge, self.widget)
        self._going_back = GoingBack(bridge, self.widget)
        self._going_back.forked.connect(self.show_run)
        self.strip = Strip(theme, self.widget)
        self.pages = QStackedWidget(self.widget)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.strip)
        layout.addWidget(self.pages, 1)
        self.strip.chosen.connect(self.show_run)
        bridge.events_arrived.connect(self._on_events)

    @property
    def current_run(self) -> RunId | None:
        """The run whose chat is in front; None for the new chat."""
        return self._current

    @property
    def current_chat(self) -> Chat | None:
        """The chat in front."""
        return self._fresh if self._current is None else self._chats.get(self._current)

    def set_project(self, project: ProjectId | None, last: RunId | None = None) -> None:
        """Shows another project's chats, beginning with `last`, else the newest alive; the same stays as it is."""
        if project == self._project:
            return
        self._drop_chats()
        self._project, self._wanted, self._roles = project, last, RoleList()
        self.strip.show_rows((), None)
        if project is None:
            return
        self._show_fresh()
        self._bridge.call(lambda studio: studio.chats.runs(project), self._on_runs, self._on_failed)
        self.refresh_models()
        self._refresh_roles()

    def refresh_models(self) -> None:
        """Asks again which models can be used."""
        self._bridge.call(quick_offers, self._on_offers, self._on_failed)
        self._bridge.call(all_offers, self._on_offers, self._on_failed)

    def _refresh_roles(self) -> None:
        project = self._project
        self._bridge.call(
            lambda studio: studio.roles.list(project), lambda roles: self._on_roles(project, roles), self._on_failed
        )

    def new_chat(self) -> None:
        """Brings an empty chat to the front, ready to type."""
        self.show_run(None)
        self.focus_composer()

    def focus_composer(self) -> None:
        """Puts the keyboard into the message field of the chat in front."""
        if self.current_chat is not None:
            self.current_chat.page().composer.input.setFocus()

    def find(self) -> bool:
        """Begins a search in the chat in front when the keyboard is in this panel; returns whether it is."""
        focus = QApplication.focusWidget()
        if self.current_chat is None or focus is None or not self.widget.isAncestorOf(focus):
            return False
        self.current_chat.page().search.start()
        return True

    def show_run(self, run: RunId | None) -> None:
        """Brings a run's chat to the front; one that is not known yet follows as soon as it is."""
        if self._project is None:
            return
        row = self._rows.get(run) if run is not None else None
        self._wanted = run if row is None else None
        if row is None:
            self._show_fresh()
            # What was merged meanwhile may have changed them.
            self._refresh_roles()
            return
        if row.id not in self._chats:
            self._chats[row.id] = chat = self._made(self._project, row.id)
            chat.settle(row)
        self._bring(self._chats[row.id])

    def _show_fresh(self) -> None:
        if self._fresh is None and self._project is not None:
            self._fresh = self._made(self._project, None)
            self._fresh.offer_roles(self._roles)
        if self._fresh is not None:
            self._bring(self._fresh)

    def _bring(self, chat: Chat) -> None:
        page = chat.page()
        if self.pages.indexOf(page) < 0:
            self.pages.addWidget(page)
        chat.follow(self._rows.get(chat.run) if chat.run is not None else None, self._offers)
        self.pages.setCurrentWidget(page)
        changed = chat.run != self._current
        self._current = chat.run
        self._refresh_strip()
        if changed:
            self.run_changed.emit(chat.run)

    def _made(self, project: ProjectId, run: RunId | None) -> Chat:
        chat = Chat(self._bridge, self._theme, self.drafts, project, run, self)
        chat.started.connect(self._on_started)
        chat.spot_clicked.connect(partial(self._on_spot, chat))
        chat.setup_requested.connect(self.setup_requested)
        chat.rules_requested.connect(self.rules_requested)
        for offering in (self._sending_on, self._trying_again, self._going_back):
            offering.offer(chat)
        if run is not None:
            self._catch_up(chat, run)
        return chat

    def _new_chat(self) -> Chat | None:
        self.new_chat()
        return self._fresh

    def _catch_up(self, chat: Chat, run: RunId) -> None:
        for piece in self._arriving.of(run):
            chat.apply(piece)

    def _drop_chats(self) -> None:
        for chat in (*self._chats.values(), *([self._fresh] if self._fresh else [])):
            chat.discard()
        self._chats, self._rows, self._fresh, self._current = {}, {}, None, None
        self._arriving = Arriving()

    def _on_runs(self, runs: tuple[Run, ...]) -> None:
        titles = _titles(self._roles)
        rows = {run.id: titled(from_run(run), titles) for run in runs if run.project == self._project}
        self._rows = {**rows, **self._rows}
        alive = [row for row in self._rows.values() if row.state in STOPPABLE]
        if self._wanted in self._rows:
            self.show_run(self._wanted)
        elif self._current is None and alive and self._fresh is not None and not self._fresh.is_begun:
            self.show_run(alive[0].id)
        self._refresh_strip()

    def _on_roles(self, project: ProjectId | None, roles: RoleList) -> None:
        if project != self._project:
            return
        self._roles, titles = roles, _titles(roles)
        self._rows = {run: titled(row, titles) for run, row in self._rows.items()}
        if self._fresh is not None:
            self._fresh.offer_roles(roles)
        self._refresh_strip()

    def _on_offers(self, offers: Offers) -> None:
        if not offers.usable and self._offers.usable:
            return
        self._offers = offers
        if self.current_chat is not None:
            self.current_chat.follow(self._rows.get(self._current) if self._current else None, offers)

    def _on_events(self, items: list[Recorded | Delta]) -> None:
        changed = False
        for item in items:
            if item.run is None or item.project != self._project:
                continue
            if isinstance(item, Recorded):
                changed = self._note(item.run, item) or changed
            self._arriving.apply(item)
            if item.run in self._chats:
                self._chats[item.run].apply(item)
        if changed:
            self._refresh_strip()
            if self._wanted in self._rows:
                self.show_run(self._wanted)

    def _note(self, run: RunId, item: Recorded) -> bool:
        """Brings the run's row up to date; returns whether it changed."""
        row = self._rows.get(run)
        if isinstance(item.event, RunStarted):
            made = from_start(run, item.event)
            self._rows = {run: made, **self._rows, **({run: replace(made, state=row.state)} if row else {})}
            return True
        if row is None:
            return False
        self._rows[run] = after(row, item.event)
        if run in self._chats:
            self._chats[run].follow_setting(row, self._rows[run])
        if run == self._current and self._rows[run] != row:
            self._chats[run].follow(self._rows[run], self._offers)
        return self._rows[run] != row

    def _on_started(self, run: RunId) -> None:
        """A new chat became a run: it keeps its page, and the next new chat gets another."""
        chat, self._fresh = self._fresh, None
        if chat is None:
            return
        earlier = self._chats.get(run)
        self._chats[run] = chat
        self._catch_up(chat, run)
        self._rows = {run: chat.first_row(run), **self._rows}
        if earlier is not None:
            earlier.discard()
        if self._current in (None, run):
            self._bring(chat)

    def _on_spot(self, chat: Chat, spot: Spot) -> None:
        match spot.kind:
            case SpotKind.REVIEW:
                self.review_requested.emit(chat.run, spot.value)
            case SpotKind.FILE:
                self.file_open_requested.emit(Place(chat.project, chat.run), spot.value, spot.line)
            case SpotKind.SHOW:
                title = f"Code from the chat ({shown(spot.language) or 'text'})"
                self.text_open_requested.emit(title, spot.value, spot.language)
            case SpotKind.APPLY:
                self.apply_requested.emit(spot.value)
            case SpotKind.LINK:
                ask_to_open(spot.value, self.widget)
            case _:
                pass

    def _on_failed(self, error: StudioError) -> None:
        if self.current_chat is not None:
            self.current_chat.page().show_error(error)

    def _refresh_strip(self) -> None:
        rows = tuple(
            row for row in self._rows.values() if row.state is not RunState.DISCARDED or row.id == self._current
        )
        self.strip.show_rows(rows, self._current)


def _titles(roles: RoleList) -> dict[str, str]:
    return {role.name: role.title for role in roles.roles}
