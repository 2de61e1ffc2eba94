"""Deciding: what a person says on an approval's card goes to the core."""

from __future__ import annotations

from collections.abc import Callable

from studio.domain.errors import StudioError
from studio.domain.rules import Scope
from studio.ui.bridge import Bridge
from studio.ui.chat.question import QuestionCard


def join_decisions(card: QuestionCard, bridge: Bridge, on_failed: Callable[[StudioError], None]) -> None:
    """Lets each answer of `card` decide its checkpoint; `on_failed` is told why one did not."""

    def approve(checkpoint: str, note: str) -> None:
        bridge.call(lambda studio: studio.checkpoints.approve(checkpoint, note), None, on_failed)

    def approve_kind(checkpoint: str, scope: str) -> None:
        wanted = Scope(scope)
        bridge.call(lambda studio: studio.checkpoints.approve(checkpoint, "", wanted), None, on_failed)

    def deny(checkpoint: str, note: str) -> None:
        bridge.call(lambda studio: studio.checkpoints.deny(checkpoint, note), None, on_failed)

    def answer(checkpoint: str, text: str) -> None:
        bridge.call(lambda studio: studio.checkpoints.answer(checkpoint, text), None, on_failed)

    card.approved.connect(approve)
    card.kind_approved.connect(approve_kind)
    card.denied.connect(deny)
    card.answered.connect(answer)
