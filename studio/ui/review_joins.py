"""Review joins: the review follows the run in front, and says when a branch is merged."""

from __future__ import annotations

from studio.domain.ids import RunId
from studio.ui.frame import Frame
from studio.ui.front import Front
from studio.ui.panels import Panels
from studio.ui.status.panel import StatusPanel


def join_review(panels: Panels, frame: Frame, status: StatusPanel, front: Front) -> None:
    """Leads the review to the run in front while one looks at it, or to a turn that the chat names."""
    review = panels.review

    def show_turn(run: RunId, turn: str) -> None:
        frame.show_panel("review")
        review.show_turn(run, turn)

    def follow(*_: object) -> None:
        if frame.current_middle == "review":
            review.follow(front.run)

    panels.chat.review_requested.connect(show_turn)
    panels.chat.run_changed.connect(follow)
    frame.middle_changed.connect(follow)
    review.count_changed.connect(lambda count: frame.rail.show_count("review", count))
    review.ask_about(panels.editor.unsaved_in)
    review.merged.connect(lambda _merged: status.say("Merged."))
