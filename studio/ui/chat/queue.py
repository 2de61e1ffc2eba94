"""The queue of one chat: its cards and the composer's buttons, joined to the core."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.base.aio import in_thread
from studio.domain.errors import NotFound, StudioError
from studio.domain.events import Delta, Recorded
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.queue import KINDS, Queue, QueuedMessage
from studio.domain.runs import RunState
from studio.ui.bridge import Bridge
from studio.ui.chat.attachments import small_picture
from studio.ui.chat.page import ChatPage
from studio.ui.chat.unsent_images import Attached

if TYPE_CHECKING:
    from studio.app.studio import Studio


class ChatQueue(QObject):
    """Shows what waits in a run, and sends, changes and takes back what the person wants; one for each chat.

    Signals:
        accepted: text, images: a message is in the queue, or takes the place of what the agent does
        refused: one is not
    """

    accepted = Signal(str, tuple)
    refused = Signal()

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._run: RunId | None = None
        self._page: ChatPage | None = None
        self._queue = Queue()
        self._state = RunState.IDLE

    def join(self, page: ChatPage) -> None:
        """Follows the page's buttons; called once it is built."""
        self._page = page
        page.composer.queued.connect(self._add)
        page.composer.interrupted.connect(self._interrupt)
        page.queue.changed.connect(self._change)
        page.queue.taken_back.connect(self._take_back)
        page.queue.left_over.connect(page.composer.input.add)
        page.queue.send_requested.connect(self._send_next)

    def leave(self) -> None:
        """The page is gone."""
        self._page = None

    def show(self, run: RunId | None) -> None:
        """Shows the queue of this run."""
        self._run = run
        self._read()

    def set_state(self, state: RunState) -> None:
        """Follows where the run stands."""
        self._state = state
        self._refresh()

    def apply(self, item: Recorded | Delta) -> None:
        """Reads the queue again when something happened to it."""
        if isinstance(item, Recorded) and item.event.kind in KINDS and self._page is not None:
            self._read()

    def _read(self) -> None:
        run = self._run
        if run is not None:
            self._bridge.call(lambda studio: studio.queue.of(run), self._on_queue, self._on_failed)

    def _on_queue(self, queue: Queue) -> None:
        self._queue = queue
        self._refresh()

    def _refresh(self) -> None:
        if self._page is not None:
            self._page.queue.show_queue(self._queue, working=self._state is RunState.WORKING)

    def _add(self, text: str) -> None:
        run, page = self._run, self._page
        if run is None or page is None:
            return
        page.clear_error()
        model, approval, images = page.composer.model or None, page.composer.approval, page.attachments.images
        self._bridge.call(
            lambda studio: studio.queue.add(run, text, model, approval, images),
            lambda _sent: self._on_accepted(text, images),
            self._on_refused,
        )

    def _interrupt(self, text: str) -> None:
        run, page = self._run, self._page
        if run is None or page is None:
            return
        page.clear_error()
        model, approval, images = page.composer.model or None, page.composer.approval, page.attachments.images
        self._bridge.call(
            lambda studio: studio.queue.interrupt(run, text, model, approval, images),
            lambda _sent: self._on_accepted(text, images),
            self._on_refused,
        )

    def _change(self, turn: str, text: str) -> None:
        if (run := self._run) is not None:
            self._bridge.call(
                lambda studio: studio.queue.change(run, TurnId(turn), text),
                None,
                lambda error: self._on_not_changed(text, error),
            )

    def _on_not_changed(self, text: str, error: StudioError) -> None:
        """What was written goes where it can still be sent: most often the message just went out as it was."""
        if self._page is not None:
            self._page.composer.input.add(text)
        self._on_failed(error)

    def _take_back(self, turn: str) -> None:
        run, message = self._run, next((each for each in self._queue.waiting if each.turn == turn), None)
        if run is not None and message is not None:
            self._bridge.call(
                lambda studio: _taken_back(studio, run, message),
                lambda images: self._on_taken_back(message.text, images),
                self._on_failed,
            )

    def _on_taken_back(self, text: str, images: tuple[Attached, ...]) -> None:
        """The message goes where it can be changed and sent; while another is written there, Up brings it back."""
        if self._page is None:
            return
        field = self._page.composer.input
        if field.toPlainText().strip():
            field.remember(text)
        else:
            field.restore(text)
        for data, small in images:
            self._page.attachments.add(data, small)

    def _send_next(self) -> None:
        if (run := self._run) is not None:
            self._bridge.call(lambda studio: studio.queue.send_next(run), None, self._on_failed)

    def _on_accepted(self, text: str, images: tuple[bytes, ...]) -> None:
        if self._page is not None:
            self._page.composer.accepted()
            self._page.attachments.remove(images)
        self.accepted.emit(text, images)

    def _on_refused(self, error: StudioError) -> None:
        if self._page is not None:
            self._page.composer.refused()
        self._on_failed(error)
        self.refused.emit()

    def _on_failed(self, error: StudioError) -> None:
        if self._page is not None:
            self._page.show_error(error)


async def _taken_back(studio: Studio, run: RunId, message: QueuedMessage) -> tuple[Attached, ...]:
    """Takes a message out of the queue; gives the images that were attached to it and are still there."""
    await studio.queue.take_back(run, message.turn)
    project = (await studio.chats.run(run)).project if message.images else ProjectId("")
    images = []
    for image in message.images:
        with suppress(NotFound):
            images.append(await studio.chats.picture(project, image))
    return tuple([(data, await in_thread(small_picture, data)) for data in images])
