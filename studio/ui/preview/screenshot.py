"""A screenshot: the shown page as an agent asked to see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from studio.base.aio import in_thread
from studio.domain.errors import StudioError
from studio.domain.events import Delta
from studio.ui.bridge import Bridge
from studio.ui.widgets.encoded import encoded

if TYPE_CHECKING:
    from studio.app.studio import Studio

WIDTH = 1280
_HEIGHT = 2560


def give_screenshot(bridge: Bridge, request: Delta, page: QWidget) -> None:
    """Answers the request with what `page` shows; not at all while nobody can see it.

    The engine draws nothing then, so that what could be grabbed is how the page looked at some earlier time.
    """
    if not page.isVisible() or page.window().isMinimized():
        return
    image = page.grab().toImage()

    async def give(studio: Studio) -> None:
        data = await in_thread(encoded, image, WIDTH, _HEIGHT)
        if data is not None:
            await studio.previews.answer_screenshot(request.run, request.call, data)

    bridge.call(give, failed=_unseen)


def _unseen(error: StudioError) -> None:
    """A picture that cannot be taken is one that nobody gave, which the agent is told."""
