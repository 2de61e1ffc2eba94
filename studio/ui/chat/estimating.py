"""Estimating: what a new chat will cost with the model that is chosen, told before its first message is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.domain.budgets import left_words
from studio.domain.estimates import Figures
from studio.domain.ids import ProjectId
from studio.domain.money import NanoUsd, show
from studio.ui.bridge import Bridge
from studio.ui.chat.composer import Composer
from studio.ui.chat.words import model_title
from studio.ui.widgets.labels import ElidedLabel
from studio.ui.widgets.names import tooltip

if TYPE_CHECKING:
    from studio.app.estimates import Foreseen


class EstimateLine(ElidedLabel):
    """One quiet line above the message of a new chat; not there while the project has too few runs to tell from.

    It follows the role and the model that the composer shows.
    """

    def __init__(self, composer: Composer) -> None:
        super().__init__(parent=composer)
        self.setObjectName("estimate")
        self.setAccessibleName("Estimate")
        self._composer = composer
        self._bridge: Bridge | None = None
        self._project = ProjectId("")
        self._asked: tuple[str, str] | None = None
        self.hide()
        composer.role_chosen.connect(lambda _role: self.look_again())
        composer.model_chosen.connect(self.look_again)

    def look(self, bridge: Bridge, project: ProjectId) -> None:
        """Tells what a new chat of this project will take, from now on."""
        self._bridge, self._project, self._asked = bridge, project, None
        self.look_again()

    def leave(self) -> None:
        """Says no more: the chat has begun."""
        self._bridge = None
        self.hide()

    def look_again(self) -> None:
        """Asks anew where role or model are others than those it tells of."""
        asked = self._composer.role, self._composer.model
        if self._bridge is None or not asked[1] or asked == self._asked:
            return
        self._asked = asked

        def done(foreseen: Foreseen) -> None:
            if self._asked == asked and self._bridge is not None:
                self._show(foreseen, asked[0])

        project = self._project
        self._bridge.call(lambda studio: studio.estimates.of(project, *asked), done, lambda _error: self.hide())

    def _show(self, foreseen: Foreseen, role: str) -> None:
        words, whole = in_words(foreseen), explained(foreseen, role)
        self.setVisible(bool(words))
        self.set_text(words)
        self.setToolTip(tooltip(whole))
        self.setAccessibleDescription(whole)
        self.setProperty("warns", foreseen.may_not_suffice)
        self.style().unpolish(self)
        self.style().polish(self)


def in_words(foreseen: Foreseen) -> str:
    """An estimate in a line; empty where there is none."""
    half, most = foreseen.estimate.half, foreseen.estimate.most
    if half is None or most is None:
        return ""
    if half.cost_nusd is None or most.cost_nusd is None:
        return f"Mostly up to {_steps(half)}, seldom over {_steps(most)}; its price is not known"
    if not most.cost_nusd:
        return f"Mostly up to {_steps(half)}, seldom over {_steps(most)}; free"
    words = f"Mostly up to {show(half.cost_nusd)}, seldom over {show(most.cost_nusd)}"
    if foreseen.tightest is not None and foreseen.may_not_suffice:
        return f"{words} · only {show(NanoUsd(max(0, foreseen.tightest.left_nusd)))} left"
    return words


def explained(foreseen: Foreseen, role: str) -> str:
    """What an estimate is told from, and all its figures."""
    told, model = foreseen.estimate, model_title(str(foreseen.model))
    if told.half is None or told.most is None:
        return ""
    whose = f"Of {told.runs} chats with the role {role} in this project"
    told_from = f"{whose}, at what their tokens cost with {model}" if told.by_price else f"{whose} and {model}"
    lines = [f"{told_from}: half took up to {_figures(told.half)}, nine of ten up to {_figures(told.most)}."]
    if foreseen.tightest is not None and foreseen.may_not_suffice:
        lines.append(f"What is left: {left_words(foreseen.tightest)}.")
    return " ".join(lines)


def _figures(figures: Figures) -> str:
    time = f", {figures.seconds:,.0f} s of the model's time" if figures.seconds is not None else ""
    return f"{show(figures.cost_nusd)}, {_steps(figures)}{time}"


def _steps(figures: Figures) -> str:
    return "1 step" if figures.steps == 1 else f"{figures.steps:,} steps"
