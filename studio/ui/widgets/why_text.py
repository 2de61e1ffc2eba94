"""The why text: what an agent said when it asked, in a few lines that unfold."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.base.text import shorten
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

FOLDED_CHARACTERS = 240
"""So much is seen of a long text: a reason that must be scrolled to is not read."""

LONG_CHARACTERS = 360
"""What is shorter is not worth a button."""


class WhyText(QWidget):
    """Words of an agent beside what it asks for, never as markup; nothing at all when it said nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self._folded = True
        self.words = label("", "small", wrap=True, parent=self)
        self.more = button("", self._on_more, "flat", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.words)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.say("")

    def say(self, why: str) -> None:
        """Shows these words in place of the former ones, folded when they are long."""
        self._whole = shown(" ".join(why.split()))
        self._folded = True
        self._refresh()
        self.setVisible(bool(self._whole))

    @property
    def _is_long(self) -> bool:
        return len(self._whole) > LONG_CHARACTERS

    def _on_more(self) -> None:
        self._folded = not self._folded
        self._refresh()

    def _refresh(self) -> None:
        seen = (
            " ".join(shorten(self._whole, FOLDED_CHARACTERS).split()) if self._is_long and self._folded else self._whole
        )
        self.words.setText(f"The agent said: {seen}")
        self.more.setText("Show all of it" if self._folded else "Show less")
        self.more.setAccessibleName(self.more.text())
        self.more.setVisible(self._is_long)
