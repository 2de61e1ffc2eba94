"""One chat: its items, its page once it is looked at, and its calls to the core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from studio.domain.errors import StudioError
from studio.domain.events import ChatRestored, Delta, Recorded
from studio.domain.ids import ProjectId, RunId
from studio.domain.roles import RoleList
from studio.domain.runs import RunState
from studio.ui.bridge import Bridge
from studio.ui.chat.attached import AttachedImages
from studio.ui.chat.deciding import join_decisions
from studio.ui.chat.drafts import Drafts
from studio.ui.chat.folding import left_out_keys
from studio.ui.chat.helps import Helps
from studio.ui.chat.items import ChatItems
from studio.ui.chat.offers import Offers, if_usable
from studio.ui.chat.page import ChatPage
from studio.ui.chat.parked_card import join_parking
from studio.ui.chat.queue import ChatQueue
from studio.ui.chat.runs import RunRow
from studio.ui.chat.told import human_texts
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.chats import Sent

NEWEST = 1500
"""How many events are read at first: more than what the first page of rows comes from."""


class Chat(QObject):
    """Shows one run from the moment its page is asked for; a new chat has no run until its first message is accepted.

    Signals:
        started: a new chat became a run
        spot_clicked: a link, file or turn footer was clicked
        setup_requested: no model can be used and the person wants to change that
        rules_requested: what is let through and forbidden is to be shown
    """

    started = Signal(object)
    spot_clicked = Signal(object)
    setup_requested = Signal()
    rules_requested = Signal()

    def __init__(
        self, bridge: Bridge, theme: Theme, drafts: Drafts, project: ProjectId, run: RunId | None, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._theme = theme
        self._drafts = drafts
        self.project = project
        self.run = run
        self.items = ChatItems(self)
        self.fillers: list[Callable[[QMenu, int], None]] = []
        """Each adds entries to the menu of a row."""
        self.state: RunState | None = None
        self.offers = Offers()
        self._queue = ChatQueue(bridge, self)
        self._queue.accepted.connect(self._on_queued)
        self._queue.refused.connect(self._on_answered)
        self._page: ChatPage | None = None
        self._loading = self._completing = False
        self._early: list[Recorded] = []

    def page(self) -> ChatPage:
        """The chat's widgets, built and filled when first asked for."""
        if self._page is None:
            self._page = ChatPage(self.items, self._theme)
            self._page.list.fillers = self.fillers
            self._page.composer.input.restore(self._drafts.get(self.project, self.run))
            self._join(self._page)
            self._load()
        return self._page

    @property
    def is_begun(self) -> bool:
        """Whether the person typed or attached something."""
        page = self._page
        return page is not None and bool(page.composer.input.toPlainText() or page.attachments.images)

    def discard(self) -> None:
        """Takes the chat and its page away; its draft stays, unless the message on its way arrives.

        While one is, the chat outlives its page, to hear of it.
        """
        if self._page is None:
            self.deleteLater()
            return
        self._queue.leave()
        self._page.deleteLater()
        if not self._page.composer.pending:
            self.deleteLater()
        self._page = None

    def apply(self, item: Recorded | Delta) -> None:
        """Takes in what happened to the run."""
        if isinstance(item, Recorded) and self._loading:
            self._early.append(item)
        self.items.apply(item)
        self._queue.apply(item)
        if isinstance(item, Recorded) and isinstance(item.event, ChatRestored):
            self._load_folds()

    def follow(self, row: RunRow | None, offers: Offers) -> None:
        """Shows where the run stands and which models there are."""
        composer = self.page().composer
        self.offers = offers
        if row is not None:
            self.state = row.state
            composer.set_state(row.state)
            self._queue.set_state(row.state)
        composer.set_offers(offers)
        self.page().parked.follow(row, offers)
        self.page().estimate.look_again()

    def offer_roles(self, roles: RoleList) -> None:
        """Lets a new chat be had with one of these."""
        if self.run is None:
            self.page().composer.set_roles(roles)
            self.page().offer_beginnings(self._bridge, self.project)

    def first_row(self, run: RunId) -> RunRow:
        """What is known of a run that was made by this chat's first message, until the log tells."""
        composer = self.page().composer
        row = RunRow(run, composer.pending, composer.role, composer.model, composer.approval, RunState.WORKING)
        return replace(row, role_title=composer.role_title)

    def settle(self, row: RunRow) -> None:
        """Shows the model and approval mode that the run is set to."""
        self.page().composer.choose(row.model, row.approval)
        self._bridge.call(lambda studio: if_usable(studio, row.model), self._on_usable)

    def follow_setting(self, before: RunRow, now: RunRow) -> None:
        """Shows what the run was set to elsewhere, such as in a terminal, unless the person chose anew meanwhile."""
        composer, is_set = self._page and self._page.composer, (before.model, before.approval)
        if composer and (now.model, now.approval) != is_set and (composer.model, composer.approval) == is_set:
            self.settle(now)

    def go_on_with(self, model: str) -> None:
        """Shows that the run was set to another model, and the end, where its answer will be."""
        if self._page is not None:
            self._page.composer.choose(model, self._page.composer.approval)
            self._page.composer.allow(model)
            self._page.list.go_to_end()

    def _join(self, page: ChatPage) -> None:
        page.retry_requested.connect(self._load)
        self.items.earlier_wanted.connect(self._load_earlier)
        page.composer.sent.connect(self._send)
        page.composer.input.textChanged.connect(self._keep_draft)
        self._helps = Helps(self._bridge, page, lambda: (self.project, self.run))
        page.composer.stop_requested.connect(self._stop)
        page.composer.setup_requested.connect(self.setup_requested)
        page.question.rules_requested.connect(self.rules_requested)
        join_decisions(page.question, self._bridge, self._on_failed)
        join_parking(page.parked, self._bridge, lambda: self.run, self.go_on_with, self._on_failed)
        page.list.spot_clicked.connect(self.spot_clicked)
        self._queue.join(page)
        key = self._drafts.key(self.project, self.run)
        self._attached = AttachedImages(self._bridge, page.attachments, self._drafts.images, key)

    def _load(self) -> None:
        run = self.run
        if run is None:
            return
        self._loading = True
        self._queue.show(run)
        self.page().clear_error()
        if not self.items.rowCount():
            self.page().show_loading()
        self._bridge.call(lambda studio: studio.chats.log(run, NEWEST), self._on_log, self._on_log_failed)

    def _load_earlier(self) -> None:
        run = self.run
        if run is not None and not self._completing:
            self._completing = True
            self._bridge.call(lambda studio: studio.chats.log(run), self._on_whole_log, self._on_log_failed)

    def _on_whole_log(self, log: tuple[Recorded, ...]) -> None:
        self._completing = False
        self.items.complete(log)
        self.items.fold(left_out_keys(log))

    def _load_folds(self) -> None:
        """What a restore left out is told by the whole log only."""
        run = self.run
        if run is not None and self._page is not None:
            self._bridge.call(
                lambda studio: studio.chats.log(run),
                lambda log: self.items.fold(left_out_keys(log)),
                self._on_log_failed,
            )

    def _on_log(self, log: tuple[Recorded, ...]) -> None:
        self.items.load(log, is_whole=len(log) < NEWEST)
        self.items.fold(left_out_keys(log))
        for recorded in self._early:
            self.items.apply(recorded)
        self._early, self._loading = [], False
        if self._page is not None:
            self._page.composer.input.remember_earlier(human_texts(log))
            self._page.list.go_to_end()

    def _on_log_failed(self, error: StudioError) -> None:
        # The next reading brings what happens until then.
        self._early, self._loading, self._completing = [], False, False
        self.show_error(error, can_retry=True)

    def show_error(self, error: StudioError, *, can_retry: bool = False) -> None:
        """Says what went wrong, unless the chat was closed meanwhile."""
        if self._page is not None:
            self._page.show_error(error, can_retry=can_retry)

    def _send(self, text: str) -> None:
        page = self.page()
        page.clear_error()
        project, run, composer = self.project, self.run, page.composer
        model, approval, role = composer.model or None, composer.approval, composer.role
        images, begins = page.attachments.images, page.beginning
        self._bridge.call(
            lambda studio: studio.chats.send(
                project, text, run=run, model=model, approval=approval, role=role, images=images, **begins
            ),
            lambda sent: self._on_sent(sent, text, images),
            self._on_send_failed,
        )

    def _on_sent(self, sent: Sent, text: str, images: tuple[bytes, ...]) -> None:
        written = self._drafts.get(self.project, self.run)
        self._drafts.images.let_go(self._drafts.key(self.project, self.run), images)
        if self.run is None:
            self._drafts.put(self.project, None, "")
        self._drafts.put(self.project, sent.run, "" if written == text else written)
        if self._page is None:
            self.deleteLater()
            return
        page, was_new = self._page, self.run is None
        self.run = sent.run
        if was_new:
            self.started.emit(sent.run)
            page.composer.keep_role()
            page.leave_beginnings()
            self._load()
        page.composer.accepted()
        page.attachments.remove(images)
        self._attached.move(self._drafts.key(self.project, self.run))
        page.list.go_to_end()

    def _on_send_failed(self, error: StudioError) -> None:
        if self._page is not None:
            self._page.composer.refused()
            if self.run is None:
                self._page.offer_beginnings(self._bridge, self.project)
        self.show_error(error)
        self._on_answered()

    def _on_queued(self, text: str, images: tuple[bytes, ...]) -> None:
        self._drafts.images.let_go(self._drafts.key(self.project, self.run), images)
        if self._drafts.get(self.project, self.run) == text:
            self._drafts.put(self.project, self.run, "")
        self._on_answered()

    def _on_answered(self) -> None:
        """Ends a chat that was closed while its message was on its way."""
        if self._page is None:
            self.deleteLater()

    def _keep_draft(self) -> None:
        self._drafts.put(self.project, self.run, self.page().composer.input.draft)

    def _stop(self) -> None:
        run = self.run
        if run is not None:
            self._bridge.call(lambda studio: studio.chats.cancel(run), None, self._on_failed)

    def _on_usable(self, model: str) -> None:
        if self._page is not None:
            self._page.composer.allow(model)

    def _on_failed(self, error: StudioError) -> None:
        if self._page is not None:
            self._page.question.set_busy(False)
        self.show_error(error)
